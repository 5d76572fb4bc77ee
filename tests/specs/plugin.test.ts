/**
 * The webrtc plugin as other people's code sees it: its example app, with the examples of simple-peer's
 * and PeerJS's READMEs as they are, in this window and with Chromium on another host.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Host } from "../lab/network.ts";
import { root, target } from "../lab/paths.ts";
import { Program } from "../lab/program.ts";
import { Seat } from "../lab/seat.ts";
import type { Session } from "../lab/session.ts";
import { SHARED_COLOUR } from "../lab/sharing.ts";
import { Stage } from "../lab/stage.ts";
import { Desktop } from "../lab/tauri.ts";

const example = join(root, "plugins/webrtc/examples/app");
const application = { application: join(target, "debug/webrtc-example"), args: ["--mock-capture"] };
const inWindow = readFileSync(join(import.meta.dirname, "../lab/in-window.js"), "utf8");
const PORT = 8000;

let stage: Stage;
let desktop: Desktop;
let window: Session;
beforeEach(async () => {
  stage = new Stage();
  desktop = await Desktop.start(stage.network.addHost(), "Example");
  window = await desktop.drive(application);
});
afterEach(async () => {
  await desktop.close();
  await stage.close();
});

test("a call between two ends in one window", async () => {
  await open("loopback.html");
  await clicks("Call");
  await says("track: video");
  await says("caller: connected");
  await says("channel: open");
  await seesPicture("Received");
  await window.evaluateAsync(
    `new Promise((done) => document.querySelector("#remote").requestVideoFrameCallback(() => done()))`,
  );
  const heard = "(receiver) => receiver.getSynchronizationSources().length === 1";
  await becomes(`callee.getReceivers().every(${heard})`);
  await window.execute(`document.querySelector("#text").value = "hello"`);
  await clicks("Send");
  await says("answered: hello, too");

  const seat = await Seat.at(desktop.display);
  await clicks("Share the screen");
  await seat.goesTo("Share a screen");
  seat.presses("Return");
  await seat.seesNoMore("Share a screen");
  seat.lays(SHARED_COLOUR, 1280, 800);
  await window.evaluateAsync(seesOneColour);
  seat.leaves();
  await clicks("Back to the camera");
  await says("the camera is back");
  const ufrag = `/ice-ufrag:(\\S+)/.exec(caller.currentLocalDescription.sdp)[1]`;
  const before = await window.evaluate(ufrag);
  await clicks("Restart ICE");
  await becomes(`${ufrag} !== ${JSON.stringify(before)}`);
  await seesPicture("Received");
  await window.find(`//pre[contains(., "video: ")]`);
  await clicks("Hang up");
  await says("hung up");
});

test("a track that is asked for before one is ready shows its pictures all the same", async () => {
  await open("index.html");
  await window.execute(lastOfMany);
  await seesPicture("Received");
});

test("simple-peer's examples", async () => {
  await open("simple-peer/data-channels.html");
  await says("got a message from peer1: hey peer2, how is it going?");
  await open("simple-peer/video-voice.html");
  await seesPicture("Received");
  await open("simple-peer/dynamic-video-voice.html");
  await seesPicture("Received");
});

test("simple-peer's two pages: this window and Chromium, data and media both ways", async () => {
  const page = await chromium("simple-peer/two-pages.html");
  await open("simple-peer/two-pages.html#1");
  const offer = await outgoing(window);
  await page.fill("#incoming", offer);
  await page.click("button");
  await page.waitForFunction(`document.querySelector("#outgoing").textContent !== ""`);
  const answer = await page.textContent("#outgoing");
  await window.execute(
    `document.querySelector("#incoming").value = ${JSON.stringify(answer)};
     document.querySelector("form").requestSubmit();`,
  );
  await says("CONNECT");
  await says("data: whatever");

  // The example shows the last signal only; all of them are carried over from here on.
  const prepare = `
    globalThis.signals = [];
    p.on("signal", (data) => signals.push(JSON.stringify(data)));
    const video = document.createElement("video");
    video.setAttribute("aria-label", "Received");
    video.autoplay = true;
    document.body.append(video);
    p.on("stream", (stream) => { video.srcObject = stream; });`;
  const add = `navigator.mediaDevices.getUserMedia({ audio: true, video: true })
    .then((stream) => { p.addStream(stream); })`;
  await Promise.all([window.execute(prepare), page.evaluate(prepare)]);
  let over = false;
  const take = `(() => signals.splice(0))()`;
  const carry = async (): Promise<void> => {
    while (!over) {
      const there = (await window.evaluate(take)) as string[];
      for (const one of there) await page.evaluate(`p.signal(${one})`);
      const back = await page.evaluate<string[]>(take);
      for (const one of back) await window.execute(`p.signal(${one})`);
    }
  };
  const carried = carry();
  await window.evaluateAsync(add);
  await plays(page);
  await page.evaluate(add);
  await seesPicture("Received");
  over = true;
  await carried;
});

test("PeerJS's examples, with Chromium on another host", async () => {
  const server = new Program(desktop.host, "peer-server", process.execPath, [
    join(example, "node_modules/peer/dist/bin/peerjs.js"),
    "--port",
    "9000",
  ]);
  await server.out.first("the PeerServer", (text) => text.includes("Started PeerServer"));
  const host = `host=${desktop.host.address}`;

  await open("peerjs/receive.html#another-peers-id");
  await says("open: another-peers-id");
  const calling = await chromium(`peerjs/connect.html?${host}`);
  await says("hi!");
  await open("index.html");
  await server.out.first("the id to be free", (text) =>
    text.includes("Client disconnected: another-peers-id"),
  );

  await calling.goto(`http://localhost:${PORT}/peerjs/answer.html?${host}#another-peers-id`);
  await calling.getByText("open: another-peers-id").waitFor();
  await open("peerjs/call.html");
  await Promise.all([seesPicture("Received"), plays(calling)]);
});

test("what one end stops is stopped at the other: this window and Chromium", async () => {
  await open("index.html");
  const page = await chromium("index.html");
  const [here, there] = ends(page);
  for (const end of [here, there]) await end(describing("{}"));
  const stops = async (stopping: Evaluate, other: Evaluate): Promise<void> => {
    await other(
      `void (globalThis.ended = new Promise((done) => { p.getReceivers().at(-1).track.onended = done; }))`,
    );
    await stopping(`p.getTransceivers().at(-1).stop()`);
    await negotiate(stopping, other);
    await other(`ended.then(() => true)`);
  };
  const left = async (): Promise<unknown[]> => [
    await here(`p.getTransceivers().length`),
    await there(`p.getTransceivers().length`),
  ];
  await here(`{ for (const kind of ["audio", "video", "video"]) p.addTransceiver(kind); }`);
  await negotiate(here, there);
  await Promise.all([becomes(connected), page.waitForFunction(connected)]);
  await stops(here, there);
  expect(await left()).toEqual([2, 2]);
  // Chromium uses its section again.
  await there(`{ p.addTransceiver("video"); }`);
  await negotiate(there, here);
  expect(await left()).toEqual([3, 3]);
  expect(await here(`p.remoteDescription.sdp.match(/^m=/gm).length`)).toBe(3);
  await stops(there, here);
  expect(await left()).toEqual([2, 2]);
  await negotiate(here, there);

  // An answer leaves it without media, and the next offer stops it.
  const offer = (await there(`void p.addTransceiver("video"), describe()`)) as string;
  await here(`p.setRemoteDescription(${offer}).then(() => p.getTransceivers().at(-1).stop())`);
  await there(`p.setRemoteDescription(${(await here("describe()")) as string})`);
  expect(await left()).toEqual([3, 3]);
  await negotiate(here, there);
  expect(await left()).toEqual([2, 2]);

  // The first section carries the transport, which stays.
  await here(`p.getTransceivers()[0].stop()`);
  await negotiate(here, there);
  expect(await left()).toEqual([1, 2]);
  expect(await there(`p.getTransceivers()[0].currentDirection`)).toBe("inactive");
  for (const end of [here, there]) expect(await end(connected)).toBe(true);
});

test("certificates: Chromium sees the page's own, and the page sees Chromium's", async () => {
  await open("index.html");
  const page = await chromium("index.html");
  const [here, there] = ends(page);
  const algorithm = `{ name: "ECDSA", namedCurve: "P-256" }`;
  await here(`RTCPeerConnection.generateCertificate(${algorithm}).then((made) => {
    globalThis.made = made;
  })`);
  await here(describing("{ certificates: [made] }"));
  await there(describing("{}"));
  await here(`{ p.addTransceiver("audio"); }`);
  await negotiate(here, there);
  await Promise.all([becomes(connected), page.waitForFunction(connected)]);

  const fingerprint = `(async () => {
    const [certificate] = p.getSenders()[0].transport.getRemoteCertificates();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate));
    return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  })()`;
  const own = `made.getFingerprints()[0].value`;
  expect(await there(fingerprint)).toBe(await here(own));
  const described = `/fingerprint:sha-256 (\\S+)/.exec(p.localDescription.sdp)[1].toLowerCase()`;
  expect(await here(fingerprint)).toBe(await there(described));
});

test("what isn't there says so, and the rest is as the standard has it", async () => {
  await open("index.html");
  const names = await window.evaluateAsync(`(async () => {
    const connection = new RTCPeerConnection();
    const nameOf = async (work) => {
      try { await work(); return "nothing"; } catch (error) { return error.name; }
    };
    return Promise.all([
      nameOf(() => RTCPeerConnection.generateCertificate({ name: "RSASSA-PKCS1-v1_5" })),
      nameOf(() => new RTCPeerConnection({ iceTransportPolicy: "relay" })),
      nameOf(() => connection.createAnswer()),
      nameOf(() => connection.setRemoteDescription({ type: "answer", sdp: "v=0\\r\\n" })),
      nameOf(() => connection.setRemoteDescription({ type: "offer", sdp: "what?" })),
      nameOf(() => connection.addTransceiver("smell")),
      nameOf(() => new RTCRtpSender()),
    ]);
  })()`);
  expect(names).toEqual([
    "NotSupportedError",
    "NotSupportedError",
    "InvalidStateError",
    "InvalidStateError",
    "OperationError",
    "TypeError",
    "TypeError",
  ]);
  // One size is sent: what was asked for beyond is left out, as the standard says.
  const encodings = await window.evaluateAsync(`(async () => {
    const sendEncodings = [{ rid: "a", maxBitrate: 9e5 }, { rid: "b" }];
    const { sender } = new RTCPeerConnection().addTransceiver("video", { sendEncodings });
    return sender.getParameters().encodings;
  })()`);
  expect(encodings).toEqual([{ active: true, maxBitrate: 9e5, scaleResolutionDownBy: 1 }]);
});

/** The other end shows one bright colour all over, as no camera does. */
const seesOneColour = `new Promise((done) => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const look = () => {
    context.drawImage(document.querySelector("#remote"), 0, 0, 8, 8);
    const { data } = context.getImageData(0, 0, 8, 8);
    const range = (values) => Math.max(...values) - Math.min(...values);
    const channel = (number) => [...data].filter((_, index) => index % 4 === number);
    const plain = [0, 1, 2].every((number) => range(channel(number)) < 24);
    if (plain && range([...data.slice(0, 3)]) > 60) done();
    else requestAnimationFrame(look);
  };
  look();
})`;

