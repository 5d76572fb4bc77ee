/** One measured call between two ends that are started for it. */
import { now, within } from "../../lab/deadline.ts";
import { Network } from "../../lab/network.ts";
import { type End, type Kind, openEnd, type Size } from "./ends.ts";
import { type Seen, Watch, watch } from "./glass.ts";
import { loadOf, spent } from "./load.ts";

/** Seconds that a call is given to find its size and rate, and that each thing is measured for. */
const SETTLE = Number(process.env.SETTLE ?? 5);
const MEASURE = Number(process.env.MEASURE ?? 6);

/** What one end has shown and cost. */
export interface EndFigures {
  kind: Kind;
  /** Pictures of the other end on its screen. */
  seen: Seen;
  /** Pictures a second that its peer connection has decoded. */
  decoded: number;
  /** Cores in use by all its programs. */
  cores: number;
  /** Bytes by which its memory (PSS) grew in a minute. */
  growth: number;
  codec: string;
}

/** What a call was like. */
export interface CallFigures {
  /** Milliseconds from the callee's click until caller and callee have seen the other. */
  firstFrames: [number, number];
  ends: [EndFigures, EndFigures];
}

/** The first end calls the second. */
export async function measureCall(kinds: [Kind, Kind], size: Size): Promise<CallFigures> {
  const network = new Network();
  const names = ["Ada", "Bo"] as const;
  try {
    const [caller, callee] = await Promise.all([
      openEnd(kinds[0], network, names[0], size),
      openEnd(kinds[1], network, names[1], size),
    ]);
    const ends = [caller, callee];
    const watches = [await Watch.of(caller), await Watch.of(callee)] as const;
    await Promise.all([caller.sees(names[1]), callee.sees(names[0])]);
    const firstFrames = await connect(caller, callee, names[1], watches);
    await seconds(SETTLE);
    const seen = await watch(watches, MEASURE);
    const took = await cost(ends, MEASURE);
    const figures = kinds.map((kind, index): EndFigures => {
      const [shown, taken] = [seen[index], took[index]];
      if (!shown || !taken) throw new Error("an end was not measured");
      return { kind, seen: shown, ...taken };
    });
    await Promise.all(ends.map((end) => end.close()));
    return { firstFrames, ends: figures as [EndFigures, EndFigures] };
  } finally {
    network.close();
  }
}

async function connect(
  caller: End,
  callee: End,
  name: string,
  [one, other]: readonly [Watch, Watch],
): Promise<[number, number]> {
  await caller.videoCalls(name);
  await callee.isRung();
  // Whoever answers within a blink isn't the case to be fast for: by then the path is made.
  for (const end of [caller, callee]) await within(20, "the path", connected(end));
  const first = within(20, "the first pictures", Promise.all([one.first(), other.first()]));
  first.catch(() => undefined);
  const clicked = callee.evaluate<number>(`window.moments.next("click Accept")`);
  await callee.accepts();
  const [seen, began] = [await first, await within(20, "a click", clicked)];
  return [seen[0] - began, seen[1] - began];
}

async function connected(end: End): Promise<void> {
  const state = `window.lab.connections.at(-1)?.connectionState`;
  while ((await end.evaluate<string>(state)) !== "connected") await seconds(0.05);
}

type Cost = Pick<EndFigures, "decoded" | "cores" | "growth" | "codec">;

async function cost(ends: readonly End[], duration: number): Promise<Cost[]> {
  const read = async () => {
    const at = now();
    const decoded = await Promise.all(ends.map((end) => end.evaluate<Decoded>(DECODED)));
    return ends.map(({ host }, index) => ({ at, ...loadOf(host), ...decoded[index] }));
  };
  const before = await read();
  await seconds(duration);
  const after = await read();
  return after.map((each, index) => {
    const earlier = before[index] ?? each;
    const passed = (each.at - earlier.at) / 1000;
    return {
      decoded: ((each.frames ?? 0) - (earlier.frames ?? 0)) / passed,
      cores: spent(earlier, each) / passed,
      growth: ((each.memory - earlier.memory) / passed) * 60,
      codec: each.codec ?? "",
    };
  });
}

interface Decoded {
  frames: number;
  codec: string;
}

const DECODED = `window.lab.connections.at(-1).getStats().then((all) => {
  const stats = [...all.values()];
  const video = stats.find((each) => each.type === "inbound-rtp" && each.kind === "video");
  const codec = stats.find((each) => each.id === video.codecId)?.mimeType ?? "";
  return { frames: video.framesDecoded, codec };
})`;

function seconds(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time * 1000));
}
