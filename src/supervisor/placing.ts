// Servers whose addresses the DNS says: settings as the file has them go in, settings with servers
// where they are now come out, and again whenever a name's answer changes.
//
// At the start the first answers are awaited for START_PATIENCE_MS; servers that have no address by
// then are in maintenance until they have.

import { type Place, placeServers } from "../config/resolve-discovery.ts";
import type { Settings } from "../config/settings.ts";
import { Discovery } from "../discovery/discovery.ts";
import { makeDnsClient } from "../discovery/dns-client.ts";
import { type Clock, systemClock } from "../health/clock.ts";
import type { Logger } from "./logger.ts";

const START_PATIENCE_MS = 5_000;

export interface PlacingOptions {
  readonly logger: Logger;
  readonly clock?: Clock;
}

export class Placing {
  private readonly logger: Logger;
  private readonly clock: Clock;
  private readonly discovery: Discovery;
  private file: Settings;
  private onMove: ((settings: Settings) => void) | null = null;

  /** Resolves with the first settings that can run, at the latest after START_PATIENCE_MS. */
  static async start(file: Settings, options: PlacingOptions): Promise<Placing> {
    const placing = new Placing(file, options);
    const answered = placing.discovery.use(file);
    if (file.discoveries.length === 0) return placing;
    await placing.atMost(START_PATIENCE_MS, answered);
    return placing;
  }

  private constructor(file: Settings, { logger, clock = systemClock }: PlacingOptions) {
    this.file = file;
    this.logger = logger;
    this.clock = clock;
    this.discovery = new Discovery({
      clock,
      makeClient: makeDnsClient,
      onChange: () => this.onMove?.(this.settings()),
      onFailure: (host, sentence) => this.tellFailure(host, sentence),
      onOverflow: (host, count) => this.tellOverflow(host, count),
    });
  }

  /** From now on `onMove` gets settings whenever servers have moved, come or gone. */
  follow(onMove: (settings: Settings) => void): void {
    this.onMove = onMove;
  }

  /** Other settings of the file. @returns them with servers where they are known to be now */
  use(file: Settings): Settings {
    this.file = file;
    // New names are looked up now; their answers are a move.
    void this.discovery.use(file);
    return this.settings();
  }

  /** The settings of the file with servers where they are now. */
  settings(): Settings {
    return placeServers(this.file, (discovery, slot): Place | null => {
      return this.discovery.placeOf(discovery, slot);
    });
  }

  stop(): void {
    this.onMove = null;
    this.discovery.stop();
  }

  private async atMost(patienceMs: number, answered: Promise<void>): Promise<void> {
    let patience: ReturnType<Clock["setTimer"]> | null = null;
    const late = new Promise<void>((resolve) => {
      patience = this.clock.setTimer(resolve, patienceMs);
    });
    await Promise.race([answered, late]);
    if (patience !== null) this.clock.clearTimer(patience);
  }

  private tellFailure(host: string, sentence: string | null): void {
    if (sentence === null) this.logger.info({ host }, `Host name "${host}" is answered again`);
    else this.logger.warn({ host }, `Host name "${host}" cannot be looked up: ${sentence}`);
  }

  private tellOverflow(host: string, count: number): void {
    const sentence = `Host name "${host}" has more addresses than slots: ${count} left out`;
    this.logger.warn({ host, count }, sentence);
  }
}
