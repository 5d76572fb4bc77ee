/**
 * Calls in the app's own window on Linux, against calls between two Chromiums in the same run: each end
 * on a host and a screen of its own, cameras of 640×360 and of 1280×720 at 30 fps and sound, both ways.
 * Every call is between programs started for it. Cameras are drawn by the page (webrtc/in-page.js), the
 * same way at every end, with the time in them; what is shown is read off the screens (webrtc/glass.ts).
 *
 * - fps_360p: pictures a second that were received, at 640×360: the worst of app from Chromium, Chromium
 *   from app, app from app.
 * - fps_720p_vs_chromium: the same at 1280×720, divided by what Chromium receives from Chromium.
 * - shown_360p, shown_720p_vs_chromium: the same of pictures that were seen on the screens.
 * - cpu_vs_chromium: cores in use by all programs of the app's end of a call with Chromium at 640×360,
 *   divided by those of an end of a call between two Chromiums (browser and node).
 * - glass_to_glass_360p_vs_chromium, glass_to_glass_720p_vs_chromium: from the making of a picture to its
 *   being on the other's screen, from Chromium to the app, or from app to app if that is worse, divided
 *   by the time from Chromium to Chromium.
 * - accept_to_first_frame_vs_chromium: from the callee's click until the pictures of both are on the
 *   other's screen, calls between app and Chromium, divided by that of calls between two Chromiums.
 */
import { execFileSync } from "node:child_process";

import { type Figure, median, print, say, sayVersions } from "./figures.ts";
import { type CallFigures, type EndFigures, measureCall } from "./webrtc/call.ts";
import type { Kind, Size } from "./webrtc/ends.ts";

/** Rounds: medians are of this many calls of each pair and size. */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SIZES = { "360p": { width: 640, height: 360 }, "720p": { width: 1280, height: 720 } };
type SizeName = keyof typeof SIZES;
/** Who calls whom, by round. */
const PAIRS: Record<string, (round: number) => [Kind, Kind]> = {
  chromium: () => ["chromium", "chromium"],
  mixed: (round) => (round % 2 === 0 ? ["app", "chromium"] : ["chromium", "app"]),
  app: () => ["app", "app"],
};

sayVersions({ Chromium: ["chromium", "--version"] });
const webkit = ["--modversion", "webkit2gtk-4.1"];
say(`WebKitGTK ${execFileSync("pkg-config", webkit, { encoding: "utf8" }).trim()}`);

const calls: { pair: string; size: SizeName; call: CallFigures }[] = [];
for (let round = 0; round < ROUNDS; round++) {
  for (const [pair, kinds] of Object.entries(PAIRS)) {
    for (const [name, size] of Object.entries(SIZES) as [SizeName, Size][]) {
      say(`round ${round + 1} of ${ROUNDS}: ${kinds(round).join(" calls ")}, ${name}`);
      const call = await measureCall(kinds(round), size);
      for (const end of call.ends) say(`  ${described(end)}`);
      const [caller, callee] = call.firstFrames.map((time) => time.toFixed(0));
      say(`  accept to first frame: ${caller} ms at the caller, ${callee} ms at the callee`);
      calls.push({ pair, size: name, call });
    }
  }
}

const figures: Record<string, Figure> = {};
const compare = (key: string, goal: string, ours: number, theirs: number): void => {
  say(`${key}: ${ours.toFixed(3)} to Chromium's ${theirs.toFixed(3)}`);
  figures[key] = { value: ours / theirs, unit: "ratio", goal };
};
const received = ({ decoded }: EndFigures): number => decoded;
const shown = ({ seen }: EndFigures): number => seen.rate;
const age = ({ seen }: EndFigures): number => median(seen.ages);

figures.fps_360p = { value: worst(Math.min, "360p", received), unit: "fps", goal: ">= 28" };
figures.shown_360p = { value: worst(Math.min, "360p", shown), unit: "fps", goal: "none" };
for (const [key, goal, what] of [
  ["fps_720p_vs_chromium", ">= 0.9", received],
  ["shown_720p_vs_chromium", "none", shown],
] as const) {
  compare(key, goal, worst(Math.min, "720p", what), typical("chromium", "720p", "chromium", what));
}
const cores = ({ cores }: EndFigures): number => cores;
compare(
  "cpu_vs_chromium",
  "<= 1.8",
  typical("mixed", "360p", "app", cores),
  typical("chromium", "360p", "chromium", cores),
);
for (const size of ["360p", "720p"] as const) {
  const ours = Math.max(typical("mixed", size, "app", age), typical("app", size, "app", age));
  const theirs = typical("chromium", size, "chromium", age);
  compare(`glass_to_glass_${size}_vs_chromium`, "<= 0.5", ours, theirs);
}
const accept = (wanted: string): number =>
  median(
    calls.filter(({ pair }) => pair === wanted).map(({ call }) => Math.max(...call.firstFrames)),
  );
compare("accept_to_first_frame_vs_chromium", "<= 1.3", accept("mixed"), accept("chromium"));
print("linux-webrtc", figures);

/** The median over all calls of a pair at a size, of the ends of one kind. */
function typical(
  wanted: string,
  wantedSize: SizeName,
  kind: Kind,
  what: (end: EndFigures) => number,
): number {
  const fitting = calls.filter(({ pair, size }) => pair === wanted && size === wantedSize);
  const ends = fitting.flatMap(({ call }) => call.ends).filter((end) => end.kind === kind);
  return median(ends.map(what));
}

/** The worst of all directions in which the app takes part. */
function worst(
  pick: (...values: number[]) => number,
  size: SizeName,
  what: (end: EndFigures) => number,
): number {
  return pick(
    typical("mixed", size, "app", what),
    typical("mixed", size, "chromium", what),
    typical("app", size, "app", what),
  );
}

function described(end: EndFigures): string {
  const { kind, seen, decoded, cores, growth, codec } = end;
  const sorted = seen.ages.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(1);
  return [
    `${kind}: received ${decoded.toFixed(1)} fps (${codec}), shown ${seen.rate.toFixed(1)} fps`,
    `after ${at(0.5)} ms (95 %: ${at(0.95)} ms)`,
    `${cores.toFixed(2)} cores`,
    `memory ${(growth / 1e6).toFixed(0)} MB a minute`,
  ].join(", ");
}
