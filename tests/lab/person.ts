/** A person in front of a page of Lanline: what they click, and what they see. */
import type { Locator, Page } from "playwright-core";

import type { Browser } from "./browser.ts";

import {
  hearsSound,
  type Received,
  received,
  remotePicture,
  seesColour,
  seesPicture,
} from "./media.ts";
import type { Colour } from "./sharing.ts";

export class Person {
  readonly page: Page;
  readonly name: string;

  constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
  }

  /** An entry of the list of people nearby. */
  nearby(name: string): Locator {
    return this.page
      .getByRole("list", { name: "People nearby" })
      .getByRole("listitem")
      .filter({ has: this.page.getByRole("heading", { name, exact: true }) });
  }

  /** An entry of the list of recent calls. */
  recent(name: string): Locator {
    return this.page
      .getByRole("listitem")
      .filter({ has: this.page.getByRole("heading", { name, exact: true }) })
      .filter({ has: this.page.getByRole("button", { name: new RegExp(`^Call ${name} again`) }) })
      .first();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  async sees(...names: string[]): Promise<void> {
    for (const name of names) await this.nearby(name).waitFor();
  }

  async seesNoMore(name: string, seconds = 15): Promise<void> {
    await this.nearby(name).waitFor({ state: "detached", timeout: seconds * 1000 });
  }

  async videoCalls(name: string): Promise<void> {
    await this.button(`Video call ${name}`).click();
  }

  async audioCalls(name: string): Promise<void> {
    await this.button(`Audio call ${name}`).click();
  }

  async accepts(): Promise<void> {
    await this.button("Accept").click();
  }

  async declines(): Promise<void> {
    await this.button("Decline").click();
  }

  async cancels(): Promise<void> {
    await this.button("Cancel call").click();
  }

  async hangsUp(): Promise<void> {
    await this.button("Hang up").click();
  }

  /** It rings here. */
  async isRung(): Promise<void> {
    await this.button("Accept").waitFor();
  }

  /** It rings no more, or never did. */
  async isNotRung(): Promise<void> {
    await this.button("Accept").waitFor({ state: "detached" });
  }

  /** A call goes on here. */
  async isInCall(): Promise<void> {
    await this.button("Hang up").waitFor();
  }

  /** Is told how the call ended, and closes that view. */
  async isTold(ending: string, seconds = 15): Promise<void> {
    const heading = this.page.getByRole("heading", { name: ending, exact: true });
    await heading.waitFor({ timeout: seconds * 1000 });
    await this.button("Close").click();
  }

  /** Has the list of people before them again. */
  async isHome(): Promise<void> {
    await this.page.getByRole("list", { name: "People nearby" }).waitFor({ state: "attached" });
  }

  /** Changes the name others see. */
  async renames(name: string): Promise<void> {
    await this.button("Change name").click();
    // A guest without a name is asked for one elsewhere on the page, too.
    const form = this.page.getByRole("form", { name: "Change name" });
    await form.getByRole("textbox", { name: "Your name" }).fill(name);
    await form.getByRole("button", { name: "Save" }).click();
    await this.page.getByRole("heading", { name, exact: true, level: 2 }).waitFor();
  }

  /** Something on the page says this. */
  async reads(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** Nothing on the page says this any more. */
  async readsNoMore(text: string): Promise<void> {
    await this.page.getByText(text).first().waitFor({ state: "detached" });
  }

  /** The picture of the other, whether anything is shown in it or not. */
  picture(name: string): Locator {
    return this.page.locator(remotePicture(name));
  }

  async seesPictureOf(name: string): Promise<void> {
    await seesPicture(this.page, name);
  }

  /** What the other shares, in the middle of their picture. */
  async seesColourOf(name: string, colour: Colour): Promise<void> {
    await seesColour(this.page, name, colour);
  }

  async hears(): Promise<void> {
    await hearsSound(this.page);
  }

  received(): Promise<Received> {
    return received(this.page);
  }
}

/**
 * Both see and hear each other, proven on the receiving sides, straight over host candidates. Where a
 * browser hides its address behind an mDNS name, as Firefox does, a check of the path may arrive
 * before the name is resolved: then the same candidate is called peer-reflexive.
 */
export async function talk(one: Person, other: Person, kinds = ["host"]): Promise<void> {
  await Promise.all([
    one.seesPictureOf(other.name),
    other.seesPictureOf(one.name),
    one.hears(),
    other.hears(),
  ]);
  for (const person of [one, other]) {
    const { pairs } = await person.received();
    const straight = pairs.every((pair) => pair.local === "host" && kinds.includes(pair.remote));
    if (pairs.length !== 1 || !straight) {
      throw new Error(`${person.name} is connected over ${JSON.stringify(pairs)}`);
    }
  }
}

/** Opens a page of Lanline as a guest who gives themselves a name. */
export async function openPage(browser: Browser, url: string, name: string): Promise<Person> {
  const guest = new Person(await browser.open(url), name);
  await guest.renames(name);
  return guest;
}
