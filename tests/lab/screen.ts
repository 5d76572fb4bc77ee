/** A screen of a host (Xvfb), and what is really on it: pixels, read over the X11 protocol. */
import { connect, type Socket } from "node:net";

import type { Host } from "./network.ts";
import { Program } from "./program.ts";

let screens = 0;

/** Starts a screen; programs find it by `DISPLAY`, which is `:` and the number that is returned. */
export async function startScreen(host: Host): Promise<number> {
  const display = ++screens;
  const size = ["-screen", "0", "1280x800x24"];
  // Lock files are the machine's, and name processes that are not seen from another lab.
  const args = [`:${display}`, "-nolock", "-displayfd", "1", ...size, "-nolisten", "tcp"];
  const screen = new Program(host, "screen", "Xvfb", args);
  await screen.out.first("the screen", (text) => text === String(display));
  return display;
}

/** Bytes of a pixel, in the order blue, green, red and nothing. */
export const PIXEL = 4;

/** Reads what a screen shows. One request at a time. */
export class Glass {
  readonly #socket: Socket;
  #root = 0;
  #received: Buffer = Buffer.alloc(0);
  #wanted = 0;
  #arrived: ((bytes: Buffer) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
      this.#deliver();
    });
    // The screen goes when its host does.
    socket.on("error", () => undefined);
  }

  static async of(display: number): Promise<Glass> {
    const socket = connect(`/tmp/.X11-unix/X${display}`);
    const glass = new Glass(socket);
    // Little-endian, protocol 11.0, no authorisation.
    socket.write(Buffer.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    const start = await glass.#read(8);
    const setup = await glass.#read(4 * start.readUInt16LE(6));
    if (start[0] !== 1) throw new Error(`the screen refuses: ${setup.toString("latin1")}`);
    const vendor = setup.readUInt16LE(16);
    const formats = setup.readUInt8(21);
    glass.#root = setup.readUInt32LE(32 + 4 * Math.ceil(vendor / 4) + 8 * formats);
    return glass;
  }

  /** The pixels of a rectangle, row by row, {@link PIXEL} bytes each. */
  async pixels(x: number, y: number, width: number, height: number): Promise<Buffer> {
    const request = Buffer.alloc(20);
    request.writeUInt8(73, 0); // GetImage
    request.writeUInt8(2, 1); // ZPixmap
    request.writeUInt16LE(5, 2);
    request.writeUInt32LE(this.#root, 4);
    request.writeInt16LE(x, 8);
    request.writeInt16LE(y, 10);
    request.writeUInt16LE(width, 12);
    request.writeUInt16LE(height, 14);
    request.writeUInt32LE(0xffffffff, 16);
    this.#socket.write(request);
    const head = await this.#read(32);
    if (head[0] !== 1) throw new Error(`the screen has no such pixels (error ${head[1] ?? 0})`);
    return this.#read(4 * head.readUInt32LE(4));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(length: number): Promise<Buffer> {
    this.#wanted = length;
    return new Promise((resolve) => {
      this.#arrived = resolve;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (!this.#arrived || this.#received.length < this.#wanted) return;
    const arrived = this.#arrived;
    const bytes = this.#received.subarray(0, this.#wanted);
    this.#received = this.#received.subarray(this.#wanted);
    this.#arrived = undefined;
    arrived(bytes);
  }
}
