/** Drawn people for the cameras of the documentation's pictures: nobody's face is in this repository. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { Browser } from "./browser.ts";
import type { Host } from "./network.ts";
import { cache, temporary } from "./paths.ts";

export interface Looks {
  skin: string;
  shade: string;
  hair: string;
  shirt: string;
  wall: [string, string];
  lamp: string;
  hairstyle: "long" | "short";
}

const FRAMES = 30;
const FRAMES_PER_SECOND = 15;

/** Draws somebody who moves a little, and returns the clip for a camera. */
export async function drawPortrait(host: Host, name: string, looks: Looks): Promise<string> {
  const frames = temporary("portrait");
  const browser = await Browser.chromium(host);
  const page = await browser.open("about:blank");
  await page.setContent(`<body style="margin:0"></body>`);
  for (let frame = 0; frame < FRAMES; frame++) {
    const turn = Math.sin((frame / FRAMES) * 2 * Math.PI);
    await page.evaluate(
      (svg) => {
        document.body.innerHTML = svg;
      },
      drawing(looks, turn, frame === 12 || frame === 13),
    );
    const path = join(frames, `${String(frame).padStart(3, "0")}.png`);
    await page.screenshot({ path });
  }
  await browser.close();
  const clip = join(cache, "pictures", `${name}.y4m`);
  mkdirSync(join(cache, "pictures"), { recursive: true });
  const input = ["-framerate", `${FRAMES_PER_SECOND}`, "-i", join(frames, "%03d.png")];
  const output = ["-r", "30", "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "-y", clip];
  execFileSync("ffmpeg", ["-loglevel", "error", ...input, ...output], { stdio: "inherit" });
  return clip;
}

/** `turn` goes from -1 to 1. */
function drawing(looks: Looks, turn: number, blinks: boolean): string {
  const { skin, shade, hair, shirt, wall, lamp } = looks;
  const x = turn * 9;
  const tilt = turn * 1.6;
  const eye = (cx: number): string =>
    blinks
      ? `<path d="M${cx - 15} 322 q15 9 30 0" stroke="#2a1c16" stroke-width="5" fill="none"/>`
      : `<ellipse cx="${cx}" cy="320" rx="9.5" ry="12" fill="#2a1c16"/>
         <circle cx="${cx + 3}" cy="315" r="3.2" fill="#fff"/>`;
  const back =
    looks.hairstyle === "long"
      ? `<path d="M508 300 C496 130 784 130 772 300 C786 440 800 520 812 590 L468 590 C480 520 494 440 508 300Z" fill="${hair}"/>`
      : "";
  const front =
    looks.hairstyle === "long"
      ? `<path d="M512 336 C496 176 560 138 640 138 C722 138 786 176 770 336 C752 282 700 246 640 206 C598 246 536 280 512 336Z" fill="${hair}"/>`
      : `<path d="M516 300 C498 190 560 142 642 142 C726 142 782 190 764 300 C752 262 740 240 722 226 C668 244 596 240 556 224 C538 242 526 266 516 300Z" fill="${hair}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720" style="display:block">
  <defs>
    <linearGradient id="wall" x1="0" y1="0" x2="1" y2="1">
      <stop offset="0" stop-color="${wall[0]}"/><stop offset="1" stop-color="${wall[1]}"/>
    </linearGradient>
    <radialGradient id="light"><stop offset="0" stop-color="${lamp}" stop-opacity=".85"/>
      <stop offset="1" stop-color="${lamp}" stop-opacity="0"/></radialGradient>
    <linearGradient id="skin" x1="0" y1="0" x2="1" y2="0.4">
      <stop offset="0.35" stop-color="${skin}"/><stop offset="1" stop-color="${shade}"/>
    </linearGradient>
    <filter id="far"><feGaussianBlur stdDeviation="7"/></filter>
  </defs>
  <rect width="1280" height="720" fill="url(#wall)"/>
  <g filter="url(#far)">
    <circle cx="240" cy="180" r="250" fill="url(#light)"/>
    <rect x="930" y="96" width="230" height="300" rx="6" fill="#fff" opacity=".16"/>
    <rect x="952" y="118" width="186" height="256" fill="${shirt}" opacity=".35"/>
    <rect x="0" y="560" width="420" height="22" fill="#000" opacity=".18"/>
    <g fill="#2f5d43" opacity=".75"><ellipse cx="150" cy="470" rx="26" ry="90" transform="rotate(-24 150 470)"/>
      <ellipse cx="200" cy="460" rx="26" ry="100"/><ellipse cx="252" cy="472" rx="26" ry="90" transform="rotate(24 252 472)"/></g>
    <rect x="158" y="500" width="86" height="66" rx="10" fill="#b8673c" opacity=".85"/>
  </g>
  <g transform="translate(${x} ${Math.abs(turn) * 3})">
    <path d="M300 740 C312 596 430 556 560 536 L720 536 C850 556 968 596 980 740Z" fill="${shirt}"/>
    <path d="M556 538 C580 600 700 600 724 538 L700 528 L580 528Z" fill="#000" opacity=".14"/>
    <g transform="rotate(${tilt} 640 520)">
      ${back}
      <path d="M584 420 L584 540 C600 582 680 582 696 540 L696 420Z" fill="${shade}"/>
      <path d="M522 296 C522 196 566 158 640 158 C714 158 758 196 758 296 C758 396 716 468 640 468 C564 468 522 396 522 296Z" fill="url(#skin)"/>
      <ellipse cx="519" cy="322" rx="17" ry="30" fill="${skin}"/><ellipse cx="761" cy="322" rx="17" ry="30" fill="${shade}"/>
      ${front}
      ${eye(592)}${eye(688)}
      <path d="M566 292 q26 -15 50 -2 M664 290 q26 -13 50 2" stroke="${hair}" stroke-width="8" fill="none" stroke-linecap="round"/>
      <path d="M640 330 q-13 36 -4 46 q8 5 16 0" stroke="${shade}" stroke-width="6" fill="none" stroke-linecap="round"/>
      <path d="M594 402 q46 46 92 0 q-46 16 -92 0Z" fill="#8c3a35"/>
      <path d="M603 407 q37 17 74 0 q-37 8 -74 0Z" fill="#fff"/>
      <circle cx="560" cy="372" r="24" fill="#e0604f" opacity=".16"/><circle cx="720" cy="372" r="24" fill="#e0604f" opacity=".16"/>
    </g>
  </g></svg>`;
}
