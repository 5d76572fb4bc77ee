import { afterAll, expect, test } from "vitest";

import { Network } from "../lab/network.ts";

const network = new Network();
const one = network.addHost();
const other = network.addHost();
afterAll(() => {
  network.close();
});

const ping = (): string => one.run("ping", "-q", "-c", "1", "-W", "1", other.address);

test("hosts of the lab reach each other, and nothing else", () => {
  expect(ping()).toContain(" 0% packet loss");
  const interfaces = JSON.parse(one.run("ip", "-json", "link")) as { ifname: string }[];
  expect(interfaces.map((each) => each.ifname)).toEqual(["lo", "eth0"]);
});

test("a cable that is cut, a port that is silent and a changed address are what they say", () => {
  one.cutCable();
  expect(one.run("ip", "link", "show", "eth0")).toContain("NO-CARRIER");
  expect(ping).toThrow();
  one.mendCable();
  expect(ping()).toContain(" 0% packet loss");

  one.silencePort();
  expect(one.run("ip", "link", "show", "eth0")).toContain("LOWER_UP");
  expect(ping).toThrow();
  one.wakePort();
  expect(ping()).toContain(" 0% packet loss");

  one.changeAddress("10.77.0.40");
  expect(one.run("ip", "-4", "addr", "show", "eth0")).toContain("10.77.0.40/24");
  expect(ping()).toContain(" 0% packet loss");
});
