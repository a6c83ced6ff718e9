// `fairlead bench`: its commands, their options and help. Names and meanings are those of MQTTX
// CLI's `bench`, so that what people know works here; what it lacks is ours.

import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../config/duration.ts";
import { parseSize } from "../config/size.ts";
import type { LoadKind } from "../load/load-order.ts";
import type { ProtocolLevel } from "../load/packet-writer.ts";
import { IN_FLIGHT_MAX } from "../load/publisher.ts";
import {
  addTransportOptions,
  BENCH_TRANSPORT_DEFAULTS,
  type BenchTransportOptions,
} from "./bench-transport.ts";

/** What a command line of `fairlead bench` says, with the defaults filled in. */
export interface BenchOptions extends BenchTransportOptions {
  readonly hostname: string;
  /** null: the one of the protocol. */
  readonly port: number | null;
  readonly count: number;
  /** ms between two connections being opened. */
  readonly interval: number;
  readonly mqttVersion: ProtocolLevel;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly clean: boolean;
  readonly keepalive: number;
  readonly reconnectPeriod: number;
  readonly cycle: boolean;
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly message?: string;
  readonly payloadSize: number;
  readonly messageInterval: number;
  readonly limit: number;
  readonly inflight: number;
  readonly burst: number;
  /** Connections that publish; null: all. */
  readonly active: number | null;
  readonly sourceAddresses: readonly string[];
  /** Milliseconds to measure; null: until a signal comes. */
  readonly duration: number | null;
  readonly warmup: number;
  readonly workers: number;
  readonly reactor: "auto" | "epoll" | "io_uring";
  readonly sink: string | null;
  readonly pid: readonly number[];
  readonly json: boolean;
  readonly progress: boolean;
}

export type RunBench = (kind: LoadKind | "sink", options: BenchOptions) => Promise<void>;

/** What every option is when nobody says otherwise. */
export const BENCH_DEFAULTS: BenchOptions = {
  ...BENCH_TRANSPORT_DEFAULTS,
  hostname: "localhost",
  port: null,
  count: 1000,
  interval: 10,
  mqttVersion: 5,
  clientId: `fairlead_bench_${process.pid.toString(36)}`,
  clean: true,
  keepalive: 30,
  reconnectPeriod: 1000,
  cycle: false,
  topic: "bench/%i",
  qos: 0,
  retain: false,
  payloadSize: 64,
  messageInterval: 1000,
  limit: 0,
  inflight: 20,
  burst: 1,
  active: null,
  sourceAddresses: [],
  duration: null,
  warmup: 0,
  workers: 1,
  reactor: "auto",
  sink: null,
  pid: [],
  json: false,
  progress: false,
};

/** MQTTX's short options of two letters, which the parser does not know. */
const TWO_LETTERS: Readonly<Record<string, string>> = {
  "-im": "--message-interval",
  "-rp": "--reconnect-period",
};

/** The arguments with options of two letters written out, if they are for `bench`. */
export function spellOut(args: readonly string[]): readonly string[] {
  return args[0] === "bench" ? args.map((arg) => TWO_LETTERS[arg] ?? arg) : args;
}

/** Adds `bench` and its commands. The program's own options must be positional: -V is ours. */
export function addBench(program: Command, run: RunBench): void {
  const bench = program
    .command("bench")
    .description("make load: connect, publish, subscribe, and say how fast and how well it went")
    .helpOption("--help", "show this help");
  const command = (name: LoadKind | "sink", description: string): Command =>
    bench
      .command(name)
      .description(description)
      .helpOption("--help", "show this help")
      .action((options) => run(name, { ...BENCH_DEFAULTS, ...(PRESETS[name] ?? {}), ...options }));

  addConnectOptions(command("conn", "open many connections and keep them")).option(
    "--cycle",
    "close each when CONNACK has come and open it again, over and over",
  );
  addPublishOptions(addConnectOptions(command("pub", "publish from many connections")))
    .requiredOption("-t, --topic <topic>", `${TOPIC_HELP} (required)`)
    .addOption(qosOption())
    .addOption(messageIntervalOption("1000"))
    .option("--burst <count>", "messages in one send, without interval", whole(1, 1024));
  addConnectOptions(command("sub", "subscribe many connections and count what comes"))
    .requiredOption("-t, --topic <topic>", `${TOPIC_HELP} (required)`)
    .addOption(qosOption());
  addPublishOptions(
    addConnectOptions(
      command(
        "ping",
        "publish with QoS 1, the next message when PUBACK has come; as fast as it goes",
      ),
    ),
  )
    .option("-t, --topic <topic>", `${TOPIC_HELP} (default: bench/%i)`)
    .addOption(messageIntervalOption("0"));
  addSinkOptions(command("sink", "be a broker that acknowledges everything and keeps nothing"));
}

/** What differs from the defaults of all. */
const PRESETS: Readonly<Partial<Record<LoadKind | "sink", Partial<BenchOptions>>>> = {
  ping: { qos: 1, inflight: 1, messageInterval: 0 },
};

const TOPIC_HELP = "the topic; %i is the connection's number, %c its client id, %u its user name";

