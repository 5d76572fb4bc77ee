import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { Network } from "../lab/network.ts";
import { launchNode, Node } from "../lab/node.ts";
import { temporary } from "../lab/paths.ts";
import { RawUi } from "../lab/raw.ts";

const network = new Network();
const host = network.addHost();
afterAll(() => {
  network.close();
});

const notices = async (node: Node): Promise<unknown> => {
  const ui = await RawUi.connect(host, node.port);
  await ui.attach();
  const { codes } = await ui.first("notices", (message) => message.event === "notices");
  ui.close();
  return codes;
};

test("asked to end, it does so in good order", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const node = await Node.start(host, { name: "Ada" });
    const ending = await node.program.end(signal);
    expect(ending).toMatchObject({ code: 0, signal: null });
  }
});

test("its ready line is all it writes on standard output with --json", async () => {
  const node = await Node.start(host, { name: "Ada" });
  expect(node.ready).toEqual({
    event: "ready",
    id: expect.stringMatching(/^[a-z2-7]{52}$/) as string,
    name: "Ada",
    local_url: "http://localhost:3000/",
    lan_urls: expect.arrayContaining([`https://${host.address}:3000/`]) as string[],
  });
  await node.stop();
  expect(node.program.out.all).toHaveLength(1);
});

test("it is the same node after a restart", async () => {
  const first = await Node.start(host, { name: "Ada" });
  await first.stop();
  const again = await Node.start(host, { name: "Ada", dataDir: first.dataDir });
  expect(again.ready.id).toBe(first.ready.id);
  await again.stop();
});

test("a port in use: it takes the next, and says so", async () => {
  const first = await Node.start(host, { name: "Ada" });
  const second = await Node.start(host, { name: "Bo" });
  expect([first.port, second.port]).toEqual([3000, 3001]);
  expect(await notices(second)).toContain("port_taken");
  await second.program.err.first("a word about the port", (line) => line.includes("3000"), 1);
  await Promise.all([first.stop(), second.stop()]);
});

test("another port can be asked for", async () => {
  const node = await Node.start(host, { name: "Ada", args: ["--port", "4567"] });
  expect(node.url).toBe("http://localhost:4567/");
  await node.stop();
});

test("settings that can't be read are kept aside, defaults are used, and it says so", async () => {
  const dataDir = temporary("corrupt");
  writeFileSync(join(dataDir, "settings.json"), '{"name": "Ada", ');
  const node = await Node.start(host, { name: "Ada", dataDir });
  expect(await notices(node)).toContain("settings_corrupt");
  const aside = readdirSync(dataDir).filter((name) => name.startsWith("settings.json.corrupt-"));
  expect(aside).toHaveLength(1);
  expect(readFileSync(join(dataDir, aside[0] ?? ""), "utf8")).toBe('{"name": "Ada", ');
  await node.stop();
});

test("a data directory it can't write in: it doesn't start, and says what to do", async () => {
  // Root may write everywhere, but not below a file.
  const file = join(temporary("unusable"), "file");
  writeFileSync(file, "");
  chmodSync(file, 0o400);
  const { program } = launchNode(host, { name: "Ada", dataDir: join(file, "data") });
  const ending = await program.ended;
  expect(ending.code).toBeGreaterThan(0);
  const said = program.err.all.map((line) => line.text).join("\n");
  expect(said).toContain(file);
  expect(said).toMatch(/data/i);
  expect(said).not.toContain("panicked");
});

test("the log tells what passes, and never what is in it", async () => {
  const node = await Node.start(host, { name: "Ada" });
  const ui = await RawUi.connect(host, node.port);
  await ui.attach("guest", "Mallory-the-secret-name");
  await ui.request({ type: "set_name", name: "another-secret-name" });
  await node.program.err.first("the request", (line) => line.includes("set_name"));
  await node.stop();
  const log = node.program.err.all.map((line) => line.text).join("\n");
  expect(log).toMatch(/\d+/);
  expect(log).not.toContain("secret-name");
});
