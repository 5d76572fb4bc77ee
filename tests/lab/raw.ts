/**
 * A UI without a page: a WebSocket to a node, from a host of the lab, that can say what no page
 * would.
 */
import { Agent } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { WebSocket } from "ws";

import { now, within } from "./deadline.ts";
import type { Host } from "./network.ts";
import { temporary } from "./paths.ts";
import { Program } from "./program.ts";

/** A message of the node. */
export type Message = Record<string, unknown> & { type: string };

/** Lets the test's own process reach a TCP port as seen from a host; returns a Unix socket's path. */
export async function reach(host: Host, address: string, port: number): Promise<string> {
  const socket = join(temporary("reach"), "s");
  const script = join(import.meta.dirname, "forward.mjs");
  const args = [script, socket, address, `${port}`];
  const forwarder = new Program(host, "forward", process.execPath, args);
  await forwarder.out.first("the forwarder", (text) => text === "ready");
  return socket;
}

/** Connects through a Unix socket, whatever the address says; no certificate is checked. */
class Through extends Agent {
  readonly #path: string;
  readonly #tls: boolean;

  constructor(path: string, tls: boolean) {
    super();
    Object.assign(this, { protocol: tls ? "https:" : "http:" });
    this.#path = path;
    this.#tls = tls;
  }

  override createConnection(): Duplex {
    const socket = connect(this.#path);
    return this.#tls ? connectTls({ socket, rejectUnauthorized: false }) : socket;
  }
}

export interface RawOptions {
  /** Address of the node as seen from the host; its own by default. */
  address?: string;
  /** Whether to speak TLS, as everybody but the node's own device must. */
  tls?: boolean;
  path?: string;
  /** Of an earlier {@link reach}, where its time must not count. */
  socket?: string;
  origin?: string;
  headers?: Record<string, string>;
}

export class RawUi {
  readonly messages: Message[] = [];
  readonly #arrivals = new WeakMap<Message, number>();
  /** Close code, once closed. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #listeners = new Set<() => void>();
  #request = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      // Goes with a ping.
      if (data.length === 0) return;
      const message = JSON.parse(data.toString()) as Message;
      this.#arrivals.set(message, now());
      this.messages.push(message);
      for (const listener of this.#listeners) listener();
    });
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    // A reset connection is an answer too: `closed` tells.
    socket.on("error", () => undefined);
  }

  /** Connects; fails with the HTTP status when the node refuses. */
  static async connect(host: Host, port: number, options: RawOptions = {}): Promise<RawUi> {
    const { address = "127.0.0.1", tls = false, path = "/ui" } = options;
    const authority = `${address === "127.0.0.1" ? "localhost" : address}:${port}`;
    const socket = options.socket ?? (await reach(host, address, port));
    const web = new WebSocket(`${tls ? "wss" : "ws"}://${authority}${path}`, {
      agent: new Through(socket, tls),
      headers: { Host: authority, ...options.headers },
      origin: options.origin ?? `${tls ? "https" : "http"}://${authority}`,
    });
    const raw = new RawUi(web);
    const opened = new Promise<void>((resolve, reject) => {
      web.once("open", resolve);
      web.once("unexpected-response", (_, response) => {
        reject(new Error(`HTTP ${response.statusCode ?? 0}`));
      });
      web.once("error", reject);
    });
    await within(10, "a WebSocket", opened);
    return raw;
  }

  /** Sends a value as JSON, or a text as it is. */
  send(message: unknown): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  sendBinary(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  /** Attaches as a UI, and waits for the welcome. */
  async attach(role: "owner" | "guest" = "owner", name: string | null = null): Promise<void> {
    this.send({ type: "attach", role, webrtc: true, kind: "unknown", name, resume: null });
    await this.first("a welcome", (message) => message.event === "welcome");
  }

  /** Sends a request; returns the code it was refused with, or null. */
  async request(command: Record<string, unknown>): Promise<string | null> {
    const id = ++this.#request;
    this.send({ type: "request", id, command });
    const reply = await this.first(
      `a reply to ${String(command.type)}`,
      (message) => message.type === "reply" && message.id === id,
    );
    return reply.error as string | null;
  }

  /** The first message that fits, of those that came and those to come. */
  async first(what: string, fits: (message: Message) => boolean, from = 0): Promise<Message> {
    let seen = from;
    let listener = (): void => undefined;
    const coming = new Promise<Message>((resolve) => {
      listener = () => {
        for (; seen < this.messages.length; seen++) {
          const message = this.messages[seen];
          if (message && fits(message)) {
            resolve(message);
            return;
          }
        }
      };
      this.#listeners.add(listener);
      listener();
    });
    const ended = this.closed.then((code) => {
      throw new Error(`closed (${code}) before ${what}: ${JSON.stringify(this.messages.at(-1))}`);
    });
    // Whoever loses the race must not count as unhandled.
    ended.catch(() => undefined);
    try {
      return await within(10, what, Promise.race([coming, ended]));
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** When a message came: milliseconds since the Unix epoch. */
  arrival(message: Message): number {
    return this.#arrivals.get(message) ?? NaN;
  }

  close(): void {
    this.#socket.close();
  }
}
