/**
 * A responder (RFC 6762) that announces made-up hosts, each an address to be kept for a day, as fast as they go out
 * and until it is ended.
 *
 *     node flooding-responder.mjs ADDRESS
 */
import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";

const [address] = process.argv.slice(2);
const GROUP = "224.0.0.251";
const PORT = 5353;
/** Records of a message: it stays below 1,500 bytes. */
const RECORDS = 40;
const SECONDS = 86_400;

const socket = createSocket({ type: "udp4", reuseAddr: true });
const send = promisify(socket.send.bind(socket));
let hosts = 0;

function record() {
  const label = Buffer.from(`made-up-${hosts++}`);
  const head = Buffer.from([label.length, ...label, 5, ...Buffer.from("local"), 0, 0, 1, 0, 1]);
  const rest = Buffer.alloc(10);
  rest.writeUInt32BE(SECONDS, 0);
  rest.writeUInt16BE(4, 4);
  rest.set(address.split(".").map(Number), 6);
  return Buffer.concat([head, rest]);
}

await promisify(socket.bind.bind(socket))(PORT);
socket.setMulticastInterface(address);
socket.setMulticastTTL(255);
for (;;) {
  const header = Buffer.from([0, 0, 0x84, 0, 0, 0, 0, RECORDS, 0, 0, 0, 0]);
  await send(Buffer.concat([header, ...Array.from({ length: RECORDS }, record)]), PORT, GROUP);
  await setImmediate();
}
