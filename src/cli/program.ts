// The command line: commands, options and their help, and which function runs each.
//
// Parses and delegates. An argument that makes no sense ends with exit code 2 and says what would.

import { Command, CommanderError, InvalidArgumentError } from "commander";
import { VERSION } from "../supervisor/version.ts";
import { benchCommand } from "./bench.ts";
import { addBench, spellOut } from "./bench-options.ts";
import { checkCommand } from "./check.ts";
import { addConfigOptions, addReadingOptions, requestFrom } from "./config-options.ts";
import { convertCommand } from "./convert.ts";
import { ctlBrokerStats, ctlReload, ctlServers, ctlStatus } from "./ctl.ts";
import { EXIT_OK, EXIT_PROBLEM, EXIT_USAGE, type ExitCode } from "./exit-code.ts";
import { describeError, type Printer } from "./printer.ts";
import { SURROUNDINGS } from "./read-settings.ts";
import { runCommand } from "./run.ts";
import { UP_DEFAULTS, upCommand } from "./up.ts";

const DEFAULT_ADMIN_URL = "http://127.0.0.1:8888";
const NODES_MAX = 16;
const WORKERS_MAX = 256;
/** @param args what follows `fairlead` on the command line. @returns the exit code; never throws */
export async function runProgram(args: readonly string[], printer: Printer): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_OK;
  const program = createProgram(printer, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(spellOut(args), { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed what it has to say: help and version end this way, too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    printer.complain(describeError(error));
    return EXIT_PROBLEM;
  }
}

type Finish = (code: ExitCode) => void;

function createProgram(printer: Printer, finish: Finish): Command {
  const program = new Command("fairlead")
    .description("An MQTT load balancer.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .showHelpAfterError("(fairlead --help shows what there is)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => printer.print(text.trimEnd()),
      writeErr: (text) => printer.complain(text.trimEnd()),
    });
  addUp(program, printer, finish);
  addRun(program, printer, finish);
  addCheck(program, printer, finish);
  addConvert(program, printer, finish);
  addCtl(program, printer, finish);
  addBench(program, async (kind, options) => finish(await benchCommand(kind, options, printer)));
  // From here on: -V before a command is the program's, behind it the command's.
  program.enablePositionalOptions();
  return program;
}

function addUp(program: Command, printer: Printer, finish: Finish): void {
  program
    .command("up")
    .description("start a cluster of embedded broker nodes behind the balancer, to try things")
    .option("--host <address>", "where clients connect", UP_DEFAULTS.host)
    .option("--port <port>", "port for MQTT; 0 takes a free one", parsePort, UP_DEFAULTS.port)
    .option("--tls-port <port>", "the same over TLS", parsePort, UP_DEFAULTS.tlsPort)
    .option("--ws-port <port>", "the same over WebSocket", parsePort, UP_DEFAULTS.wsPort)
    .option("--wss-port <port>", "the same over both", parsePort, UP_DEFAULTS.wssPort)
    .option(
      "--state-dir <folder>",
      "where its certificate and its authority are kept (default: in the user's state folder)",
    )
    .option("--admin <address:port>", "where the pages are", UP_DEFAULTS.admin)
    .option("--nodes <count>", "broker nodes", parseCount(NODES_MAX), UP_DEFAULTS.nodes)
    .option(
      "--node-port <port>",
      "MQTT port of the first node, the others follow; 0 takes free ones",
      parsePort,
      UP_DEFAULTS.nodePort,
    )
    .option(
      "--node-ws-port <port>",
      "WebSocket port of the first node, the others follow; 0 takes free ones",
      parsePort,
      UP_DEFAULTS.nodeWsPort,
    )
    .option(
      "--workers <count>",
      "threads that relay (default: one per core)",
      parseCount(WORKERS_MAX),
    )
    .action(async (options) => finish(await upCommand(options, printer)));
}

function addRun(program: Command, printer: Printer, finish: Finish): void {
  addConfigOptions(program.command("run"))
    .description("run the balancer with fairlead.yaml, haproxy.cfg or nginx.conf")
    .action(async (options) => finish(await runCommand(requestFrom(options), printer)));
}

function addCheck(program: Command, printer: Printer, finish: Finish): void {
  addConfigOptions(program.command("check"))
    .description("print every mistake in a configuration; start nothing")
    .action(async (options) => {
      const request = requestFrom(options);
      const code = await checkCommand(request, SURROUNDINGS, (line) => printer.print(line));
      finish(code === 0 ? EXIT_OK : EXIT_PROBLEM);
    });
}

function addConvert(program: Command, printer: Printer, finish: Finish): void {
  addReadingOptions(program.command("convert <files...>"))
    .description("print haproxy.cfg or nginx.conf as fairlead.yaml, comments included")
    .action(async (files: string[], options) => {
      const request = requestFrom({ ...options, config: files });
      finish(await convertCommand(request, SURROUNDINGS, printer));
    });
}

function addCtl(program: Command, printer: Printer, finish: Finish): void {
  const ctl = program
    .command("ctl")
    .description("ask a balancer that is running, or have it reload")
    .option("--admin <url>", "its admin address", DEFAULT_ADMIN_URL);
  const admin = () => ctl.opts<{ admin: string }>().admin;
  ctl
    .command("status")
    .description("the process, its workers and listeners")
    .action(async () => finish(await ctlStatus(admin(), printer)));
  ctl
    .command("servers")
    .description("the servers: up or down and why, connections")
    .action(async () => finish(await ctlServers(admin(), printer)));
  ctl
    .command("reload")
    .description("read the configuration again and run what it says; connections stay")
    .option("--wait", "return when every worker runs it", false)
    .action(async ({ wait }) => finish(await ctlReload(admin(), { wait }, printer)));
  ctl
    .command("broker")
    .description("the embedded broker nodes")
    .command("stats")
    .description("the counters of each node, one a line")
    .action(async () => finish(await ctlBrokerStats(admin(), printer)));
}

function parsePort(text: string): number {
  return parseWhole(text, 0, 65_535);
}

function parseCount(max: number): (text: string) => number {
  return (text) => parseWhole(text, 1, max);
}

function parseWhole(text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}`);
}
