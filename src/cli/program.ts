// The command line: commands, options and their help, and which function runs each.
//
// Parses and delegates. An argument that makes no sense ends with exit code 2 and says what would.
// What a command needs is loaded when it runs: `ctl` does without the balancer.

import { Command, CommanderError, Help, InvalidArgumentError, type Option } from "commander";
import { VERSION } from "../supervisor/version.ts";
import { AdminError } from "./admin-client.ts";
import { adviceOn } from "./advice.ts";
import { addBench, spellOut } from "./bench-options.ts";
import {
  addConfigOptions,
  addReadingOptions,
  type ConfigOptions,
  filesOf,
  requestFrom,
} from "./config-options.ts";
import { addCtl } from "./ctl-options.ts";
import {
  EXIT_FORBIDDEN,
  EXIT_MISSING,
  EXIT_OK,
  EXIT_PROBLEM,
  EXIT_USAGE,
  type ExitCode,
} from "./exit-code.ts";
import { describeError, type Printer } from "./printer.ts";
import { UP_DEFAULTS } from "./up-defaults.ts";
import { UsageError } from "./usage-error.ts";

const NODES_MAX = 16;
const WORKERS_MAX = 256;
const CONVERTED = "haproxy.cfg or nginx.conf; several .cfg, or a folder of them, are read as one";

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
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT_OK;
      advise(error, args, program, printer);
      return EXIT_USAGE;
    }
    printer.complain(describeError(error));
    if (error instanceof UsageError) return EXIT_USAGE;
    return error instanceof AdminError ? exitCodeOf(error) : EXIT_PROBLEM;
  }
}

// What commander does not think of itself.
function advise(
  { code }: CommanderError,
  args: readonly string[],
  program: Command,
  printer: Printer,
): void {
  const at = args.indexOf("help");
  if (code === "commander.help") {
    if (at >= 0 && at < args.length - 1) printer.complain(`There is no command "${args.at(-1)}"`);
    return;
  }
  const ctl = program.commands.find((command) => command.name() === "ctl");
  const names = ctl?.commands.map((command) => command.name()) ?? [];
  const meant = adviceOn(args, names);
  if (meant !== null) printer.complain(`(Did you mean ${meant}?)`);
}

function exitCodeOf({ status }: AdminError): ExitCode {
  if (status === 401 || status === 403) return EXIT_FORBIDDEN;
  return status === 404 ? EXIT_MISSING : EXIT_PROBLEM;
}

// Whoever mistypes a command is shown the way to the help of that command.
function nameOwnHelp(command: Command, path: string): void {
  command.showHelpAfterError(`(${path} --help shows what there is)`);
  for (const each of command.commands) nameOwnHelp(each, `${path} ${each.name()}`);
}

// What is off unless it is said needs no default.
function optionDescription(option: Option): string {
  return new Help().optionDescription(option).replace(/ \(default: false\)$/, "");
}

type Finish = (code: ExitCode) => void;

function createProgram(printer: Printer, finish: Finish): Command {
  const program = new Command("fairlead")
    .description("An MQTT load balancer.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({ optionDescription })
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
  addBench(program, async (kind, options) => {
    const { benchCommand } = await import("./bench.ts");
    finish(await benchCommand(kind, options, printer));
  });
  // From here on: -V before a command is the program's, behind it the command's.
  program.enablePositionalOptions();
  nameOwnHelp(program, program.name());
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
    .action(async (options) => {
      const { upCommand } = await import("./up.ts");
      finish(await upCommand(options, printer));
    });
}

function addRun(program: Command, printer: Printer, finish: Finish): void {
  addConfigOptions(program.command("run"))
    .description("run the balancer with fairlead.yaml, haproxy.cfg or nginx.conf")
    .action(async (files: string[], options: ConfigOptions, command: Command) => {
      const request = requestFrom({ ...options, config: filesOf(command, files, options) });
      const { runCommand } = await import("./run.ts");
      finish(await runCommand(request, printer));
    });
}

function addCheck(program: Command, printer: Printer, finish: Finish): void {
  addConfigOptions(program.command("check"))
    .description("print every mistake in a configuration; start nothing")
    .action(async (files: string[], options: ConfigOptions, command: Command) => {
      const request = requestFrom({ ...options, config: filesOf(command, files, options) });
      const { checkCommand } = await import("./check.ts");
      const { SURROUNDINGS } = await import("./read-settings.ts");
      const code = await checkCommand(request, SURROUNDINGS, (line) => printer.print(line));
      finish(code === 0 ? EXIT_OK : EXIT_PROBLEM);
    });
}

function addConvert(program: Command, printer: Printer, finish: Finish): void {
  addReadingOptions(program.command("convert").argument("[files...]", CONVERTED))
    .description("print haproxy.cfg or nginx.conf as fairlead.yaml, comments included")
    .action(async (files: string[], options, command: Command) => {
      const request = requestFrom({ ...options, config: filesOf(command, files, {}) });
      const { convertCommand } = await import("./convert.ts");
      const { SURROUNDINGS } = await import("./read-settings.ts");
      finish(await convertCommand(request, SURROUNDINGS, printer));
    });
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
