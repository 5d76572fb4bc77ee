#!/usr/bin/env node
// What Playwright is told is Firefox: the real one, on a host of the lab. Firefox listens for its
// driver (WebDriver BiDi) on the loopback of that host, where Playwright can't reach it; this
// listens on the same port here, and passes the messages on through a Unix socket, which network
// namespaces don't separate.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket, WebSocketServer } from "ws";

const namespace = process.env.LAB_NAMESPACE;
const socket = join(process.env.LAB_SOCKETS, "bidi");
const onHost = ["netns", "exec", namespace];
const firefox = spawn("ip", [...onHost, process.env.LAB_BROWSER, ...process.argv.slice(2)], {
  stdio: ["inherit", "inherit", "pipe"],
});
let forwarder;

createInterface({ input: firefox.stderr }).on("line", (line) => {
  const port = /WebDriver BiDi listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
  if (port === undefined) {
    process.stderr.write(`${line}\n`);
    return;
  }
  const script = join(import.meta.dirname, "forward.mjs");
  const forward = [...onHost, process.execPath, script, socket, "127.0.0.1", port];
  forwarder = spawn("ip", forward, { stdio: ["ignore", "pipe", "inherit"] });
  forwarder.stdout.once("data", () => {
    const server = new WebSocketServer({ port: Number(port), host: "127.0.0.1" });
    server.on("connection", (driver, request) => passOn(driver, request.url, port));
    server.on("listening", () => process.stderr.write(`${line}\n`));
  });
});

/** Passes messages between the driver and Firefox. */
function passOn(driver, path, port) {
  const browser = new WebSocket(`ws+unix://${socket}:${path}`, {
    headers: { Host: `127.0.0.1:${port}` },
  });
  const emulations = new Set();
  const early = [];
  driver.on("message", (data) => {
    const { id, method } = JSON.parse(data);
    if (method.startsWith("emulation.")) emulations.add(id);
    if (browser.readyState === WebSocket.OPEN) browser.send(data.toString());
    else early.push(data.toString());
  });
  browser.on("open", () => early.splice(0).forEach((data) => browser.send(data)));
  browser.on("message", (data) => {
    const message = JSON.parse(data);
    // Playwright overrides media features always; this Firefox may be too old to know how.
    const skipped = message.error === "unknown command" && emulations.has(message.id);
    driver.send(
      skipped ? JSON.stringify({ type: "success", id: message.id, result: {} }) : data.toString(),
    );
  });
  driver.on("close", () => browser.close());
  browser.on("close", () => driver.close());
  browser.on("error", () => driver.terminate());
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"])
  process.on(signal, () => firefox.kill(signal));
firefox.on("exit", (code, signal) => {
  forwarder?.kill();
  process.exit(signal ? 1 : (code ?? 1));
});
