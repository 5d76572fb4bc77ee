/**
 * How fast a call comes to be: two hosts, a node and a Chromium on each, cameras of 1280×720.
 *
 * - click_to_ring_ms: from the caller's click until the callee's page offers to accept.
 * - accept_to_first_frame_ms: from the callee's click until both have rendered a frame of the other.
 * - accept_to_first_frame_vs_one_page: that, divided by the time a single page takes that holds both
 *   peer connections, in the same run: from a click until both ends of the page have rendered a
 *   frame of the other, without any network or signaling between.
 */
import type { Page } from "playwright-core";

import { Stage } from "../lab/stage.ts";
import { print, ROUNDS, say, sayVersions, summary } from "./figures.ts";
import { Moments } from "./moments.ts";

sayVersions({ Chromium: ["chromium", "--version"] });
const stage = new Stage();
const ada = await stage.resident("Ada", { camera: "card" });
const bo = await stage.resident("Bo", { camera: "fractal" });
const [atAda, atBo] = [await Moments.of(ada.page), await Moments.of(bo.page)];
const onePage = await openOnePage();
await ada.sees("Bo");

const ring: number[] = [];
const frame: number[] = [];
const reference: number[] = [];
for (let round = 1; round <= ROUNDS; round++) {
  // A tab in the background renders a frame a second.
  await onePage.bringToFront();
  reference.push(await callInOnePage(onePage));
  await ada.page.bringToFront();

  await Promise.all([atAda.forget(), atBo.forget()]);
  await ada.videoCalls("Bo");
  const rang = await atBo.next("ring");
  ring.push(rang - (await atAda.next("click Video call Bo")));
  // Whoever answers within a blink isn't the case to be fast for: by then the path is made.
  await transportsAreConnected(ada.page, bo.page);
  await bo.accepts();
  const frames = await Promise.all([atAda.next("frame"), atBo.next("frame")]);
  frame.push(Math.max(...frames) - (await atBo.next("click Accept")));
  await ada.hangsUp();
  await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
  await Promise.all([ada.isHome(), bo.isHome()]);
  say(`round ${round} of ${ROUNDS}`);
}
await stage.close();

const accept = summary("accept to first frame, ms", frame);
const one = summary("one page: click to first frame, ms", reference);
print("call", {
  click_to_ring_ms: { value: summary("click to ring, ms", ring), unit: "ms", goal: "none" },
  accept_to_first_frame_ms: { value: accept, unit: "ms", goal: "none" },
  accept_to_first_frame_vs_one_page: { value: accept / one, unit: "ratio", goal: "<= 1.0" },
});

async function transportsAreConnected(...pages: Page[]): Promise<void> {
  for (const page of pages) {
    await page.waitForFunction(
      () => window.lab.connections.at(-1)?.connectionState === "connected",
    );
  }
}

/** A page of a secure origin with nothing on it but a button and two pictures. */
async function openOnePage(): Promise<Page> {
  const page = await ada.browser.context.newPage();
  await page.route("http://localhost:9/", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: "<button>Call</button><video autoplay muted></video><video autoplay muted></video>",
    }),
  );
  await page.goto("http://localhost:9/");
  return page;
}

async function callInOnePage(page: Page): Promise<number> {
  const done = page.evaluate(async () => {
    const [button, ...videos] = document.querySelectorAll<HTMLElement>("button, video");
    const clicked = await new Promise<number>((resolve) => {
      button?.addEventListener(
        "click",
        (event) => {
          resolve(event.timeStamp);
        },
        { once: true },
      );
    });
    const media = { audio: true, video: { width: 1280, height: 720, frameRate: 30 } };
    const stream = await navigator.mediaDevices.getUserMedia(media);
    const ends = [new RTCPeerConnection(), new RTCPeerConnection()] as const;
    const frames = ends.map((end, index) => {
      const video = videos[index] as HTMLVideoElement;
      const other = ends[index === 0 ? 1 : 0];
      end.onicecandidate = ({ candidate }) => void other.addIceCandidate(candidate ?? undefined);
      end.ontrack = ({ streams }) => {
        video.srcObject = streams[0] ?? null;
      };
      for (const track of stream.getTracks()) end.addTrack(track, stream);
      return new Promise<number>((resolve) => {
        video.requestVideoFrameCallback(() => {
          resolve(performance.now());
        });
      });
    });
    const [caller, callee] = ends;
    await caller.setLocalDescription();
    await callee.setRemoteDescription(caller.localDescription as RTCSessionDescriptionInit);
    await callee.setLocalDescription();
    await caller.setRemoteDescription(callee.localDescription as RTCSessionDescriptionInit);
    const took = Math.max(...(await Promise.all(frames))) - clicked;
    for (const end of ends) end.close();
    for (const track of stream.getTracks()) track.stop();
    for (const video of videos) (video as HTMLVideoElement).srcObject = null;
    return took;
  });
  await page.getByRole("button", { name: "Call" }).click();
  return done;
}
