/** A LAN with people on it, each with a host, a node and a browser that shows the node's page. */
import type { Page } from "playwright-core";

import { Browser, type BrowserOptions } from "./browser.ts";
import { type Host, Network } from "./network.ts";
import { Node, type NodeOptions } from "./node.ts";
import { Person } from "./person.ts";

/** Somebody who has a device of their own, with a node on it. */
export class Resident extends Person {
  readonly host: Host;
  readonly browser: Browser;
  node: Node;

  constructor(page: Page, host: Host, browser: Browser, node: Node) {
    super(page, node.name);
    this.host = host;
    this.browser = browser;
    this.node = node;
  }

  /** The same person in another tab of the same browser. */
  async openTab(hash = ""): Promise<Person> {
    return new Person(await this.browser.open(this.node.url + hash), this.name);
  }
}

export class Stage {
  readonly network = new Network();
  readonly #browsers: Browser[] = [];

  /** A person on a new host: a node, and its page in a browser. */
  async resident(
    name: string,
    options: BrowserOptions & {
      browser?: "chromium" | "firefox";
      node?: Partial<NodeOptions>;
    } = {},
  ): Promise<Resident> {
    const host = this.network.addHost();
    const [node, browser] = await Promise.all([
      Node.start(host, { name, ...options.node }),
      this.browser(host, options),
    ]);
    return new Resident(await browser.open(node.url), host, browser, node);
  }

  async browser(
    host: Host,
    options: BrowserOptions & { browser?: "chromium" | "firefox" } = {},
  ): Promise<Browser> {
    const browser = await Browser[options.browser ?? "chromium"](host, options);
    this.#browsers.push(browser);
    return browser;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#browsers.map((browser) => browser.close()));
    this.network.close();
  }
}
