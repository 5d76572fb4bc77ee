/**
 * How fast people find each other, and lose each other.
 *
 * - start_to_seen_ms: from the start of a node's process until its person is in the list of a page
 *   on another host.
 * - start_to_seen_vs_avahi: that, divided by avahi's time in the same run: from the start of
 *   avahi-publish-service until avahi-browse on another host has resolved the service.
 * - newcomer_sees_ms: from the start of a node's process until a UI attached to it has been told of
 *   somebody who was there long before, and has not told anybody else for a second: a record is not
 *   multicast again within one (RFC 6762, section 6), so of two newcomers the second waits for that.
 * - killed_to_gone_s: from the kill of a node's process until its person is off that page's list.
 * - goodbye_to_gone_s: the same for a process that is asked to end.
 * - goodbye_to_exit_s: from there until that process has ended.
 */
import { Avahi } from "../lab/avahi.ts";
import { now } from "../lab/deadline.ts";
import type { Host } from "../lab/network.ts";
import { Node } from "../lab/node.ts";
import { RawUi, reach } from "../lab/raw.ts";
import { Stage } from "../lab/stage.ts";
import { print, ROUNDS, say, sayVersions, summary } from "./figures.ts";
import { Moments } from "./moments.ts";

sayVersions({
  avahi: ["avahi-daemon", "--version"],
  Chromium: ["chromium", "--version"],
});
/** Milliseconds after which somebody who has answered does so again, and a little. */
const ANSWERED_AGAIN = 2_500;

const stage = new Stage();
const lanline = await measureLanline();
const avahi = await measureAvahi(stage.network.addHost(), stage.network.addHost());
await stage.close();

const seen = summary("start to seen, ms", lanline.seen);
const seenAvahi = summary("avahi: publish to resolved, ms", avahi);
print("discovery", {
  start_to_seen_ms: { value: seen, unit: "ms", goal: "< 150" },
  start_to_seen_vs_avahi: { value: seen / seenAvahi, unit: "ratio", goal: "< 1" },
  newcomer_sees_ms: {
    value: summary("newcomer sees, ms", lanline.newcomer),
    unit: "ms",
    goal: "< 100",
  },
  killed_to_gone_s: { value: summary("killed to gone, s", lanline.gone), unit: "s", goal: "<= 10" },
  goodbye_to_gone_s: {
    value: summary("goodbye to gone, s", lanline.goodbye),
    unit: "s",
    goal: "<= 1.2",
  },
  goodbye_to_exit_s: { value: summary("goodbye to exit, s", lanline.exit), unit: "s", goal: "< 1" },
});

async function measureLanline(): Promise<
  Record<"seen" | "newcomer" | "gone" | "goodbye" | "exit", number[]>
> {
  const results = {
    seen: [] as number[],
    newcomer: [] as number[],
    gone: [] as number[],
    goodbye: [] as number[],
    exit: [] as number[],
  };
  const ada = await stage.resident("Ada");
  const page = await Moments.of(ada.page);
  const host = stage.network.addHost();
  const socket = await reach(host, "127.0.0.1", 3000);
  for (let round = 1; round <= ROUNDS; round++) {
    await new Promise((resolve) => setTimeout(resolve, ANSWERED_AGAIN));
    const name = `Bo ${round}`;
    const node = await Node.start(host, { name });
    const { startedAt } = node.program;
    const ui = await RawUi.connect(host, node.port, { socket });
    await ui.attach();
    const roster = await ui.first("Ada in the roster", ({ event, peers }) => {
      if (event !== "roster") return false;
      return (peers as { name: string }[]).some((peer) => peer.name === "Ada");
    });
    results.newcomer.push(ui.arrival(roster) - startedAt);
    results.seen.push((await page.next(`${name} appeared`)) - startedAt);
    ui.close();
    const killed = now();
    await node.kill();
    results.gone.push(((await page.next(`${name} gone`)) - killed) / 1000);

    const polite = await Node.start(host, { name: `${name}, polite` });
    await page.next(`${name}, polite appeared`);
    const asked = now();
    const gone = page.next(`${name}, polite gone`);
    await polite.stop();
    results.exit.push((now() - asked) / 1000);
    results.goodbye.push(((await gone) - asked) / 1000);
    say(`round ${round} of ${ROUNDS}`);
  }
  return results;
}

async function measureAvahi(one: Host, other: Host): Promise<number[]> {
  const [publisher, browser] = [await Avahi.start(one), await Avahi.start(other)];
  const results: number[] = [];
  const browse = browser.browse();
  for (let round = 1; round <= ROUNDS; round++) {
    const name = `bench-${round}`;
    const publish = publisher.publish(name);
    const resolved = await browse.out.first(`${name} resolved`, (line) => {
      return line.startsWith("=;") && line.includes(`;${name};`);
    });
    results.push(resolved.at - publish.startedAt);
    await publish.end("SIGTERM");
  }
  await browse.end("SIGTERM");
  return results;
}
