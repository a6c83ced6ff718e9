// `fairlead bench`: starts the load, waits for its moments, measures between them, says the result.
//
//   connect ──> all have been answered ──> warm-up ──> measured ──> goodbye
//
// Plain `conn` is measured from its start, until the last connection has been answered; it then
// keeps them for the duration, or until Ctrl-C.

import { systemLookup } from "../config/host-lookup.ts";
import { COUNT, PHASE_CONNECT, PHASE_RUN } from "../load/load-tally.ts";
import { raiseOpenFilesLimit } from "../supervisor/open-files.ts";
import { type Measurement, measure, type Snapshot, takeSnapshot } from "./bench-measurement.ts";
import type { BenchOptions } from "./bench-options.ts";
import { createOrders, filesOf } from "./bench-orders.ts";
import { progressLine, reportLines } from "./bench-report.ts";
import { EXIT_OK, EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { LoadThreads } from "./load-threads.ts";
import type { Printer } from "./printer.ts";

type BenchKind = Measurement["kind"];

/** How often shared memory is looked at while something is waited for. */
const LOOK_EVERY_MS = 5;
const PROGRESS_EVERY_MS = 1000;
/** Node's own files and those of the reactors. */
const FILES_BESIDE = 64;

export async function benchCommand(
  kind: BenchKind,
  options: BenchOptions,
  printer: Printer,
): Promise<ExitCode> {
  const orders = await createOrders(kind, options, systemLookup);
  const openFilesMax = raiseOpenFilesLimit();
  const wanted = filesOf(orders) + FILES_BESIDE;
  if (wanted > openFilesMax) {
    printer.complain(
      `Cannot open ${options.count} connections: they need ${wanted} files and the limit is ` +
        `${openFilesMax}; raise it (ulimit -n), or use less`,
    );
    return EXIT_PROBLEM;
  }
  const bench = new Bench(kind, options, new LoadThreads(orders, options.reactor));
  const measured = await bench.run();
  if (options.json) printer.print(JSON.stringify(measured));
  else for (const line of reportLines(measured)) printer.print(line);
  return kind !== "sink" && measured.connected === 0 ? EXIT_PROBLEM : EXIT_OK;
}

class Bench {
  readonly #kind: BenchKind;
  readonly #options: BenchOptions;
  readonly #threads: LoadThreads;
  #stopAsked = false;

  constructor(kind: BenchKind, options: BenchOptions, threads: LoadThreads) {
    this.#kind = kind;
    this.#options = options;
    this.#threads = threads;
  }

  async run(): Promise<Measurement> {
    const stop = () => {
      this.#stopAsked = true;
    };
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
    const progress = this.#showProgress();
    try {
      return await this.#measure(await this.#threads.ready());
    } finally {
      progress.end();
      for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, stop);
      await this.#threads.stop();
    }
  }

  async #measure(reactor: string): Promise<Measurement> {
    const { count, cycle, duration, pid, qos, sink, warmup } = this.#options;
    const isPlainConn = this.#kind === "conn" && !cycle;
    let begin = this.#look();
    this.#threads.steering.phase = PHASE_CONNECT;
    if (this.#kind !== "sink") await this.#until(() => this.#settled() >= count, null);
    const connected = this.#look();
    this.#threads.steering.phase = PHASE_RUN;
    if (!isPlainConn) {
      await this.#until(() => false, warmup);
      begin = this.#look();
    }
    const { workers } = this.#options;
    await this.#until(() => this.#threads.steering.doneCount === workers, duration);
    const last = this.#look();
    const hasSink = sink !== null;
    const run = { kind: this.#kind, connections: count, qos, hasSink, pids: pid, reactor };
    const measured = measure(run, begin, isPlainConn ? connected : last);
    if (!isPlainConn) return measured;
    // What happened while they were kept belongs to the result, too.
    const { up, connected: total, refused, failures } = measure(run, begin, last);
    return { ...measured, up, connected: total, refused, failures };
  }

  #look(): Snapshot {
    return takeSnapshot(this.#threads.tallies, this.#options.pid);
  }

  #settled(): number {
    return this.#threads.tallies.reduce((sum, { counts }) => sum + counts[COUNT.settled]!, 0);
  }

  // Waits for a condition, a signal, or the time; null: no time.
  async #until(isMet: () => boolean, ms: number | null): Promise<void> {
    const untilMs = ms === null ? Number.POSITIVE_INFINITY : performance.now() + ms;
    while (!isMet() && !this.#stopAsked) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return;
      const nap = new Promise((done) => setTimeout(done, Math.min(leftMs, LOOK_EVERY_MS)));
      await Promise.race([nap, this.#threads.failed]);
    }
  }

  #showProgress(): { end(): void } {
    const { stderr } = process;
    if (!this.#options.progress && !stderr.isTTY) return { end() {} };
    const [before, after] = stderr.isTTY ? ["\r\u001b[K", ""] : ["", "\n"];
    let last = this.#look();
    const timer = setInterval(() => {
      const now = this.#look();
      stderr.write(`${before}${progressLine(this.#kind, last, now)}${after}`);
      last = now;
    }, PROGRESS_EVERY_MS);
    return {
      end() {
        clearInterval(timer);
        if (stderr.isTTY) stderr.write(before);
      },
    };
  }
}
