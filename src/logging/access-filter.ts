// Which connections leave a line: off, sampled, faults alone, by close reason, by listener.
//
// One a place where lines go, because a sample counts.

import type { EndedConnection } from "./ended-connection.ts";
import type { AccessSettings } from "./outlet-settings.ts";
import type { Level } from "./syslog-names.ts";

/** A line for each, whatever became of it. */
export const EVERY_CONNECTION: AccessSettings = {
  isOn: true,
  sampleOf: 1,
  faultsOnly: false,
  skipsEmpty: false,
  reasons: null,
  listeners: null,
  faultLevel: "info",
};

export class AccessFilter {
  readonly #settings: AccessSettings;
  readonly #reasons: ReadonlySet<number> | null;
  readonly #listeners: ReadonlySet<string> | null;
  #passed = 0;

  constructor(settings: AccessSettings) {
    this.#settings = settings;
    this.#reasons = settings.reasons && new Set(settings.reasons);
    this.#listeners = settings.listeners && new Set(settings.listeners);
  }

  get isOn(): boolean {
    return this.#settings.isOn;
  }

  /** Call once a connection: samples are counted. */
  passes(ended: EndedConnection): boolean {
    if (!this.#isWanted(ended)) return false;
    const isTaken = this.#passed === 0;
    this.#passed = (this.#passed + 1) % this.#settings.sampleOf;
    return isTaken;
  }

  /** How severe its line is. */
  levelOf({ reason }: EndedConnection): Level {
    return reason.fault ? this.#settings.faultLevel : "info";
  }

  #isWanted(ended: EndedConnection): boolean {
    const { isOn, faultsOnly, skipsEmpty } = this.#settings;
    const { record, reason, listenerKey } = ended;
    if (!isOn || (faultsOnly && !reason.fault)) return false;
    if (skipsEmpty && record.bytesIn === 0 && record.bytesOut === 0) return false;
    if (this.#reasons !== null && !this.#reasons.has(record.reason)) return false;
    return this.#listeners === null || this.#listeners.has(listenerKey ?? "");
  }
}
