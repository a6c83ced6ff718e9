// `fairlead ctl`: its commands, options and help. What they do is in ctl.ts and ctl-actions.ts.

import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../config/duration.ts";
import type { AdminTarget } from "./admin-client.ts";
import { SHELLS, type Shell, writeCompletion } from "./completion.ts";
import { ctlBrokerStats, ctlReload, ctlServers, ctlStatus } from "./ctl.ts";
import {
  type ConnectionOptions,
  ctlCertificates,
  ctlConnectionClose,
  ctlConnections,
  ctlEvents,
  ctlServerChange,
  ctlServerClose,
  ctlTable,
  ctlTableRemove,
} from "./ctl-actions.ts";
import { type BanOptions, ctlBanLift, ctlBans } from "./ctl-bans.ts";
import { ctlRebalance, ctlServerEmpty, type EmptyOptions } from "./ctl-moving.ts";
import type { Ctl } from "./ctl-target.ts";
import { ctlTop, type TopOptions } from "./ctl-top.ts";
import { ctlTrace, type TraceOptions } from "./ctl-trace.ts";
import { EXIT_OK, type ExitCode } from "./exit-code.ts";
import { drawTokenCommand, hashPasswordCommand } from "./hash-password.ts";
import type { Printer } from "./printer.ts";

const DEFAULT_URL = "http://127.0.0.1:8888";
const LISTED = 20;
const LISTED_MAX = 1000;
const WEIGHT_MAX = 256;
const FOR_MAX_MS = 7 * 86_400_000;

const AFTER_HELP = `
Where it asks and as whom can also stand in FAIRLEAD_URL, FAIRLEAD_TOKEN and FAIRLEAD_USER
(NAME:PASSWORD). An authority of its own for https: NODE_EXTRA_CA_CERTS=FILE.

Exit codes: 0 done, 1 a problem, 2 the command line makes no sense, 3 there is no such thing,
4 whoever asks may not.`;

interface CtlOptions {
  readonly url?: string;
  readonly admin?: string;
  readonly token?: string;
  readonly user?: string;
  readonly json: boolean;
}

/** @param finish is told the exit code of the command that ran */
export function addCtl(
  program: Command,
  printer: Printer,
  finish: (code: ExitCode) => void,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  const ctl = program
    .command("ctl")
    .description("ask a balancer that is running, or tell it something")
    .option("--url <url>", `its admin address (default: ${DEFAULT_URL})`)
    .addOption(new Option("--admin <url>", "the same").hideHelp())
    .option("--token <token>", "a token of its configuration")
    .option("--user <name:password>", "a name and a password of its configuration")
    .option("--json", "print what the API says, for programs", false)
    .addHelpText("after", AFTER_HELP);
  const run =
    <Args extends readonly unknown[]>(act: (ctl: Ctl, ...args: Args) => Promise<ExitCode>) =>
    async (...args: unknown[]) => {
      const options = ctl.opts<CtlOptions>();
      const target = targetOf(options, environment);
      const context = { target, printer, isJson: options.json };
      finish(await act(context, ...(args as unknown as Args)));
    };
  addLooking(ctl, run);
  addServer(ctl, run);
  addMoving(ctl, run);
  addConnections(ctl, run);
  addTrace(ctl, run);
  addTables(ctl, run);
  addBans(ctl, run);
  ctl
    .command("hash-password")
    .description("ask for a password and print what the configuration keeps of it")
    .action(async () => finish(await hashPasswordCommand(printer)));
  ctl
    .command("draw-token")
    .description("draw a token, and print what the configuration keeps of it")
    .action(() => finish(drawTokenCommand(printer)));
  ctl
    .command("completion")
    .description("print what makes a shell complete these commands")
    .addArgument(program.createArgument("<shell>", "which shell").choices(SHELLS))
    .action((shell: Shell) => {
      printer.print(writeCompletion(program, shell).trimEnd());
      finish(EXIT_OK);
    });
}

