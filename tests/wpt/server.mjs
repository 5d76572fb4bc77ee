/**
 * Serves a checkout of web-platform-tests on this host's loopback, as much of wptserve as the tests of
 * WebRTC use: wrappers for `.window.js` and `.any.js`, and a report of ours.
 *
 *     node server.mjs CHECKOUT PORT
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { argv } from "node:process";

import { file, serve, TYPES } from "../lab/serve.mjs";

const [, , checkout, port] = argv;

/** What is kept of a run, for the driver. Nothing is drawn: it would cost more than the tests. */
const REPORT = `
setup({ output: false });
add_completion_callback((tests, status) => {
  window.wptResult = {
    status: status.status,
    message: status.message,
    tests: tests.map(({ name, status, message }) => ({ name, status, message })),
  };
  dispatchEvent(new Event("wptresult"));
});
`;

serve(port, async (asked) => {
  // As wptserve does.
  const path = asked.replace("/WebIDLParser.js", "/webidl2/lib/webidl2.js");
  if (path === "/resources/testharnessreport.js") return { type: TYPES[".js"], body: REPORT };
  const script = /^(.*\.(?:window|any))\.html$/.exec(path)?.[1];
  if (script) return { type: TYPES[".html"], body: await wrap(`${script}.js`) };
  return file(checkout, path);
});

/** The page around a test that is a script alone. */
async function wrap(path) {
  const text = await readFile(join(checkout, path), "utf8");
  const meta = [...text.matchAll(/^\/\/ META: (\w+)=(.*)$/gm)];
  const scripts = meta.filter(([, key]) => key === "script").map(([, , value]) => value);
  const long = meta.some(([, key, value]) => key === "timeout" && value === "long");
  return `<!doctype html><meta charset="utf-8">
${long ? '<meta name="timeout" content="long">' : ""}
<script src="/resources/testharness.js"></script>
<script src="/resources/testharnessreport.js"></script>
${scripts.map((source) => `<script src="${source}"></script>`).join("\n")}
<div id="log"></div>
<script src="${path}"></script>`;
}
