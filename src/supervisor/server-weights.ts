// What each server's weight is at the moment: what was configured or said at run time, the share
// that its own program asks for, and how far it has come back.
//
//   weight × percent ──slow start──► sixteenths ──► two words: whole weight, what is held back
//
// So a weight of 1 can rise and fall, too. A server's limit comes back in the same steps. Writes to
// shared memory; looks at clocks; decides nothing about health.

import type { Clock, Timer } from "../health/clock.ts";
import { rampedParts, rampStepMs } from "../health/slow-start.ts";
import { type ServerStates, WEIGHT_MAX, WEIGHT_PARTS } from "../shm/server-state.ts";

/** What settings say of a server's weight. */
export interface WeightSettings {
  /** 0 to WEIGHT_MAX. */
  readonly weight: number;
  readonly slowStartMs: number;
}

interface Entry {
  settings: WeightSettings;
  /** What was said at run time; null: the settings count. */
  spoken: number | null;
  /** 0 to 25,600. */
  percent: number;
  /** When it came back; null: it has all its weight. */
  backAtMs: number | null;
  timer: Timer | null;
}

const WHOLE_PERCENT = 100;

export class ServerWeights {
  private readonly states: ServerStates;
  private readonly clock: Clock;
  private readonly entries = new Map<number, Entry>();

  constructor(states: ServerStates, clock: Clock) {
    this.states = states;
    this.clock = clock;
  }

  /** A server is there, or its settings have changed; what was said at run time stays. */
  define(server: number, settings: WeightSettings): void {
    const entry = this.entries.get(server);
    if (entry === undefined) {
      const fresh = { settings, spoken: null, percent: WHOLE_PERCENT, backAtMs: null, timer: null };
      this.entries.set(server, fresh);
    } else {
      // A new number in the file is the operator's latest word.
      if (entry.settings.weight !== settings.weight) entry.spoken = null;
      entry.settings = settings;
    }
    this.write(server);
  }

  forget(server: number): void {
    const entry = this.entries.get(server);
    if (entry) this.clearTimer(entry);
    this.entries.delete(server);
  }

  /** The operator's word at run time. @param weight 0 to WEIGHT_MAX; null: as the file has it */
  speak(server: number, weight: number | null): void {
    const entry = this.entries.get(server);
    if (entry === undefined) return;
    entry.spoken = weight;
    this.write(server);
  }

  /** The word of the program beside the server. @param percent of the configured weight */
  setPercent(server: number, percent: number): void {
    const entry = this.entries.get(server);
    if (entry === undefined || entry.percent === percent) return;
    entry.percent = percent;
    this.write(server);
  }

  /** The server has come back: its weight begins small where its pool wants that. */
  begin(server: number): void {
    const entry = this.entries.get(server);
    if (entry === undefined || entry.settings.slowStartMs === 0) return;
    entry.backAtMs = this.clock.now();
    this.step(server, entry);
  }

  /** The weight without slow start, in weights of the file. */
  weight(server: number): number {
    const entry = this.entries.get(server);
    return entry === undefined ? 0 : wholeWeight(entry);
  }

  /** Percent of its weight that a server has while it comes back; 100 when it has. */
  throttle(server: number): number {
    const entry = this.entries.get(server);
    return entry === undefined ? 100 : Math.ceil((100 * this.parts(entry)) / WEIGHT_PARTS);
  }

  stop(): void {
    for (const entry of this.entries.values()) this.clearTimer(entry);
  }

  private step(server: number, entry: Entry): void {
    this.clearTimer(entry);
    this.write(server);
    const { slowStartMs } = entry.settings;
    const isDone = this.clock.now() - (entry.backAtMs ?? 0) >= slowStartMs;
    if (isDone) {
      entry.backAtMs = null;
      return;
    }
    entry.timer = this.clock.setTimer(() => this.step(server, entry), rampStepMs(slowStartMs));
  }

  private write(server: number): void {
    const entry = this.entries.get(server);
    if (entry === undefined) return;
    const parts = this.parts(entry);
    const { weight, heldBack } = inWords(wholeWeight(entry) * parts);
    this.states.setWeight(server, weight);
    this.states.setHeldBack(server, heldBack);
    this.states.setLimitHeldBack(server, WEIGHT_PARTS - parts);
  }

  /** How many sixteenths of its weight a server has. */
  private parts({ backAtMs, settings }: Entry): number {
    if (backAtMs === null) return WEIGHT_PARTS;
    return rampedParts(this.clock.now() - backAtMs, settings.slowStartMs);
  }

  private clearTimer(entry: Entry): void {
    if (entry.timer !== null) this.clock.clearTimer(entry.timer);
    entry.timer = null;
  }
}

/** Not always a whole number: half of 1 is a half. */
function wholeWeight({ settings, spoken, percent }: Entry): number {
  return Math.min(WEIGHT_MAX, ((spoken ?? settings.weight) * percent) / WHOLE_PERCENT);
}

/**
 * The two words for a weight in sixteenths: the least whole weight that is not below it, and how
 * many sixteenths of that are held back. A share of something is not nothing: only 0 gives 0.
 */
function inWords(sixteenths: number): { weight: number; heldBack: number } {
  const weight = Math.ceil(sixteenths / WEIGHT_PARTS);
  if (weight === 0) return { weight, heldBack: 0 };
  const parts = Math.max(1, Math.round(sixteenths / weight));
  return { weight, heldBack: WEIGHT_PARTS - parts };
}
