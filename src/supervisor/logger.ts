// The log: one line per event on standard output, as JSON or for people.
//
// Written by Node's thread pool, so that a reader that stalls stalls nothing here. Bounded: beyond
// LOG_BUFFER_MAX bytes that nobody reads, lines are dropped and counted.

import pino from "pino";
import type { LogSettings } from "../config/settings.ts";
import { formatPrettyLine } from "./pretty-line.ts";

const LOG_BUFFER_MAX = 8 * 1024 * 1024;
/** A process that ends waits so long for whoever reads its log. */
const CLOSE_PATIENCE_MS = 1_000;

export type Logger = pino.Logger;

export interface Log {
  readonly logger: Logger;
  /** Lines dropped because the reader of the log was behind. */
  readonly droppedCount: () => number;
  /** Writes what is waiting; nothing may be logged after that. Gives up on a reader that stalls. */
  close(): Promise<void>;
}

/** @param fd where lines go: standard output, unless a test says otherwise */
export function openLog(settings: LogSettings, fd = 1): Log {
  const destination = pino.destination({ fd, sync: false, maxLength: LOG_BUFFER_MAX });
  let droppedCount = 0;
  destination.on("drop", () => {
    droppedCount++;
  });
  // A closed pipe must not end the balancer; there is nowhere left to say so.
  destination.on("error", () => {
    droppedCount++;
  });
  const isTerminal = settings.format === "pretty" && process.stdout.isTTY === true;
  const stream =
    settings.format === "json"
      ? destination
      : { write: (line: string) => destination.write(formatPrettyLine(line, isTerminal)) };
  const logger = pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    logger,
    droppedCount: () => droppedCount,
    close: () =>
      new Promise((resolve) => {
        const patience = setTimeout(resolve, CLOSE_PATIENCE_MS);
        destination.once("close", () => {
          clearTimeout(patience);
          resolve();
        });
        destination.end();
      }),
  };
}
