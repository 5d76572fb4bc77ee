import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { talk } from "../lab/person.ts";
import { Node } from "../lab/node.ts";
import { type Resident, Stage } from "../lab/stage.ts";

const stage = new Stage();
let ada: Resident;
let bo: Resident;
beforeAll(async () => {
  [ada, bo] = await Promise.all([stage.resident("Ada"), stage.resident("Bo")]);
});
afterAll(() => stage.close());

beforeEach(async () => {
  await ada.sees("Bo");
  await bo.sees("Ada");
  await ada.videoCalls("Bo");
  await bo.accepts();
  await talk(ada, bo);
});

test("the caller's page is reloaded, and the call goes on", async () => {
  await ada.page.reload();
  await talk(ada, bo);
  await hangUp();
});

test("the callee's page is reloaded, and the call goes on", async () => {
  await bo.page.reload();
  await talk(ada, bo);
  await hangUp();
});

test("both pages are reloaded, one after the other, and the call goes on", async () => {
  await ada.page.reload();
  await bo.page.reload();
  await talk(ada, bo);
  await hangUp();
});

test("the page is closed for good: both sides end, with a reason", async () => {
  await bo.page.close();
  await ada.isTold("The connection to Bo was lost", 25);
  const page = await bo.browser.open(bo.node.url);
  Object.assign(bo, { page });
  await bo.isHome();
});

test("a node is killed: the media goes on, and the other side is told in the end", async () => {
  const { framesDecoded } = await ada.received();
  await bo.node.kill();
  await ada.seesPictureOf("Bo");
  expect((await ada.received()).framesDecoded).toBeGreaterThan(framesDecoded);
  await ada.hangsUp();
  await ada.isTold("Call ended");
  bo.node = await Node.start(bo.host, { name: "Bo", dataDir: bo.node.dataDir });
  await bo.page.reload();
  await bo.isHome();
});

test("an address changes during the call, and the call goes on", async () => {
  bo.host.changeAddress("10.77.0.61");
  await talk(ada, bo);
  await hangUp();
});

async function hangUp(): Promise<void> {
  await ada.hangsUp();
  await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
}
