/**
 * Serves a folder on this host's loopback, where browsers give camera and microphone without TLS.
 *
 *     node serve.mjs FOLDER PORT
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { argv } from "node:process";
import { fileURLToPath, URL } from "node:url";

/** Of what is served here. */
export const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
};

/** Says "ready" when it listens. `answer` gives type and body for a path; what it throws is a 404. */
export function serve(port, answer) {
  createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    answer(path).then(
      ({ type, body }) => response.writeHead(200, { "content-type": type }).end(body),
      () => response.writeHead(404).end(),
    );
  }).listen(Number(port), "127.0.0.1", () => {
    console.log("ready");
  });
}

/** A file as it is. */
export async function file(folder, path) {
  const body = await readFile(join(folder, path));
  return { type: TYPES[extname(path)] ?? "application/octet-stream", body };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder, port] = argv;
  serve(port, (path) => file(folder, path));
}