type Run = <Args extends readonly unknown[]>(
  act: (ctl: Ctl, ...args: Args) => Promise<ExitCode>,
) => (...args: unknown[]) => Promise<void>;

function addLooking(ctl: Command, run: Run): void {
  ctl
    .command("status")
    .description("the process, its workers and listeners")
    .action(run(ctlStatus));
  ctl
    .command("servers")
    .description("the servers: up or down and why, connections")
    .action(run(ctlServers));
  ctl
    .command("top")
    .description("a screen of servers, rates and the busiest clients, anew each second")
    .option("--total", "clients by all they have moved, not by what they move now", false)
    .action(run((context, options: TopOptions) => ctlTop(context, options)));
  ctl
    .command("certs")
    .description("certificates and how many days they are good for")
    .action(run(ctlCertificates));
  ctl
    .command("reload")
    .description("read the configuration again and run what it says; connections stay")
    .option("--wait", "return when every worker runs it", false)
    .action(run((context, { wait }: { wait: boolean }) => ctlReload(context, { wait })));
  ctl
    .command("events")
    .description("the latest of what has happened: servers up and down, plans, bans, actions")
    .option("--follow", "what happens from now on, as it comes", false)
    .action(run((context, { follow }: { follow: boolean }) => ctlEvents(context, follow)));
  ctl
    .command("broker")
    .description("the embedded broker nodes")
    .command("stats")
    .description("the counters of each node, one a line")
    .action(run(ctlBrokerStats));
}

function addServer(ctl: Command, run: Run): void {
  const server = ctl.command("server").description("change a server, named POOL/SERVER");
  const states = [
    ["ready", "ready", "takes connections"],
    ["drain", "drain", "takes only clients that belong to it; what is open stays"],
    ["maint", "maintenance", "takes nothing and is not checked; what is open stays"],
  ] as const;
  for (const [word, state, description] of states) {
    server
      .command(word)
      .description(`it ${description}`)
      .argument("<server>", "POOL/SERVER")
      .action(run((context, name: string) => ctlServerChange(context, name, { state })));
  }
  server
    .command("weight")
    .description("its share of new connections")
    .argument("<server>", "POOL/SERVER")
    .argument("<weight>", `0 to ${WEIGHT_MAX}, or file for what the file says`, parseWeight)
    .action(
      run((context, name: string, weight: number | null) =>
        ctlServerChange(context, name, { weight }),
      ),
    );
  server
    .command("empty")
    .description("drain it and send its clients to other servers, at the pace of its pool")
    .argument("<server>", "POOL/SERVER")
    .option("--stop", "send nobody else away; it stays in drain", false)
    .option("--wait", "say how far it has come, and return when nobody is left", false)
    .addOption(
      new Option("--reason <reason>", "what clients of MQTT 5.0 are told, not the pool's")
        .choices(["use-another-server", "server-moved"])
        .conflicts("stop"),
    )
    .addOption(
      new Option("--wills <wills>", "what becomes of last wills, not the pool's")
        .choices(["published", "discarded"])
        .conflicts("stop"),
    )
    .action(
      run((context, name: string, options: EmptyOptions) => ctlServerEmpty(context, name, options)),
    );
  server
    .command("close")
    .description("end every connection to it")
    .argument("<server>", "POOL/SERVER")
    .action(run((context, name: string) => ctlServerClose(context, name)));
}

function addMoving(ctl: Command, run: Run): void {
  ctl
    .command("rebalance")
    .description("send clients of servers above their share to others, at the pace of the pool")
    .argument("<pool>", "whose servers get their shares back")
    .option("--stop", "send nobody else away", false)
    .action(
      run((context, pool: string, { stop }: { stop: boolean }) =>
        ctlRebalance(context, pool, stop),
      ),
    );
}