/** More tracks are asked for at once than the plugin keeps ready; pictures come for the last one. */
const lastOfMany = `
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => { there.addIceCandidate(candidate); };
  there.onicecandidate = ({ candidate }) => { here.addIceCandidate(candidate); };
  const tracks = Array.from({ length: 8 }, () =>
    here.addTransceiver("video", { direction: "recvonly" }).receiver.track);
  const video = document.createElement("video");
  video.setAttribute("aria-label", "Received");
  video.autoplay = video.muted = true;
  video.srcObject = new MediaStream(tracks.slice(-1));
  document.body.append(video);
  (async () => {
    const camera = await navigator.mediaDevices.getUserMedia({ video: true });
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription);
    const sending = there.getTransceivers().at(-1);
    sending.direction = "sendonly";
    await sending.sender.replaceTrack(camera.getVideoTracks()[0]);
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription);
  })();`;

type Evaluate = (expression: string) => Promise<unknown>;

/** The value of an expression, which may be a promise, in this window and in Chromium's page. */
function ends(page: Page): [Evaluate, Evaluate] {
  return [
    (expression) => window.evaluateAsync(expression),
    (expression) => page.evaluate(expression),
  ];
}

/** Between two connections of {@link describing}. */
async function negotiate(offers: Evaluate, answers: Evaluate): Promise<void> {
  const offer = (await offers(`describe()`)) as string;
  const taken = `p.setRemoteDescription(${offer}).then(() => describe())`;
  await offers(`p.setRemoteDescription(${(await answers(taken)) as string})`);
}

