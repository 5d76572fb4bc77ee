/** avahi-daemon on a host of the lab, with a message bus of its own: what Lanline is measured against. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Host } from "./network.ts";
import { temporary } from "./paths.ts";
import { Program } from "./program.ts";

export class Avahi {
  readonly host: Host;
  readonly #env: Record<string, string>;

  private constructor(host: Host, bus: string) {
    this.host = host;
    this.#env = { DBUS_SYSTEM_BUS_ADDRESS: bus };
  }

  static async start(host: Host): Promise<Avahi> {
    const dir = temporary("avahi");
    const bus = `unix:path=${join(dir, "bus")}`;
    const busConfig = join(dir, "bus.conf");
    writeFileSync(busConfig, BUS.replace("ADDRESS", bus));
    const busDaemon = new Program(host, "dbus", "dbus-daemon", [
      `--config-file=${busConfig}`,
      "--nofork",
      "--nopidfile",
      "--print-address",
    ]);
    await busDaemon.out.first("the address of the bus", (line) => line.startsWith("unix:"));

    const config = join(dir, "avahi.conf");
    writeFileSync(config, CONFIG.replace("NAME", host.namespace));
    const run = join(dir, "run");
    mkdirSync(run);
    // Its socket and pid file have fixed names: each daemon sees a directory of its own there.
    const daemon = new Program(
      host,
      "avahi",
      "unshare",
      [
        "--mount",
        "sh",
        "-c",
        `mkdir -p /run/avahi-daemon && mount --bind ${run} /run/avahi-daemon &&
         exec avahi-daemon --file=${config} --no-drop-root --no-chroot --no-rlimits`,
      ],
      { env: { DBUS_SYSTEM_BUS_ADDRESS: bus } },
    );
    await daemon.err.first("avahi's start", (line) => line.includes("Server startup complete"));
    return new Avahi(host, bus);
  }

  /** Publishes a service, as long as the program runs. */
  publish(name: string): Program {
    const args = [name, "_lanline-bench._tcp", "3000", "v=1"];
    return new Program(this.host, "avahi-publish", "avahi-publish-service", args, {
      env: this.#env,
    });
  }

  /** Prints a line for each service that appears, is resolved, or goes. */
  browse(): Program {
    const browse = ["-oL", "avahi-browse", "--resolve", "--parsable", "_lanline-bench._tcp"];
    return new Program(this.host, "avahi-browse", "stdbuf", browse, { env: this.#env });
  }
}

const BUS = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>ADDRESS</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow send_type="method_call"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
`;

const CONFIG = `[server]
host-name=NAME
use-ipv4=yes
use-ipv6=yes
allow-interfaces=eth0
ratelimit-interval-usec=1000000
ratelimit-burst=1000
[publish]
publish-hinfo=no
publish-workstation=no
`;