function addConnections(ctl: Command, run: Run): void {
  ctl
    .command("conns")
    .description("open connections")
    .option("--client <prefix>", "whose client id begins so")
    .option("--address <ip>", "from this address")
    .option("--server <server>", "to this server: b1, or brokers/b1")
    .option("--listener <listener>", "of this listener")
    .addOption(
      new Option("--top <what>", "what the first have most of; a rate is looked at for a second")
        .choices(["age", "bytes", "messages", "byte-rate", "message-rate", "slowest"])
        .default("age"),
    )
    .option("--limit <count>", "how many", parseLimit, LISTED)
    .action(run((context, options: ConnectionOptions) => ctlConnections(context, options)));
  ctl
    .command("conn")
    .description("one connection")
    .command("close")
    .description("end it")
    .argument("<connection>", "its id, as conns shows it: 0-12-7; or a client id")
    .action(run((context, id: string) => ctlConnectionClose(context, id)));
}

function addTrace(ctl: Command, run: Run): void {
  ctl
    .command("trace")
    .description("a client's MQTT packets as they pass, in both directions; for operators")
    .argument("<client-id>", "whose, connected already or not yet")
    .option("--payload", "show payloads, too", false)
    .option("--count <packets>", "end after so many", parseCount)
    .option("--for <duration>", "end after so long: 30s, 5m", parseFor)
    .option("--follow", "stay when the client has gone, for when it comes back", false)
    .action(
      run((context, client: string, options: TraceOptions) => ctlTrace(context, client, options)),
    );
}

function addTables(ctl: Command, run: Run): void {
  const table = ctl
    .command("table")
    .description("sticky tables and tables of counters, or the entries of one")
    .argument("[table]", "a pool, or the name of a table of counters")
    .option("--limit <count>", "how many entries", parseLimit, LISTED)
    .option("--remove <key>", "forget this entry");
  table.action(
    run((context, name: string | undefined, options: { limit: number; remove?: string }) => {
      const { limit, remove } = options;
      if (name === undefined || remove === undefined) return ctlTable(context, name, limit);
      return ctlTableRemove(context, name, remove);
    }),
  );
}

function addBans(ctl: Command, run: Run): void {
  const listener = ["--listener <listener>", "only at this listener"] as const;
  const by = () =>
    new Option("--by <what>", "only by this").choices(["address", "network", "client-id"]);
  const bans = ctl
    .command("bans")
    .description("who is turned away for repeated failures, why and until when")
    .option(...listener)
    .addOption(by())
    .action(run((context, options: BanOptions) => ctlBans(context, options)));
  bans
    .command("lift")
    .description("let a key in again, and forget its failures")
    .argument("<key>", "an address, the first one of a network, or a client id")
    .option(...listener)
    .addOption(by())
    .action(
      run((context, key: string, _: BanOptions, command: Command) =>
        ctlBanLift(context, key, command.optsWithGlobals<BanOptions>()),
      ),
    );
}

/** Options count before the environment does. */
export function targetOf(options: Partial<CtlOptions>, env: NodeJS.ProcessEnv): AdminTarget {
  const url = options.url ?? options.admin ?? env["FAIRLEAD_URL"] ?? DEFAULT_URL;
  const isGiven = options.token !== undefined || options.user !== undefined;
  const token = isGiven ? options.token : env["FAIRLEAD_TOKEN"];
  const user = isGiven ? options.user : env["FAIRLEAD_USER"];
  if (token !== undefined) return { url, authorization: `Bearer ${token}` };
  if (user === undefined) return { url, authorization: null };
  return { url, authorization: `Basic ${Buffer.from(user).toString("base64")}` };
}

function parseWeight(text: string): number | null {
  if (text === "file") return null;
  return parseWhole(text, 0, WEIGHT_MAX);
}

function parseLimit(text: string): number {
  return parseWhole(text, 1, LISTED_MAX);
}

function parseCount(text: string): number {
  return parseWhole(text, 1, Number.MAX_SAFE_INTEGER);
}

function parseFor(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0 && ms <= FOR_MAX_MS) return ms;
  throw new InvalidArgumentError("It must be a duration such as 30s or 5m, 7d at most");
}

function parseWhole(text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}`);
}
