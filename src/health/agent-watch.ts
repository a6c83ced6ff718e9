// Asks the programs beside servers, over and over, and tells what they say. One that does not
// answer says nothing: whether a server can be reached is its check's affair.
//
// A server has at most one question under way. Decides nothing.

import type { AgentCheckSettings } from "../config/check-settings.ts";
import type { AgentAnswer } from "./agent-answer.ts";
import { AgentConversation } from "./agent-conversation.ts";
import type { CheckResult } from "./check-result.ts";
import type { Clock, Timer } from "./clock.ts";
import { holdConversation } from "./probe-socket.ts";
import { BARE_TRANSPORT } from "./probe-transport.ts";

export interface AgentWatchOptions {
  readonly clock: Clock;
  /** 0 to 1, as Math.random. */
  readonly random: () => number;
  readonly onAnswer: (server: number, answer: AgentAnswer) => void;
}

export class AgentWatch {
  private readonly options: AgentWatchOptions;
  private readonly timers = new Map<number, Timer>();
  private readonly results = new Map<number, CheckResult>();
  private readonly settings = new Map<number, AgentCheckSettings>();
  private readonly underWay = new Set<Promise<void>>();
  private readonly abort = new AbortController();

  constructor(options: AgentWatchOptions) {
    this.options = options;
  }

  /** Begins to ask about a server, or goes on by other settings; null: stops. */
  watch(server: number, settings: AgentCheckSettings | null): void {
    const known = this.settings.has(server);
    if (settings === null) this.forget(server);
    else this.settings.set(server, settings);
    if (settings !== null && !known) {
      this.wait(server, settings.intervalMs * this.options.random());
    }
  }

  /** The latest question's result; null before the first, and for servers that are not watched. */
  result(server: number): CheckResult | null {
    return this.results.get(server) ?? null;
  }

  /** Ends: cuts the questions under way and resolves when their sockets are closed. */
  async stop(): Promise<void> {
    this.abort.abort();
    for (const server of [...this.settings.keys()]) this.forget(server);
    await Promise.all(this.underWay);
  }

  private forget(server: number): void {
    const timer = this.timers.get(server);
    if (timer !== undefined) this.options.clock.clearTimer(timer);
    this.timers.delete(server);
    this.settings.delete(server);
    this.results.delete(server);
  }

  private wait(server: number, delayMs: number): void {
    const { clock } = this.options;
    const timer = this.timers.get(server);
    // Of a watch that ended and began again while a question was under way.
    if (timer !== undefined) clock.clearTimer(timer);
    this.timers.set(
      server,
      clock.setTimer(() => this.ask(server), delayMs),
    );
  }

  private ask(server: number): void {
    const settings = this.settings.get(server);
    if (settings === undefined) return;
    const startedAtMs = this.options.clock.now();
    const asking = this.hear(server, settings).then(() => {
      this.underWay.delete(asking);
      if (this.abort.signal.aborted || !this.settings.has(server)) return;
      const elapsedMs = this.options.clock.now() - startedAtMs;
      this.wait(server, Math.max(0, settings.intervalMs - elapsedMs));
    });
    this.underWay.add(asking);
  }

  private async hear(server: number, settings: AgentCheckSettings): Promise<void> {
    const conversation = new AgentConversation(settings.send);
    const { clock } = this.options;
    const { endpoint, timeoutMs } = settings;
    const { signal } = this.abort;
    const transport = { ...BARE_TRANSPORT, source: settings.source };
    const options = { endpoint, transport, conversation, timeoutMs, clock, signal };
    const result = await holdConversation(options);
    if (signal.aborted || this.settings.get(server) !== settings) return;
    this.results.set(server, result);
    if (conversation.answer !== null) this.options.onAnswer(server, conversation.answer);
  }
}
