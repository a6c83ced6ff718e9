// Looks on between reactor and relay, and knows by itself how long each connection has been in what
// it is doing: so it can tell when the relay cuts one early, or forgets one.

import { ENDPOINT_SIZE, formatEndpoint } from "../../src/bytes/endpoint.ts";
import { END_OF_STREAM, type Io, type IoHandler } from "../../src/io/io.ts";

export interface Timeouts {
  readonly connectDeadlineMs: number;
  readonly dialTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly finishTimeoutMs: number;
  /** How late anything may come: the reactor's own lateness, stalls and late closes. */
  readonly slackMs: number;
}

export type Phase = "reading" | "dialling" | "pausing" | "relaying" | "ending";

interface Watched {
  readonly client: string;
  /** When its current wait began. */
  sinceMs: number;
  phase: Phase;
  halfClosed: boolean;
}

/** Between two attempts, as far as the relay may choose. */
const PAUSE_MAX_MS = 1_000;
/** From the decision to end to the last onClosed: last words included. */
const ENDING_MAX_MS = 4_000;

export interface WitnessOptions {
  readonly timeouts: Timeouts;
  /** Whether the relay has decided to end a connection. */
  readonly isEnding: (connection: number) => boolean;
  /** Our endpoint of a slot's connection. */
  readonly localOf: (slot: number) => string;
}

/** Client slots are even, the server's slot is the next one (relay/connections.ts). */
export class Witness implements IoHandler {
  /** Everyone who was announced to the relay, by endpoint. */
  readonly accepted: string[] = [];
  readonly faults: string[] = [];
  /** By our endpoint towards a server that was reached: the client's. */
  readonly clientOf = new Map<string, string>();
  /** Clients of whose connections either side broke. */
  readonly troubled = new Set<string>();
  io!: Io;
  readonly #relay: IoHandler;
  readonly #options: WitnessOptions;
  readonly #watched = new Map<number, Watched>();
  readonly #endpoint = new Uint8Array(ENDPOINT_SIZE);

  constructor(relay: IoHandler, options: WitnessOptions) {
    this.#relay = relay;
    this.#options = options;
  }

  /** The relay closes a slot. */
  onClose(slot: number): void {
    const watched = this.#of(slot);
    if (slot % 2 === 0) this.#enter(watched, "ending");
    else if (watched.phase === "dialling") this.#enter(watched, "pausing");
  }

  /** The relay dials a server. */
  onDial(slot: number): void {
    this.#enter(this.#of(slot), "dialling");
  }

  /** A request, or what is told of a slot, had this result. */
  onResult(slot: number, result: number): void {
    if (result < 0) this.troubled.add(this.#of(slot).client);
  }

  /** To be asked after each turn: has someone outlived a deadline? */
  checkOverdue(): void {
    const { timeouts, isEnding } = this.#options;
    for (const [connection, watched] of this.#watched) {
      if (isEnding(connection)) this.#enter(watched, "ending");
      const waitedMs = this.io.now - watched.sinceMs;
      if (waitedMs <= this.#limitOf(watched) + timeouts.slackMs) continue;
      this.faults.push(`${watched.client} has been ${watched.phase} for ${waitedMs} ms`);
      watched.sinceMs = Infinity;
    }
  }

  onAccept(listener: number): number {
    return this.#relay.onAccept(listener);
  }

  onAccepted(slot: number, listener: number): void {
    this.io.readPeer(slot, this.#endpoint, 0);
    const client = formatEndpoint(this.#endpoint, 0);
    this.accepted.push(client);
    const { now } = this.io;
    this.#watched.set(slot >> 1, { client, sinceMs: now, phase: "reading", halfClosed: false });
    this.#relay.onAccepted(slot, listener);
  }

  onAcceptFailed(listener: number, result: number): void {
    this.#relay.onAcceptFailed(listener, result);
  }

  onConnect(slot: number, result: number): void {
    if (result === 0) {
      this.#enter(this.#of(slot), "relaying");
      this.clientOf.set(this.#options.localOf(slot), this.#of(slot).client);
    }
    this.#relay.onConnect(slot, result);
  }

  onReceive(slot: number, offset: number, result: number): void {
    this.onResult(slot, result);
    const watched = this.#of(slot);
    const moves = result > 0 || (result === END_OF_STREAM && !watched.halfClosed);
    if (watched.phase === "relaying" && moves) watched.sinceMs = this.io.now;
    if (watched.phase === "relaying" && result === END_OF_STREAM) watched.halfClosed = true;
    this.#relay.onReceive(slot, offset, result);
  }

  onSent(slot: number, result: number): void {
    this.onResult(slot, result);
    this.#relay.onSent(slot, result);
  }

  onDeadline(slot: number): void {
    const watched = this.#of(slot);
    if (this.#options.isEnding(slot >> 1)) this.#enter(watched, "ending");
    const waitedMs = this.io.now - watched.sinceMs;
    const mayBeEarly = watched.phase === "ending" || watched.phase === "pausing";
    if (!mayBeEarly && waitedMs < this.#limitOf(watched)) {
      this.faults.push(`${watched.client} was cut ${watched.phase} after ${waitedMs} ms`);
    }
    this.#relay.onDeadline(slot);
  }

  onClosed(slot: number): void {
    this.#relay.onClosed(slot);
    if (slot % 2 === 0) this.#watched.delete(slot >> 1);
  }

  onWake(): void {
    this.#relay.onWake();
  }

  #limitOf({ phase, halfClosed }: Watched): number {
    const { timeouts } = this.#options;
    switch (phase) {
      case "reading":
        return timeouts.connectDeadlineMs;
      case "dialling":
        return timeouts.dialTimeoutMs;
      case "pausing":
        return PAUSE_MAX_MS;
      case "relaying":
        return halfClosed ? timeouts.finishTimeoutMs : timeouts.idleTimeoutMs;
      case "ending":
        return ENDING_MAX_MS;
    }
  }

  #enter(watched: Watched, phase: Phase): void {
    if (watched.phase === "ending") return;
    watched.phase = phase;
    watched.sinceMs = this.io.now;
  }

  #of(slot: number): Watched {
    const watched = this.#watched.get(slot >> 1);
    if (watched === undefined) throw new Error(`Cannot tell of slot ${slot}: nobody has it`);
    return watched;
  }
}
