/**
 * A sound server on a host of the lab (PulseAudio), with a loudspeaker that plays into nothing but can be
 * listened to, and a microphone that hears beeps.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { within } from "./deadline.ts";
import type { Host } from "./network.ts";
import { temporary } from "./paths.ts";
import { Program } from "./program.ts";

/** Samples a second. */
const RATE = 48_000;
const FORMAT = ["--raw", "--format=float32le", `--rate=${RATE}`, "--channels=1"];
/** Samples that are looked at together: 100 ms. */
const WINDOW = RATE / 10;
/** Samples from one beep to the next: 600 ms, a third of them sound. */
const BEEP = 0.6 * RATE;
/** Root mean square above which something is heard; the server's own silence is exactly nothing. */
const AUDIBLE = 0.001;
/** Windows of silence until it is quiet: 2 s, for a browser's fake microphone beeps once a second. */
const QUIET = 20;

const MODULES = [
  "module-null-sink sink_name=loudspeaker sink_properties=device.description=Loudspeaker rate=48000",
  "module-null-sink sink_name=mouth rate=48000 channels=1",
  "module-remap-source source_name=microphone master=mouth.monitor source_properties=device.description=Microphone",
];

export class SoundServer {
  /** Where programs find it. */
  readonly env: Record<string, string>;
  readonly #host: Host;

  private constructor(host: Host, socket: string) {
    this.#host = host;
    this.env = { PULSE_SERVER: `unix:${socket}` };
  }

  static async start(host: Host): Promise<SoundServer> {
    const folder = temporary("sound");
    const socket = join(folder, "native");
    // The socket comes last: when it is there, all is.
    const modules = [...MODULES, `module-native-protocol-unix auth-anonymous=1 socket=${socket}`];
    const options = ["-n", "--exit-idle-time=-1", "--disable-shm=yes", "--log-level=warning"];
    const args = [...options, ...modules.flatMap((module) => ["-L", module])];
    new Program(host, "sound", "pulseaudio", args, {
      env: { HOME: folder, XDG_RUNTIME_DIR: folder },
    });
    const up = async (): Promise<void> => {
      while (!existsSync(socket)) await new Promise(setImmediate);
    };
    await within(10, "the sound server", up());
    const server = new SoundServer(host, socket);
    server.#beep();
    return server;
  }

  /** Something comes out of the loudspeaker: a beep is enough. */
  async hears(seconds = 20): Promise<void> {
    await this.#listen("sound from the loudspeaker", seconds, 1, (level) => level > AUDIBLE);
  }

  /** Nothing comes out of it for two seconds. */
  async hearsNothing(seconds = 20): Promise<void> {
    await this.#listen("silence of the loudspeaker", seconds, QUIET, (level) => level <= AUDIBLE);
  }

  /** Names of those that have a microphone open, as they give them. */
  listeners(): string[] {
    const server = `PULSE_SERVER=${this.env.PULSE_SERVER ?? ""}`;
    const text = this.#host.run("env", server, "pactl", "list", "source-outputs");
    return [...text.matchAll(/application\.name = "(.*)"/g)].map(([, name = ""]) => name);
  }

  /** Nobody has a microphone open any more. */
  async isLetGo(): Promise<void> {
    const free = async (): Promise<void> => {
      while (this.listeners().length > 0) await new Promise(setImmediate);
    };
    await within(10, "the microphone to be let go of", free());
  }

  /** Says something into the microphone, for as long as the server is up. */
  #beep(): void {
    const samples = new Float32Array(BEEP);
    // A steady tone would be taken away as noise.
    for (let at = 0; at < BEEP / 3; at++) {
      samples[at] = 0.3 * Math.sin((2 * Math.PI * 440 * at) / RATE);
    }
    const beep = Buffer.from(samples.buffer);
    const { stdin } = this.#start("pacat", ["--device=mouth", ...FORMAT]);
    const write = (): void => {
      while (stdin.writable && stdin.write(beep));
    };
    stdin.on("drain", write).on("error", () => undefined);
    write();
  }

  /** Until so many windows, one after the other, are as they should be. */
  async #listen(
    what: string,
    seconds: number,
    windows: number,
    fits: (level: number) => boolean,
  ): Promise<void> {
    const device = ["--device=loudspeaker.monitor", "--latency-msec=50"];
    const recorder = this.#start("parec", [...device, ...FORMAT]);
    let fitting = 0;
    let rest: Buffer = Buffer.alloc(0);
    const heard = new Promise<void>((resolve) => {
      recorder.stdout.on("data", (bytes: Buffer) => {
        rest = Buffer.concat([rest, bytes]);
        while (rest.length >= 4 * WINDOW) {
          let sum = 0;
          for (let at = 0; at < WINDOW; at++) sum += rest.readFloatLE(4 * at) ** 2;
          rest = rest.subarray(4 * WINDOW);
          fitting = fits(Math.sqrt(sum / WINDOW)) ? fitting + 1 : 0;
          if (fitting >= windows) resolve();
        }
      });
    });
    try {
      await within(seconds, what, heard);
    } finally {
      recorder.kill("SIGKILL");
    }
  }

  /** A program whose input or output is no text. */
  #start(program: string, given: readonly string[]): ReturnType<typeof spawnPiped> {
    const [command, args] = this.#host.command(program, given);
    return spawnPiped(command, args, { ...process.env, ...this.env });
  }
}

function spawnPiped(command: string, args: string[], env: NodeJS.ProcessEnv) {
  return spawn(command, args, { stdio: ["pipe", "pipe", "ignore"], env });
}
