import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { now } from "../lab/deadline.ts";
import { Node } from "../lab/node.ts";
import { talk } from "../lab/person.ts";
import { Program } from "../lab/program.ts";
import { type Resident, Stage } from "../lab/stage.ts";

describe("people find each other by mDNS alone", () => {
  const stage = new Stage();
  let ada: Resident;
  let bo: Resident;
  beforeAll(async () => {
    [ada, bo] = await Promise.all([stage.resident("Ada"), stage.resident("Bo")]);
  });
  afterAll(() => stage.close());

  test("both see each other, and nobody sees themselves", async () => {
    await ada.sees("Bo");
    await bo.sees("Ada");
    expect(await ada.nearby("Ada").count()).toBe(0);
  });

  test("a new name is seen by the other", async () => {
    await bo.renames("Bruno");
    await ada.sees("Bruno");
    await ada.seesNoMore("Bo");
    await bo.renames("Bo");
    await ada.sees("Bo");
  });

  test("one who is unplugged is gone soon, and back when plugged in again", async () => {
    bo.host.cutCable();
    const told = bo.page.getByRole("heading", { name: "This device has no network" }).waitFor();
    await ada.seesNoMore("Bo");
    await told;
    bo.host.mendCable();
    await Promise.all([ada.sees("Bo"), bo.sees("Ada")]);
  });

  test("one out of reach, with the carrier still there, is gone soon too", async () => {
    bo.host.silencePort();
    await ada.seesNoMore("Bo");
    bo.host.wakePort();
    await Promise.all([ada.sees("Bo"), bo.sees("Ada")]);
  });

  test("one whose address changed is called at the new one", async () => {
    bo.host.changeAddress("10.77.0.52");
    // The old address answers no more: a call that gets through has gone to the new one.
    await ada.sees("Bo");
    await bo.sees("Ada");
    await ada.videoCalls("Bo");
    await bo.accepts();
    await talk(ada, bo);
    await ada.hangsUp();
    await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
  });

  test("a goodbye takes a person off the list", async () => {
    await ada.sees("Bo");
    await Promise.all([bo.node.stop(), ada.seesNoMore("Bo")]);
  });

  test("a node that is killed is gone soon", async () => {
    bo.node = await Node.start(bo.host, { name: "Bo", dataDir: bo.node.dataDir });
    await ada.sees("Bo");
    await Promise.all([bo.node.kill(), ada.seesNoMore("Bo")]);
  });
});

describe("networks are what they are", () => {
  const stage = new Stage();
  afterAll(() => stage.close());

  test("a host without a network says so, and finds people once it has one", async () => {
    const ada = await stage.resident("Ada");
    const host = stage.network.addHost("none");
    const node = await Node.start(host, { name: "Bo" });
    expect(node.ready.lan_urls).toEqual([]);
    const browser = await stage.browser(host);
    const page = await browser.open(node.url);
    await page.getByRole("heading", { name: "This device has no network" }).waitFor();
    host.addInterface("eth0", "br0");
    await ada.sees("Bo");
    await page
      .getByRole("list", { name: "People nearby" })
      .getByRole("heading", { name: "Ada", exact: true })
      .waitFor();
    await browser.close();
  });

  test("one whose answer came without the TXT record is asked for it", async () => {
    const ada = await stage.resident("Eve");
    const host = stage.network.addHost();
    const id = "a".repeat(52);
    const said = ["v=1", `id=${id}`, "name=Terse", "kind=laptop", "status=available", "n=1"];
    const script = join(import.meta.dirname, "../lab/terse-responder.mjs");
    const args = [script, host.address, id, ...said];
    new Program(host, "terse-responder", process.execPath, args);
    await ada.sees("Terse");
  });

  test("one with two interfaces on the same network is one person, whichever cable is left", async () => {
    const ada = await stage.resident("Cleo");
    const host = stage.network.addHost();
    host.addInterface("eth1", "br0", "10.77.0.99");
    await Node.start(host, { name: "Dora" });
    await ada.sees("Dora");
    expect(await ada.nearby("Dora").count()).toBe(1);
    const since = now();
    host.cutCable("eth0");
    // Whoever checks on Dora takes at most 10 s to lose her: after that she is there to stay.
    await ada.page.waitForFunction(
      (end) => performance.timeOrigin + performance.now() > end,
      since + 10_000,
    );
    expect(await ada.nearby("Dora").count()).toBe(1);
  });
});
