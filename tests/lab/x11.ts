/** A client of a screen: requests of the X11 protocol, and their replies. */
import { connect, type Socket } from "node:net";

/** Of the reply's kinds: an error is 0, events are higher. */
const REPLY = 1;

/** One request at a time; those without a reply are not waited for. */
export class X11 {
  readonly #socket: Socket;
  /** The window that all others are in. */
  root = 0;
  /** Where the numbers of what this client makes begin. */
  firstId = 0;
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

  static async to(display: number): Promise<X11> {
    const socket = connect(`/tmp/.X11-unix/X${display}`);
    const client = new X11(socket);
    // Little-endian, protocol 11.0, no authorisation.
    socket.write(Buffer.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    const start = await client.#read(8);
    const setup = await client.#read(4 * start.readUInt16LE(6));
    if (start[0] !== 1) throw new Error(`the screen refuses: ${setup.toString("latin1")}`);
    const vendor = setup.readUInt16LE(16);
    const formats = setup.readUInt8(21);
    client.firstId = setup.readUInt32LE(4);
    client.root = setup.readUInt32LE(32 + 4 * Math.ceil(vendor / 4) + 8 * formats);
    return client;
  }

  /** Asks for something that has no reply. `data` is the byte in the request's head. */
  send(opcode: number, data: number, body: Buffer): void {
    const padded = Math.ceil(body.length / 4);
    const head = Buffer.alloc(4);
    head.writeUInt8(opcode, 0);
    head.writeUInt8(data, 1);
    head.writeUInt16LE(1 + padded, 2);
    this.#socket.write(Buffer.concat([head, body, Buffer.alloc(4 * padded - body.length)]));
  }

  /** Asks, and returns the reply: its head of 32 bytes, and what follows. */
  async ask(opcode: number, data: number, body: Buffer): Promise<{ head: Buffer; rest: Buffer }> {
    this.send(opcode, data, body);
    for (;;) {
      const head = await this.#read(32);
      const kind = head.readUInt8(0);
      if (kind === 0) throw new Error(`the screen answers with error ${head[1] ?? 0}`);
      if (kind === REPLY) return { head, rest: await this.#read(4 * head.readUInt32LE(4)) };
    }
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

/** A body of 32-bit numbers. */
export function words(...numbers: number[]): Buffer {
  const body = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, index) => body.writeUInt32LE(number >>> 0, 4 * index));
  return body;
}

/** A body of 16-bit numbers, with or without sign. */
export function halves(...numbers: number[]): Buffer {
  const body = Buffer.alloc(2 * numbers.length);
  numbers.forEach((number, index) => body.writeUInt16LE(number & 0xffff, 2 * index));
  return body;
}
