// All the places where log lines go: what happened to Fairlead itself, and connections that ended.
//
//   pino ────────> event ──────┐      level      header         ┌─> stdout
//   access log ──> connection ─┴─> [ filter ] ─> [ line ] ──────┼─> udp, tcp, unix, file
//                                                               └─> ...
//
// Never waits: outlets keep a bounded number of bytes, and count what they had to drop.

import { isDeepStrictEqual } from "node:util";
import { AccessFilter } from "./access-filter.ts";
import type { EndedConnection } from "./ended-connection.ts";
import { makeLineMaker } from "./line-maker.ts";
import { openOutlet } from "./open-outlet.ts";
import type { Outlet, OutletStatus } from "./outlet.ts";
import type { Destination, OutletSettings } from "./outlet-settings.ts";
import { makeMessage, type Sender } from "./syslog-header.ts";
import { isAsSevere, type Level } from "./syslog-names.ts";
import type { LineMaker } from "./template.ts";

/** What happened to Fairlead itself. */
export interface LogEvent {
  readonly level: Level;
  /** As pino writes it, without its newline. */
  readonly json: string;
  /** Its message alone. */
  readonly sentence: string;
}

export interface LogOutletsOptions {
  readonly stdout: Outlet;
  /** The name of this machine. */
  readonly host: string;
  readonly pid: number;
  /** From a line of JSON to one for people. */
  readonly makePretty: (json: string) => string;
}

interface Place {
  readonly settings: OutletSettings;
  readonly outlet: Outlet;
  readonly filter: AccessFilter;
  readonly makeLine: LineMaker;
  readonly sender: Sender;
}

/** For pages and metrics. */
export interface NamedOutletStatus extends OutletStatus {
  /** As one writes it: `udp://127.0.0.1:514`. */
  readonly name: string;
  readonly takesEvents: boolean;
}

const FAREWELL_MS = 1_000;

export class LogOutlets {
  readonly #options: LogOutletsOptions;
  #places: readonly Place[] = [];
  /** Of outlets that a reload has closed. */
  #droppedBefore = 0;

  constructor(settings: readonly OutletSettings[], options: LogOutletsOptions) {
    this.#options = options;
    this.use(settings);
  }

  /** Other outlets from now on. Those that go on to the same place go on as they are. */
  use(settings: readonly OutletSettings[]): void {
    const old = [...this.#places];
    this.#places = settings.map((wanted) => {
      const at = old.findIndex((place) => isSamePlace(place.settings, wanted));
      const kept = at < 0 ? null : old.splice(at, 1)[0]!;
      if (kept !== null && isDeepStrictEqual(kept.settings, wanted)) return kept;
      return this.#makePlace(wanted, kept?.outlet ?? null);
    });
    for (const { outlet } of old) void this.#retire(outlet);
    for (const { outlet } of this.#places) outlet.reopen();
  }

  /** False: connections that end leave no line anywhere. */
  get takesConnections(): boolean {
    return this.#places.some(({ filter }) => filter.isOn);
  }

  event({ level, json, sentence }: LogEvent): void {
    for (const place of this.#places) {
      const { settings } = place;
      if (!settings.takesEvents || !isAsSevere(level, settings.level)) continue;
      this.#send(place, this.#eventLine(place, json, sentence), level);
    }
  }

  connection(ended: EndedConnection): void {
    for (const place of this.#places) {
      const { filter, settings, makeLine, sender } = place;
      const level = filter.levelOf(ended);
      if (!isAsSevere(level, settings.level) || !filter.passes(ended)) continue;
      const line = makeLine(ended, sender);
      const isPretty = settings.line.kind === "pretty";
      this.#send(place, isPretty ? this.#options.makePretty(line) : line, level);
    }
  }

  get statuses(): readonly NamedOutletStatus[] {
    return this.#places.map(({ settings, outlet }) => {
      const { to, takesEvents } = settings;
      return { name: nameOf(to), takesEvents, ...outlet.status };
    });
  }

  /** Lines lost, in all outlets there ever were. */
  get droppedCount(): number {
    const now = this.#places.reduce((sum, { outlet }) => sum + outlet.status.droppedCount, 0);
    return this.#droppedBefore + now;
  }

  /** Sends what waits, for a second at most; standard output with it. */
  async close(): Promise<void> {
    const outlets = new Set([this.#options.stdout, ...this.#places.map(({ outlet }) => outlet)]);
    await Promise.all([...outlets].map((outlet) => outlet.close(FAREWELL_MS)));
  }

  #makePlace(settings: OutletSettings, outlet: Outlet | null): Place {
    const { host, pid, stdout } = this.#options;
    return {
      settings,
      outlet: outlet ?? openOutlet(settings, stdout),
      filter: new AccessFilter(settings.access),
      makeLine: makeLineMaker(settings.line),
      sender: { host: settings.host ?? host, tag: settings.tag, pid },
    };
  }

  #eventLine({ settings }: Place, json: string, sentence: string): string {
    if (settings.line.kind === "json") return json;
    return settings.line.kind === "pretty" ? this.#options.makePretty(json) : sentence;
  }

  #send({ settings, sender, outlet }: Place, line: string, level: Level): void {
    if (settings.line.kind === "pretty") {
      // Whatever could move a cursor is escaped in it, but for its own colours.
      outlet.send(new TextEncoder().encode(line));
      return;
    }
    const capped = isAsSevere(level, settings.levelCap) ? settings.levelCap : level;
    outlet.send(makeMessage(line, capped, Date.now(), { sender, settings }));
  }

  async #retire(outlet: Outlet): Promise<void> {
    if (outlet === this.#options.stdout) return;
    await outlet.close(FAREWELL_MS);
    this.#droppedBefore += outlet.status.droppedCount;
  }
}

function isSamePlace(one: OutletSettings, other: OutletSettings): boolean {
  return isDeepStrictEqual(one.to, other.to) && one.framing === other.framing;
}

/** @returns as the file has it: `stdout`, `tcp://[::1]:514`, `unix:///dev/log` */
export function nameOf(to: Destination): string {
  switch (to.kind) {
    case "stdout":
      return to.kind;
    case "udp":
    case "tcp": {
      const host = to.host.includes(":") ? `[${to.host}]` : to.host;
      return `${to.kind}://${host}:${to.port}`;
    }
    case "unix":
    case "file":
      return `${to.kind}://${to.path}`;
  }
}