function addConnectOptions(command: Command): Command {
  return addRunOptions(
    addTransportOptions(command)
      .option("-h, --hostname <host>", "where to connect to (default: localhost)")
      .option("-p, --port <port>", "its port (default: of the protocol)", whole(1, 65_535))
      .option("-c, --count <number>", "connections (default: 1000)", whole(1, 1_000_000))
      .option(
        "-i, --interval <ms>",
        "between two being opened; 0: as fast as they are answered (default: 10)",
        whole(0, 3_600_000),
      )
      .option(
        "-V, --mqtt-version <version>",
        "5, 3.1.1 (or 4), 3.1 (or 3) (default: 5)",
        parseLevel,
      )
      .option("-I, --client-id <id>", "%i is the connection's number; without it, _%i is added")
      .option("-u, --username <user>", "the user name")
      .option("-P, --password <password>", "the password")
      .option("-k, --keepalive <seconds>", "0: none (default: 30)", whole(0, 65_535))
      .addOption(reconnectOption())
      .option("-C, --clean <true|false>", "start clean sessions (default: true)", parseBoolean)
      .option("--no-clean", "the same as --clean false")
      .option(
        "--source-addresses <list>",
        "connect from these in turn: 127.0.0.2,127.0.0.3 or 127.0.0.2-127.0.0.9",
        parseAddressList,
      )
      .option("--active <number>", "only so many connections publish (default: all)", whole(1, 1e6))
      .option("--sink <address>", "be the broker as well, on this [address:]port"),
  );
}

function addPublishOptions(command: Command): Command {
  return command
    .option("-s, --payload-size <size>", "64B, 1KiB, 1MB (default: 64B)", parsePayloadSize)
    .option("-m, --message <text>", "the payload, instead of one of a size")
    .option("-r, --retain", "have messages retained")
    .option(
      "-L, --limit <number>",
      "messages to publish, all together; 0: no limit",
      whole(0, 1e12),
    )
    .option(
      "--inflight <number>",
      "messages a connection has unacknowledged at most",
      whole(1, IN_FLIGHT_MAX),
    );
}

function addRunOptions(command: Command): Command {
  return command
    .option("-d, --duration <time>", "10s, 5m; otherwise until Ctrl-C", parseTime)
    .option("--warmup <time>", "how long to run before measuring (default: none)", parseTime)
    .option("--workers <count>", "threads that make the load (default: 1)", whole(1, 256))
    .addOption(
      new Option("--reactor <name>", "how to talk to the kernel (default: auto)").choices([
        "auto",
        "epoll",
        "io_uring",
      ]),
    )
    .option("--pid <pids>", "report the CPU time of these processes, too: 123,124", parsePids)
    .option("--progress", "a line each second on standard error, even when that is no terminal")
    .option("--json", "the result as JSON");
}

function addSinkOptions(command: Command): void {
  addRunOptions(command)
    .option("-h, --hostname <host>", "the address to listen on (default: localhost)")
    .option("-p, --port <port>", "the port to listen on (default: 1883)", whole(1, 65_535))
    .option("-c, --count <number>", "clients at most (default: 1000)", whole(1, 1_000_000));
}

function qosOption(): Option {
  return new Option("-q, --qos <0|1|2>", "the QoS (default: 0)").argParser(
    (text) => whole(0, 2)(text) as BenchOptions["qos"],
  );
}

function messageIntervalOption(otherwise: string): Option {
  const meaning = "or -im: between two messages of a connection; 0: as fast as it goes";
  const help = `${meaning} (default: ${otherwise})`;
  return new Option("--im, --message-interval <ms>", help).argParser(whole(0, 86_400_000));
}

function reconnectOption(): Option {
  const help = "or -rp: before a lost connection is opened again; 0: never (default: 1000)";
  return new Option("--rp, --reconnect-period <ms>", help).argParser(whole(0, 3_600_000));
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}`);
  };
}

function parseLevel(text: string): ProtocolLevel {
  const level = { 3: 3, 3.1: 3, 4: 4, "3.1.1": 4, 5: 5, "5.0": 5 }[text];
  if (level !== undefined) return level as ProtocolLevel;
  throw new InvalidArgumentError("It must be 5, 3.1.1 (or 4) or 3.1 (or 3)");
}

function parseBoolean(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new InvalidArgumentError("It must be true or false");
}

function parsePayloadSize(text: string): number {
  const size = parseSize(text);
  if (size !== null && size <= PAYLOAD_MAX) return size;
  throw new InvalidArgumentError("It must be a size up to 64MiB, such as 64B, 1KiB or 1MB");
}

const PAYLOAD_MAX = 64 * 1024 * 1024;

/** A bare number is seconds. */
function parseTime(text: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError("It must be a time, such as 10s, 500ms or 5m");
}

function parsePids(text: string): number[] {
  return text.split(",").map(whole(1, 2 ** 22));
}

/** @returns the addresses of `127.0.0.2,127.0.0.5-127.0.0.7` */
function parseAddressList(text: string): string[] {
  return text.split(",").flatMap((part) => {
    const range = /^(\d+\.\d+\.\d+\.)(\d+)-(\d+\.\d+\.\d+\.)(\d+)$/.exec(part);
    if (range === null) return [part];
    const [, prefix, first, lastPrefix, last] = range;
    const from = Number(first);
    const to = Number(last);
    if (prefix !== lastPrefix || from > to || to > 255) {
      throw new InvalidArgumentError(`"${part}" is no range of the last number of an address`);
    }
    return Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${from + i}`);
  });
}
