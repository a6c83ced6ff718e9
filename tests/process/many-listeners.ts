// A Fairlead with as many listeners and pools as a test file needs, written as objects: one process
// serves the whole file. What it must have given back when all is over is asked at the end.
//
// Whoever starts one ends it with `end`, which fails when something was left behind.

import { fetchEnded } from "./balancer.ts";
import { Fairlead, type LogEntry } from "./fairlead.ts";
import { freePorts } from "./ports.ts";
import { openFileCount } from "./process-facts.ts";
import { waitUntil } from "./wait-until.ts";

/** A section of the file: JSON is YAML. */
/** Where a client came from, and when. */
export interface ClientPlace {
  readonly localPort: number;
  readonly startedAtMs: number;
}

/** What the clocks of two processes may differ by in their reading of one moment. */
const CLOCKS_MS = 5;

export type Section = Readonly<Record<string, unknown>>;

export interface ListenersOptions<Name extends string> {
  /**
   * By name, without `listen`; `host` is 127.0.0.1 unless it says another one. The pool is
   * `brokers` unless it says another one.
   */
  readonly listeners: Readonly<Record<Name, Section>>;
  /** By name; servers are not checked unless it says so. */
  readonly pools: Readonly<Record<string, Section>>;
  readonly workers?: number;
  /** Further sections of the file. */
  readonly sections?: Section;
  readonly env?: Readonly<Record<string, string>>;
}

/** Gauges that fall back to nothing when nobody is connected. */
const GAUGES = ["fairlead_connections", "fairlead_tls_sessions", "fairlead_buffers_in_use"];

export class ManyListeners<Name extends string> {
  readonly fairlead: Fairlead;
  readonly ports: Readonly<Record<Name, number>>;
  /** Files that it had open before the first client came. */
  private readonly filesAtStart: number;

  private constructor(fairlead: Fairlead, ports: Readonly<Record<Name, number>>) {
    this.fairlead = fairlead;
    this.ports = ports;
    this.filesAtStart = openFileCount(fairlead.pid);
  }

  static async start<Name extends string>(
    options: ListenersOptions<Name>,
  ): Promise<ManyListeners<Name>> {
    const names = Object.keys(options.listeners) as Name[];
    const [adminPort, ...free] = (await freePorts(1 + names.length)) as [number, ...number[]];
    const ports = Object.fromEntries(names.map((name, i) => [name, free[i]!]));
    const config = JSON.stringify(documentOf(options, adminPort, ports), null, 1);
    const fairlead = await Fairlead.start({ config, adminPort, env: options.env ?? {} });
    await waitUntil("every worker serves", async () => {
      const { workers } = JSON.parse(await fairlead.fetchPage("/api/v1/status")) as {
        readonly workers: readonly { readonly state: string }[];
      };
      return workers.every(({ state }) => state === "serving");
    });
    return new ManyListeners(fairlead, ports as Record<Name, number>);
  }

  /** Waits for the access log's line of the client that came from this port. */
  waitForClientAt({ localPort, startedAtMs }: ClientPlace): Promise<LogEntry> {
    return this.fairlead.waitForLog(`the client from port ${localPort} is in the log`, (entry) => {
      const isThere = entry["event"] === "connection";
      const isItsPort = `${entry["client"]}`.endsWith(`:${localPort}`);
      return isThere && isItsPort && Date.parse(`${entry["startedAt"]}`) >= startedAtMs - CLOCKS_MS;
    });
  }

  /** Waits until so many have ended for a reason of the catalogue, and not one more. */
  async waitForEnded(reason: string, count: number): Promise<void> {
    await waitUntil(`${count} have ended with ${reason}`, async () => {
      return (await fetchEnded(this.fairlead, reason)) === count;
    });
  }

  /** Waits until everything that connections took has been given back. */
  async expectNothingLeft(): Promise<void> {
    const { fairlead, filesAtStart } = this;
    for (const gauge of GAUGES) {
      await waitUntil(`${gauge} is 0`, async () => (await fairlead.fetchMetric(gauge)) === 0);
    }
    // One more: the admin address may have a connection open that is about to be closed.
    await waitUntil(`no more than ${filesAtStart + 1} files are open`, () => {
      return openFileCount(fairlead.pid) <= filesAtStart + 1;
    });
  }

  /** Asks for what is left, and ends it. Throws when it does not end in good order. */
  async end(): Promise<void> {
    try {
      await this.expectNothingLeft();
      const exitCode = await this.fairlead.stop();
      if (exitCode !== 0) throw new Error(`Expected exit code 0 of Fairlead, not ${exitCode}`);
    } finally {
      await this.fairlead.close();
    }
  }
}

function documentOf(
  options: ListenersOptions<string>,
  adminPort: number,
  ports: Readonly<Record<string, number>>,
): Section {
  const { workers = 1, sections = {} } = options;
  return {
    admin: { listen: `127.0.0.1:${adminPort}` },
    reactor: ["$", "{FAIRLEAD_TEST_REACTOR:-auto}"].join(""),
    workers,
    ...sections,
    listeners: mapped(options.listeners, (name, { host = "127.0.0.1", ...listener }) => {
      return { listen: `${host}:${ports[name]}`, pool: "brokers", ...listener };
    }),
    pools: mapped(options.pools, (_, pool) => ({ check: { type: "none" }, ...pool })),
  };
}

function mapped(
  sections: Readonly<Record<string, Section>>,
  change: (name: string, section: Section) => Section,
): Section {
  return Object.fromEntries(
    Object.entries(sections).map(([name, section]) => [name, change(name, section)]),
  );
}
