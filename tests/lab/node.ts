/** A headless Lanline node on a host of the lab. */
import type { Host } from "./network.ts";
import { nodeBinary, temporary } from "./paths.ts";
import { type Ending, Program } from "./program.ts";

/** What the node says on standard output once it can be used. */
export interface Ready {
  event: "ready";
  id: string;
  name: string;
  local_url: string;
  lan_urls: string[];
}

export interface NodeOptions {
  name: string;
  /** Kept over a restart when given; else a new one that is gone with the lab. */
  dataDir?: string;
  args?: string[];
  env?: Record<string, string>;
}

/** Starts a node, which may or may not come up. */
export function launchNode(
  host: Host,
  options: NodeOptions,
): { program: Program; dataDir: string } {
  const dataDir = options.dataDir ?? temporary("node");
  const args = ["--json", "--data-dir", dataDir, "--name", options.name, ...(options.args ?? [])];
  const env = { RUST_BACKTRACE: "1", ...options.env };
  return { program: new Program(host, `node-${options.name}`, nodeBinary, args, { env }), dataDir };
}

export class Node {
  readonly host: Host;
  readonly name: string;
  readonly dataDir: string;
  readonly program: Program;
  readonly ready: Ready;
  /** When the ready line was read. */
  readonly readyAt: number;

  private constructor(
    host: Host,
    started: { program: Program; dataDir: string },
    line: { text: string; at: number },
  ) {
    this.host = host;
    this.dataDir = started.dataDir;
    this.program = started.program;
    this.ready = JSON.parse(line.text) as Ready;
    this.name = this.ready.name;
    this.readyAt = line.at;
  }

  static async start(host: Host, options: NodeOptions): Promise<Node> {
    const started = launchNode(host, options);
    const line = await started.program.out.first("the ready line", (text) =>
      text.includes('"event":"ready"'),
    );
    return new Node(host, started, line);
  }

  /** The page as its owner opens it. */
  get url(): string {
    return this.ready.local_url;
  }

  get port(): number {
    return Number(new URL(this.url).port || 80);
  }

  /** The page as a browser on another host opens it. */
  get lanUrl(): string {
    return `https://${this.host.address}:${this.port}/`;
  }

  /** Asks it to end, and checks that it does so in good order. */
  async stop(): Promise<void> {
    const ending = await this.program.end("SIGTERM");
    if (ending.code !== 0) throw new Error(`${this.name} ended with ${JSON.stringify(ending)}`);
  }

  /** Ends it without a word to anybody. */
  async kill(): Promise<Ending> {
    return this.program.end("SIGKILL");
  }
}
