/**
 * A responder (RFC 6762) that at first leaves its TXT record out, as one must that has multicast it
 * within the last second. It tells the whole to whoever asks without knowing it. Its lines on standard
 * output: "listening", and "asked" for each such question.
 *
 *     node terse-responder.mjs ADDRESS INSTANCE KEY=VALUE…
 */
import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";

const [address, instance, ...properties] = process.argv.slice(2);
const GROUP = "224.0.0.251";
const PORT = 5353;
const TYPE = "_lanline._tcp.local";
const PTR = 12;
const SECONDS = 120;

const name = (text) =>
  Buffer.concat([
    ...text.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
const number = (value) => Buffer.from([value >> 8, value & 0xff]);
const record = (owner, type, unique, data) =>
  Buffer.concat([
    name(owner),
    number(type),
    number(unique ? 0x8001 : 1),
    number(0),
    number(SECONDS),
    number(data.length),
    data,
  ]);

const full = `${instance}.${TYPE}`;
const host = `${instance}.local`;
const text = properties.map((line) => Buffer.from([line.length, ...Buffer.from(line)]));
const pointer = record(TYPE, PTR, false, name(full));
const service = record(
  full,
  33,
  true,
  Buffer.concat([number(0), number(0), number(3000), name(host)]),
);
const words = record(full, 16, true, Buffer.concat(text));
const where = record(host, 1, true, Buffer.from(address.split(".").map(Number)));

const socket = createSocket({ type: "udp4", reuseAddr: true });
const say = (...records) => {
  const header = Buffer.concat([0, 0x8400, 0, records.length, 0, 0].map(number));
  socket.send(Buffer.concat([header, ...records]), PORT, GROUP);
};
socket.on("message", (message) => {
  const query = (message[2] & 0x80) === 0;
  if (!query || !message.includes(name(TYPE)) || message.includes(instance)) return;
  console.log("asked");
  say(pointer, service, words, where);
});
socket.bind(PORT, () => {
  socket.setMulticastInterface(address);
  socket.setMulticastTTL(255);
  socket.addMembership(GROUP, address);
  console.log("listening");
  say(pointer, service, where);
});