const connected = `p.connectionState === "connected"`;

/** `p` is a connection, and `describe` gives its next description with all candidates. */
const describing = (configuration: string): string => `{
  globalThis.p = new RTCPeerConnection(${configuration});
  globalThis.describe = async () => {
    await p.setLocalDescription();
    while (p.iceGatheringState !== "complete") {
      await new Promise((done) => p.addEventListener("icegatheringstatechange", done, { once: true }));
    }
    return JSON.stringify(p.localDescription);
  };
}`;

async function open(path: string): Promise<void> {
  await window.goto(`tauri://localhost/${path}`);
}

async function clicks(button: string): Promise<void> {
  await window.click(`//button[normalize-space()="${button}"]`);
}

/** A line of the page's log. */
async function says(text: string): Promise<void> {
  await window.find(`//li[contains(., "${text}")]`);
}

async function seesPicture(label: string): Promise<{ width: number; height: number }> {
  const seen = await window.evaluateAsync(`lab.seesPicture(${JSON.stringify(label)})`, inWindow);
  return seen as { width: number; height: number };
}

/** The text that simple-peer's example gives to be pasted into the other page. */
async function outgoing(session: Session): Promise<string> {
  await session.find(`//pre[string-length(.) > 0]`);
  return (await session.evaluate(`document.querySelector("#outgoing").textContent`)) as string;
}

/** The example's pages in Chromium on another host. */
async function chromium(path: string): Promise<Page> {
  const host: Host = stage.network.addHost();
  const script = join(import.meta.dirname, "../lab/serve.mjs");
  const server = new Program(host, "serve", process.execPath, [
    script,
    join(example, "dist"),
    String(PORT),
  ]);
  await server.out.first("the server", (text) => text === "ready");
  const browser = await stage.browser(host);
  return browser.open(`http://localhost:${PORT}/${path}`);
}

/** An expression in the window becomes true. */
async function becomes(condition: string): Promise<void> {
  await window.evaluateAsync(
    `new Promise((done) => {
      const look = () => ${condition} ? done() : requestAnimationFrame(look);
      look();
    })`,
  );
}

/** Pictures are shown in Chromium's page. */
async function plays(page: Page): Promise<void> {
  await page.locator("video").evaluate(async (element) => {
    const video = element as HTMLVideoElement;
    for (let frames = 0; frames < 5; frames++) {
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    }
  });
}
