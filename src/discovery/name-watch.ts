// Looks one name up, over and over, and tells when the places behind its slots change.
//
// One question is under way at a time. The first answer, or failure, is awaited by `start`.

import type { Clock, Timer } from "../health/clock.ts";
import type { DnsAnswer, DnsClient, DnsQuestion, DnsRecord } from "./dns-answer.ts";
import { HeldAnswer, type HoldSettings } from "./held-answer.ts";
import { Slots } from "./slots.ts";

export interface NameWatchOptions {
  readonly question: DnsQuestion;
  readonly slotCount: number;
  readonly client: DnsClient;
  /** Time from an answer to the next question. */
  readonly intervalMs: number;
  readonly hold: HoldSettings;
  readonly clock: Clock;
  readonly onChange: (watch: NameWatch) => void;
  /** Why there is no answer; told once until it is another reason, or null when there is one. */
  readonly onFailure: (watch: NameWatch, sentence: string | null) => void;
}

export class NameWatch {
  readonly question: DnsQuestion;
  private readonly options: NameWatchOptions;
  private readonly answer: HeldAnswer;
  private readonly slots: Slots;
  private timer: Timer | null = null;
  private isStopped = false;
  private failure: string | null = null;

  constructor(options: NameWatchOptions) {
    this.options = options;
    this.question = options.question;
    this.answer = new HeldAnswer(options.hold);
    this.slots = new Slots(options.slotCount);
  }

  /** Resolves when the first question has been answered, or not. */
  async start(): Promise<void> {
    await this.ask();
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) this.options.clock.clearTimer(this.timer);
    this.timer = null;
  }

  /** Who has each slot; null: nobody. */
  get records(): readonly (DnsRecord | null)[] {
    return this.slots.records;
  }

  /** Places behind the name that have no slot. */
  get overflow(): number {
    return this.slots.overflow;
  }

  private async ask(): Promise<void> {
    const { client, question, clock, intervalMs, onChange } = this.options;
    const answer = await client.ask(question);
    if (this.isStopped) return;
    this.noteFailure(answer);
    this.answer.take(answer, clock.now());
    if (this.slots.fill(this.answer.records())) onChange(this);
    this.timer = clock.setTimer(() => void this.ask(), intervalMs);
  }

  private noteFailure(answer: DnsAnswer): void {
    const sentence = answer.failure === null ? null : answer.sentence;
    if (sentence === this.failure) return;
    this.failure = sentence;
    this.options.onFailure(this, sentence);
  }
}
