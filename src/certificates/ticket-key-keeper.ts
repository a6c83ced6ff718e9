// Keeps ticket keys as their files are: watches the files, reads them again when they change, hands
// on what is good and says what is not.
//
// Bounded by the files it is given. Knows no worker and no log: its owner is told, and compares.

import { type FileReader, systemFiles } from "./file-reader.ts";
import { FileWatch } from "./file-watch.ts";
import { readTicketKeys, type TicketKeyFinding } from "./ticket-key-files.ts";

export interface TicketKeyEvents {
  /** Files that are good, whether or not they hold what they held before. */
  onRead(keys: readonly Uint8Array[]): void;
  /** Files that are not: what was there before stays in use. */
  onRefused(findings: readonly TicketKeyFinding[]): void;
}

export interface TicketKeyKeeperOptions {
  readonly events: TicketKeyEvents;
  readonly files?: FileReader;
  /** How long files must be at rest, and how often they are looked at. */
  readonly quietMs?: number;
  readonly pollMs?: number;
}

export class TicketKeyKeeper {
  private readonly events: TicketKeyEvents;
  private readonly files: FileReader;
  private readonly watch: FileWatch;
  private paths: readonly string[] = [];
  private reading: Promise<void> = Promise.resolve();

  constructor({ events, files = systemFiles, ...pace }: TicketKeyKeeperOptions) {
    this.events = events;
    this.files = files;
    this.watch = new FileWatch({ ...pace, onChange: () => void this.reload() });
  }

  /**
   * Keeps these and no others from now on. Resolves when they are watched; what they hold then has
   * been told.
   */
  async keep(paths: readonly string[]): Promise<void> {
    this.paths = paths;
    await this.watch.watch(paths);
    await this.reload();
  }

  stop(): void {
    this.watch.stop();
    this.paths = [];
  }

  /** Reads all of them again; one reading after the other. */
  reload(): Promise<void> {
    this.reading = this.reading.then(() => this.readOnce());
    return this.reading;
  }

  private async readOnce(): Promise<void> {
    const { paths } = this;
    if (paths.length === 0) return;
    const { keys, findings } = await readTicketKeys(paths, this.files);
    // Others may be kept by now.
    if (paths !== this.paths) return;
    if (keys === null) this.events.onRefused(findings);
    else this.events.onRead(keys);
  }
}
