import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Network } from "../lab/network.ts";
import { Node } from "../lab/node.ts";
import { Person, openPage, talk } from "../lab/person.ts";
import { type Message, RawUi } from "../lab/raw.ts";
import { type Resident, Stage } from "../lab/stage.ts";

describe("the demo it began as: one page waits, and another calls it", () => {
  const stage = new Stage();
  let ada: Resident;
  beforeAll(async () => {
    ada = await stage.resident("Ada");
  });
  afterAll(() => stage.close());

  test("/#true in another tab of the same browser calls at once", async () => {
    const guest = new Person(await ada.browser.open(`${ada.node.url}#true`), "Guest");
    await ada.accepts();
    await talk(ada, guest);
    await hangUp(guest, ada);
    await guest.page.close();
  });

  test("/#true in another browser calls at once", async () => {
    const browser = await stage.browser(ada.host);
    const guest = new Person(await browser.open(`${ada.node.url}#true`), "Guest");
    await ada.accepts();
    await talk(ada, guest);
    await hangUp(guest, ada);
    await browser.close();
  });

  test("/#true waits for somebody to have the page open", async () => {
    await ada.page.close();
    const browser = await stage.browser(ada.host);
    const guest = new Person(await browser.open(`${ada.node.url}#true`), "Guest");
    await guest.reads("Waiting for Ada");
    const back = await ada.openTab();
    await back.accepts();
    await talk(back, guest);
    await hangUp(back, guest);
  });
});

describe("a browser on another host opens a node's page over the LAN", () => {
  const stage = new Stage();
  let ada: Resident;
  let bo: Resident;
  let gil: Person;
  beforeAll(async () => {
    [ada, bo] = await Promise.all([stage.resident("Ada"), stage.resident("Bo")]);
    const browser = await stage.browser(stage.network.addHost());
    gil = await openPage(browser, ada.node.lanUrl, "Gil");
  });
  afterAll(() => stage.close());

  test("plain HTTP from the LAN is led to HTTPS", () => {
    const plain = ada.node.lanUrl.replace("https:", "http:");
    const ask = `fetch(${JSON.stringify(plain)}, { redirect: "manual" })
      .then(({ status, headers }) => console.log(status, headers.get("cache-control"), headers.get("location")))`;
    const answer = bo.host.run(process.execPath, "--eval", ask).trim();
    expect(answer).toBe(`307 no-store ${ada.node.lanUrl}`);
  });

  test("and is a guest there, whom the owner and others see", async () => {
    await gil.reads("Guest on Ada");
    await gil.sees("Ada", "Bo");
    await ada.sees("Gil");
    await bo.nearby("Gil").getByText("via Ada").waitFor();
  });

  test("it calls the owner of that node", async () => {
    await gil.videoCalls("Ada");
    await ada.accepts();
    await talk(ada, gil);
    await hangUp(gil, ada);
  });

  test("it calls somebody on another node", async () => {
    await gil.videoCalls("Bo");
    await bo.accepts();
    await talk(bo, gil);
    await hangUp(bo, gil);
  });

  test("it is called by somebody on another node", async () => {
    await bo.videoCalls("Gil");
    await gil.accepts();
    await talk(bo, gil);
    await hangUp(bo, gil);
  });

  test("two guests of one node call each other", async () => {
    const browser = await stage.browser(stage.network.addHost());
    const hana = await openPage(browser, ada.node.lanUrl, "Hana");
    await hana.videoCalls("Gil");
    await gil.accepts();
    await talk(hana, gil);
    await hangUp(hana, gil);
    await browser.close();
  });

  test("its reload during a call leaves it who it was, and the call goes on", async () => {
    await gil.videoCalls("Bo");
    await bo.accepts();
    await talk(bo, gil);
    await gil.page.reload();
    await talk(bo, gil);
    await hangUp(gil, bo);
    await gil.reads("Guest on Ada");
    expect(await bo.nearby("Gil").count()).toBe(1);
  });

  test("it is gone from all lists once its page is closed", async () => {
    await gil.page.close();
    await ada.seesNoMore("Gil", 25);
    await bo.seesNoMore("Gil", 25);
  });
});

test("a guest who leaves takes nobody else of that node off the list", async () => {
  const network = new Network();
  const [here, there] = [network.addHost(), network.addHost()];
  const [ada, bo] = [
    await Node.start(here, { name: "Ada" }),
    await Node.start(there, { name: "Bo" }),
  ];
  const ui = await RawUi.connect(here, ada.port);
  await ui.attach();
  const names = (message: Message): string[] =>
    message.event === "roster" ? (message.peers as { name: string }[]).map(({ name }) => name) : [];
  for (const name of ["Gil", "Hana"]) {
    const from = ui.messages.length;
    const guest = await RawUi.connect(there, bo.port);
    await guest.attach("guest", name);
    const seen = await ui.first("the guest", (message) => names(message).includes(name), from);
    guest.close();
    // By the time the second is gone, all that the first one's goodbye does has been done.
    const present = ui.messages.indexOf(seen);
    await ui.first(
      "a list without",
      (message) => message.event === "roster" && !names(message).includes(name),
      present,
    );
  }
  const first = ui.messages.findIndex((message) => names(message).includes("Gil"));
  const later = ui.messages.slice(first).filter(({ event }) => event === "roster");
  expect(later.map(names).filter((list) => !list.includes("Bo"))).toEqual([]);
  network.close();
});

async function hangUp(one: Person, other: Person): Promise<void> {
  await one.hangsUp();
  await Promise.all([one.isTold("Call ended"), other.isTold("Call ended")]);
}
