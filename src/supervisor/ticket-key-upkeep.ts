// Which keys workers seal and open session tickets with: those in the files that the settings name,
// as they are now, or else our own, which change by the clock.
//
// Tells the log when keys from files are renewed or refused. Keys go to workers and nowhere else:
// what is logged are their names, which every ticket shows.

import {
  areSameKeys,
  nameTicketKeys,
  type TicketKeyFinding,
} from "../certificates/ticket-key-files.ts";
import { type TicketKeyEvents, TicketKeyKeeper } from "../certificates/ticket-key-keeper.ts";
import { TicketKeys } from "../certificates/ticket-keys.ts";
import type { SharedTlsSettings } from "../config/settings.ts";
import type { Logger } from "./logger.ts";

export interface TicketKeyUpkeepOptions {
  readonly tls: SharedTlsSettings;
  readonly logger: Logger;
  /** Called with all keys after each change; the first one seals. */
  readonly onChange: (keys: readonly Uint8Array[]) => void;
  /** How long files must be at rest before they are read, and how often they are looked at. */
  readonly quietMs?: number;
  readonly pollMs?: number;
}

export class TicketKeyUpkeep implements TicketKeyEvents {
  /** Times that keys of changed files were taken into use. */
  reloadCount = 0;
  /** Times that changed files were no good. */
  failureCount = 0;
  private readonly logger: Logger;
  private readonly onChange: TicketKeyUpkeepOptions["onChange"];
  private readonly own: TicketKeys;
  private readonly keeper: TicketKeyKeeper;
  private tls: SharedTlsSettings;
  /** Null where no files are named. */
  private shared: readonly Uint8Array[] | null;

  constructor({ tls, logger, onChange, ...pace }: TicketKeyUpkeepOptions) {
    this.tls = tls;
    this.shared = tls.ticketKeys?.material ?? null;
    this.logger = logger;
    this.onChange = onChange;
    this.own = new TicketKeys({ rotateMs: tls.ticketRotationMs, onChange });
    this.keeper = new TicketKeyKeeper({ events: this, ...pace });
  }

  get keys(): readonly Uint8Array[] {
    return this.shared ?? this.own.keys;
  }

  /** Resolves when the files are watched, if there are any. */
  start(): Promise<void> {
    return this.use(this.tls);
  }

  /** Goes on with the keys that other settings name. */
  async use(tls: SharedTlsSettings): Promise<void> {
    this.tls = tls;
    const { ticketKeys } = tls;
    if (ticketKeys !== null) {
      this.own.stop();
      this.onRead(ticketKeys.material);
    } else {
      this.own.start();
      if (this.shared !== null) this.onChange(this.own.keys);
      this.shared = null;
    }
    await this.keeper.keep(ticketKeys?.files ?? []);
  }

  stop(): void {
    this.own.stop();
    this.keeper.stop();
  }

  onRead(keys: readonly Uint8Array[]): void {
    if (areSameKeys(keys, this.keys)) return;
    this.shared = keys;
    this.reloadCount++;
    this.onChange(keys);
    const [sealing, ...opening] = nameTicketKeys(keys);
    const fields = { event: "ticket-keys-renewed", files: this.files, sealing, opening };
    this.logger.info(fields, "Session ticket keys were renewed");
  }

  onRefused(findings: readonly TicketKeyFinding[]): void {
    this.failureCount++;
    const problems = findings.map(({ message }) => message);
    const fields = { event: "ticket-keys-refused", files: this.files, problems };
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    this.logger.error(fields, `Session ticket keys stay as they were: ${problems[0]}${more}`);
  }

  private get files(): readonly string[] {
    return this.tls.ticketKeys?.files ?? [];
  }
}
