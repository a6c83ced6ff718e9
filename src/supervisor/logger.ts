// The log of the process: what happened to Fairlead itself, through pino, and where all lines go.
//
//   logger ──> pino ──> outlets <── connections that have ended (access-log.ts)
//
// Bounded by its outlets, which drop and count what they cannot take.

import { hostname } from "node:os";
import pino from "pino";
import type { LogSettings } from "../config/settings.ts";
import { LogOutlets } from "../logging/log-outlets.ts";
import type { Level } from "../logging/syslog-names.ts";
import { LOOK_EVERY_MS, type OutletNews, OutletWatch } from "./outlet-watch.ts";
import { formatPrettyLine } from "./pretty-line.ts";
import { StdoutOutlet } from "./stdout-outlet.ts";

export type Logger = pino.Logger;

export interface Log {
  readonly logger: Logger;
  /** Where connections that have ended are logged; without it they are lines of `logger`. */
  readonly outlets?: LogOutlets;
  /** Lines dropped because a reader of the log was behind. */
  readonly droppedCount: () => number;
  /** Writes what is waiting; nothing may be logged after that. Gives up on a reader that stalls. */
  close(): Promise<void>;
}

/** @param fd where `stdout` is: standard output, unless a test says otherwise */
export function openLog(
  settings: LogSettings,
  fd = 1,
  complain: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Log {
  const stdout = new StdoutOutlet(fd);
  const isTerminal = settings.format === "pretty" && process.stdout.isTTY === true;
  const outlets = new LogOutlets(settings.outlets, {
    stdout,
    host: hostname(),
    pid: process.pid,
    makePretty: (json) => formatPrettyLine(json, isTerminal).trimEnd(),
  });
  const logger = pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    eventStream(outlets),
  );
  const watching = watchOutlets(outlets, alwaysHeard(logger), complain);
  return {
    logger,
    outlets,
    droppedCount: () => outlets.droppedCount,
    close: () => {
      clearInterval(watching);
      return outlets.close();
    },
  };
}

function watchOutlets(
  outlets: LogOutlets,
  logger: Logger,
  complain: (line: string) => void,
): NodeJS.Timeout {
  const tell = ({ outlet, problem, sentence }: OutletNews) => {
    logger[problem === null ? "info" : "warn"]({ event: "log-outlet", outlet, problem }, sentence);
  };
  const watch = new OutletWatch({ statuses: () => outlets.statuses, tell, complain });
  return setInterval(() => watch.look(performance.now()), LOOK_EVERY_MS).unref();
}

/** Lines that are written whatever `log.level` says: state changes, and what the operator does. */
export function alwaysHeard(logger: Logger): Logger {
  return logger.child({}, { level: "info" });
}

/** pino tells a stream with this mark the level and the message of each line beside it. */
const WITH_METADATA = Symbol.for("pino.metadata");

function eventStream(outlets: LogOutlets) {
  return {
    [WITH_METADATA]: true,
    // Written by pino before each line.
    lastLevel: 0,
    lastMsg: "" as string | undefined,
    write(line: string): void {
      const level = levelOf(this.lastLevel);
      outlets.event({ level, json: line.trimEnd(), sentence: this.lastMsg ?? "" });
    },
  };
}

/** What happens to Fairlead is at least a `notice`: `info` is for connections. */
function levelOf(pinoLevel: number): Level {
  if (pinoLevel >= 60) return "crit";
  if (pinoLevel >= 50) return "err";
  if (pinoLevel >= 40) return "warning";
  return pinoLevel >= 30 ? "notice" : "debug";
}
