/** The way to a WebDriver server on a host of the lab. */
import { type IncomingMessage, request } from "node:http";

import { within } from "./deadline.ts";

/** Where WebKitWebDriver listens, on its host's loopback. */
export const DRIVER_PORT = 4444;

/** A WebDriver server behind a Unix socket. */
export class Driver {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** It has no way to say that it listens: ask until it answers. */
  async isUp(): Promise<void> {
    const up = async (): Promise<void> => {
      let answers = false;
      while (!answers) {
        answers = await this.ask("GET", "/status").then(
          () => true,
          () => false,
        );
      }
    };
    await within(20, "WebKitWebDriver to answer", up());
  }

  async ask(method: string, path: string, body?: object): Promise<unknown> {
    const text = body && JSON.stringify(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = {
        host: `127.0.0.1:${DRIVER_PORT}`,
        ...(text !== undefined && {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
        }),
      };
      // One that is kept may be closed by the driver just when the next request goes out.
      const agent = false;
      const options = { socketPath: this.#socket, method, path, headers, agent };
      request(options, resolve).on("error", reject).end(text);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const { value } = JSON.parse(Buffer.concat(chunks).toString()) as { value: unknown };
    if (response.statusCode !== 200) {
      const error = value as { error?: string; message?: string };
      throw new Error(`${method} ${path}: ${error.error ?? ""} ${error.message ?? ""}`);
    }
    return value;
  }
}
