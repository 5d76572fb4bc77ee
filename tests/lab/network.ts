/**
 * A LAN of hosts, each in a network namespace of its own, joined by a switch in another. Nothing of
 * it is connected to a real interface. Link conditions have names: see `Host`.
 */
import { execFileSync } from "node:child_process";

let networks = 0;

/** One LAN, or several: a switch with two bridges that hosts can be plugged into. */
export class Network {
  readonly hosts: Host[] = [];
  /** Start of the name of everything that belongs to this network; short, as interface names are. */
  readonly prefix = `ll${process.pid}n${networks++}`;
  readonly #switch = `${this.prefix}sw`;

  constructor() {
    ip("netns", "add", this.#switch);
    ip("-n", this.#switch, "link", "set", "lo", "up");
    for (const bridge of ["br0", "br1"]) {
      const kind = [
        "type",
        "bridge",
        "stp_state",
        "0",
        "forward_delay",
        "0",
        "mcast_snooping",
        "0",
      ];
      this.onSwitch("link", "add", bridge, ...kind);
      this.onSwitch("link", "set", bridge, "up");
    }
  }

  /** A new host, its cable plugged in unless told otherwise. */
  addHost(cable: "plugged in" | "none" = "plugged in"): Host {
    const host = new Host(this, this.hosts.length + 1, this.#switch);
    this.hosts.push(host);
    if (cable === "plugged in") host.addInterface("eth0", "br0");
    return host;
  }

  onSwitch(...args: string[]): void {
    ip("-n", this.#switch, ...args);
  }

  /** Ends whatever still runs on the hosts, and takes the network down. */
  close(): void {
    for (const host of this.hosts) host.remove();
    this.hosts.length = 0;
    ip("netns", "del", this.#switch);
  }
}

/** A host of the LAN: a network namespace with `eth0`. */
export class Host {
  readonly namespace: string;
  readonly #network: Network;
  readonly #number: number;
  readonly #switch: string;
  /** The IPv4 address of `eth0`. */
  address: string;

  constructor(network: Network, number: number, switchNamespace: string) {
    this.#network = network;
    this.#number = number;
    this.#switch = switchNamespace;
    this.namespace = `${network.prefix}h${number}`;
    this.address = `10.77.0.${number}`;
    ip("netns", "add", this.namespace);
    this.ip("link", "set", "lo", "up");
  }

  /** The command line that runs a program on this host. */
  command(program: string, args: readonly string[]): [string, string[]] {
    return ["ip", ["netns", "exec", this.namespace, program, ...args]];
  }

  /** Runs a program on this host to its end, and returns what it printed. */
  run(program: string, ...args: string[]): string {
    return execFileSync(...this.command(program, args), { encoding: "utf8" });
  }

  /** A network card with a cable to a bridge of the switch. */
  addInterface(name: string, bridge: "br0" | "br1", address = this.address): void {
    const port = this.#port(name);
    const born = `${this.#network.prefix}e${this.#number}`;
    const pair = ["type", "veth", "peer", "name", port, "netns", this.#switch];
    // Both ends are born inside namespaces: never, not for a moment, on the machine itself.
    ip("link", "add", born, "netns", this.namespace, ...pair);
    this.ip("link", "set", born, "name", name);
    this.run("sysctl", "-qw", `net.ipv6.conf.${name}.accept_dad=0`);
    this.#network.onSwitch("link", "set", port, "master", bridge, "up");
    this.ip("link", "set", name, "up");
    this.#untilCarrier(name, true);
    this.#untilForwarding(name);
    this.ip("addr", "add", `${address}/24`, "brd", "+", "dev", name);
    if (name === "eth0") {
      this.ip("addr", "add", `fd77::${this.#number}/64`, "dev", name, "nodad");
      this.#routes();
    }
  }

  /** The cable is pulled: the card sees no carrier, and keeps its addresses. */
  cutCable(name = "eth0"): void {
    this.#network.onSwitch("link", "set", this.#port(name), "down");
    this.#untilCarrier(name, false);
  }

  /** The cable is back. */
  mendCable(name = "eth0"): void {
    this.#network.onSwitch("link", "set", this.#port(name), "up");
    this.#untilCarrier(name, true);
    this.#untilForwarding(name);
  }

  /** The port of the switch goes silent, the carrier stays: as out of the range of a Wi-Fi. */
  silencePort(name = "eth0"): void {
    this.#network.onSwitch("link", "set", this.#port(name), "nomaster");
  }

  /** The port speaks again, on the same bridge or on the other one. */
  wakePort(bridge: "br0" | "br1" = "br0", name = "eth0"): void {
    this.#network.onSwitch("link", "set", this.#port(name), "master", bridge);
    this.#untilForwarding(name);
  }

  /** `eth0` is given another address, as by another DHCP server. */
  changeAddress(address: string): void {
    this.ip("-4", "addr", "flush", "dev", "eth0");
    this.address = address;
    this.ip("addr", "add", `${address}/24`, "brd", "+", "dev", "eth0");
    this.#routes();
  }

  remove(): void {
    const pids = execFileSync("ip", ["netns", "pids", this.namespace], { encoding: "utf8" });
    for (const pid of pids.split("\n").filter(Boolean)) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
    ip("netns", "del", this.namespace);
  }

  ip(...args: string[]): void {
    ip("-n", this.namespace, ...args);
  }

  /**
   * The kernel acts on carrier up to a second late when it changes often: `LOWER_UP` shows at once,
   * but until the operational state follows, what is sent is thrown away.
   */
  #untilCarrier(name: string, present: boolean): void {
    until(`the carrier of ${name} doesn't change`, () => {
      const { operstate, flags } = link(this.namespace, name);
      return present ? operstate === "UP" : !flags.includes("LOWER_UP") && operstate !== "UP";
    });
  }

  /** The bridge takes a port into use by itself, later than the command that gives it the port. */
  #untilForwarding(name: string): void {
    until(`the port of ${name} doesn't forward`, () => {
      const { operstate, linkinfo } = link(this.#switch, this.#port(name));
      return operstate === "UP" && linkinfo?.info_slave_data?.state === "forwarding";
    });
  }

  #port(name: string): string {
    return `${this.#network.prefix}p${this.#number}${name.at(-1) ?? ""}`;
  }

  #routes(): void {
    this.ip("route", "replace", "224.0.0.0/4", "dev", "eth0");
    // To a gateway that isn't there: without a default route Chromium gathers no candidates before
    // it has the permission to capture.
    const gateway = this.address.replace(/\.\d+$/, ".254");
    this.ip("route", "replace", "default", "via", gateway, "dev", "eth0");
  }
}

/** What `ip -details -json link` tells of an interface, as far as it is read here. */
interface Link {
  readonly flags: readonly string[];
  readonly operstate: string;
  readonly linkinfo?: { readonly info_slave_data?: { readonly state?: string } };
}

function link(namespace: string, name: string): Link {
  const args = ["-n", namespace, "-details", "-json", "link", "show", "dev", name];
  const [found] = JSON.parse(execFileSync("ip", args, { encoding: "utf8" })) as Link[];
  if (found === undefined) throw new Error(`there is no ${name} in ${namespace}`);
  return found;
}

/** Asks until it is so: the kernel tells nobody who could be waited for. */
function until(complaint: string, isSo: () => boolean): void {
  const deadline = Date.now() + 5000;
  while (!isSo()) if (Date.now() > deadline) throw new Error(complaint);
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}
