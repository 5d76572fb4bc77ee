/** Pictures for the cameras: real, moving ones, as noise never reaches 720p. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

import { cache } from "./paths.ts";

const SECONDS = 4;
const CLIPS = {
  /** A test card with a moving pattern. */
  card: "testsrc2=size=1280x720:rate=30",
  /** The same, small: for stories in which the size of the picture doesn't matter. */
  "small card": "testsrc2=size=640x360:rate=30",
  /** A flight into the Mandelbrot set. */
  fractal: "mandelbrot=size=1280x720:rate=30:start_scale=0.4:end_scale=0.05",
  "small fractal": "mandelbrot=size=640x360:rate=30:start_scale=0.4:end_scale=0.05",
} as const;

export type Clip = keyof typeof CLIPS;

/** The file of a clip. */
export function clipPath(clip: Clip): string {
  return join(cache, "pictures", `${clip.replace(" ", "-")}.y4m`);
}

/** Makes the clips that are not there yet. */
export function makeClips(): void {
  mkdirSync(join(cache, "pictures"), { recursive: true });
  for (const clip of Object.keys(CLIPS) as Clip[]) {
    const path = clipPath(clip);
    if (existsSync(path)) continue;
    const unfinished = `${path}.unfinished`;
    const input = ["-f", "lavfi", "-i", CLIPS[clip], "-t", `${SECONDS}`];
    const output = ["-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "-y", unfinished];
    execFileSync("ffmpeg", ["-loglevel", "error", ...input, ...output], { stdio: "inherit" });
    renameSync(unfinished, path);
  }
}
