import { afterAll, expect, test } from "vitest";

import { Network } from "../lab/network.ts";

const network = new Network();
const one = network.addHost();
const other = network.addHost();
afterAll(() => {
  network.close();
});

/** `wait`: for an answer, seconds. */
const ping = (wait: number): string =>
  one.run("ping", "-q", "-c", "1", "-W", String(wait), other.address);
/**
 * Who was asked after in vain is asked after again once a second (RFC 826 names no time, Linux's
 * `retrans_time_ms` is 1,000): a packet that is sent meanwhile waits as long.
 */
const reaches = (): void => {
  expect(ping(3)).toContain(" 0% packet loss");
};
const doesNotReach = (): void => {
  expect(() => ping(1)).toThrow();
};

test("hosts of the lab reach each other, and nothing else", () => {
  reaches();
  const interfaces = JSON.parse(one.run("ip", "-json", "link")) as { ifname: string }[];
  expect(interfaces.map((each) => each.ifname)).toEqual(["lo", "eth0"]);
});

test("a cable that is cut, a port that is silent and a changed address are what they say", () => {
  one.cutCable();
  expect(one.run("ip", "link", "show", "eth0")).toContain("NO-CARRIER");
  doesNotReach();
  one.mendCable();
  reaches();

  one.silencePort();
  expect(one.run("ip", "link", "show", "eth0")).toContain("LOWER_UP");
  doesNotReach();
  one.wakePort();
  reaches();

  one.changeAddress("10.77.0.40");
  expect(one.run("ip", "-4", "addr", "show", "eth0")).toContain("10.77.0.40/24");
  reaches();
});
