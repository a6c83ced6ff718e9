// Looks on between reactor and relay, and knows by itself how long each connection has been in what
// it is doing: so it can tell when the relay cuts one early, or forgets one.

import { ENDPOINT_SIZE, formatEndpoint } from "../../src/bytes/endpoint.ts";
import { END_OF_STREAM, type IoHandler, SEND_WAIT } from "../../src/io/io.ts";
import type { SimIo } from "./sim-io.ts";

export interface Timeouts {
  readonly connectDeadlineMs: number;
  readonly dialTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly finishTimeoutMs: number;
  /** How long a client may wait for its turn; without it, nobody waits. */
  readonly delayMaxMs?: number;
  /**
   * How long a client may say nothing, by its endpoint, whatever its server says; null, or without
   * it, the idle timeout counts for both.
   */
  readonly silenceMaxMs?: (client: string) => number | null;
  /** How often overdue connections are looked for; without it, after each turn. */
  readonly lookEveryMs?: number;
  /** How late anything may come: the reactor's own lateness, stalls and late closes. */
  readonly slackMs: number;
}

export type Phase = "reading" | "waiting" | "dialling" | "pausing" | "relaying" | "ending";

/** What is known of one socket of a connection. */
interface Side {
  /** Its end or an error was told. */
  ended: boolean;
  /** Our end was asked for. */
  finished: boolean;
  /** The callback in which SEND_WAIT was answered; -1 when no onSent is due. */
  waitsSince: number;
}

interface Watched {
  readonly client: string;
  /** By the last bit of a slot: client side, server side. */
  readonly sides: [Side, Side];
  /** When its current wait began. */
  sinceMs: number;
  phase: Phase;
  halfClosed: boolean;
  /** When its client said something last. */
  saidAtMs: number;
}

/** Between two attempts, as far as the relay may choose. */
const PAUSE_MAX_MS = 1_000;
/** Differences of times with fractions are not exact. */
const ROUNDING_MS = 1e-6;
/** From the decision to end to the last onClosed: last words included. */
const ENDING_MAX_MS = 4_000;

export interface WitnessOptions {
  readonly timeouts: Timeouts;
  /** Whether the relay has decided to end a connection. */
  readonly isEnding: (connection: number) => boolean;
  /** Whether its client has to wait for its rate; left out: nobody has a rate. */
  readonly isPaced?: (connection: number) => boolean;
  /** Whether a client waits for its turn; without it, nobody does. */
  readonly isWaiting?: (connection: number) => boolean;
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
  io!: SimIo;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  /** Callbacks so far. */
  #callbacks = 0;
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
    else if (watched.phase !== "ending") this.#enter(watched, "pausing");
  }

  /** The relay dials a server. */
  onDial(slot: number): void {
    const watched = this.#of(slot);
    this.#enter(watched, "dialling");
    watched.sides[1] = newSide();
    watched.halfClosed = false;
  }

  /** The relay sends. */
  onSend(slot: number, result: number): void {
    const watched = this.#of(slot);
    const side = watched.sides[slot & 1]!;
    if (side.waitsSince !== -1 && side.waitsSince !== this.#callbacks) {
      this.faults.push(`${watched.client}: slot ${slot} was sent more before its onSent`);
    }
    if (result === SEND_WAIT) side.waitsSince = this.#callbacks;
    if (result < 0) this.troubled.add(watched.client);
  }

  /** The relay ends a direction. */
  onFinish(slot: number): void {
    this.#of(slot).sides[slot & 1]!.finished = true;
  }

  /** To be asked after each turn: has someone outlived a deadline? */
  checkOverdue(): void {
    const { timeouts, isEnding } = this.#options;
    if (this.io.now - this.#lookedAtMs < (timeouts.lookEveryMs ?? 0)) return;
    this.#lookedAtMs = this.io.now;
    for (const [connection, watched] of this.#watched) {
      this.#noticeWaiting(2 * connection);
      if (isEnding(connection)) this.#enter(watched, "ending");
      if (watched.phase === "relaying") this.#checkFlow(connection, watched);
      // As long as it is held back, it cannot be blamed for silence.
      if (watched.phase === "relaying" && this.#isPaced(connection)) watched.sinceMs = this.io.now;
      if (watched.phase === "ending") this.#checkLeave(connection, watched);
      const waitedMs = this.io.now - this.#sinceOf(watched);
      if (waitedMs <= this.#limitOf(watched) + timeouts.slackMs) continue;
      this.faults.push(`${watched.client} has been ${watched.phase} for ${waitedMs} ms`);
      watched.sinceMs = Infinity;
      watched.saidAtMs = Infinity;
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
    this.#watched.set(slot >> 1, {
      client,
      sides: [newSide(), newSide()],
      sinceMs: now,
      phase: "reading",
      halfClosed: false,
      saidAtMs: now,
    });
    this.#relay.onAccepted(slot, listener);
  }

  onAcceptFailed(listener: number, result: number): void {
    this.#relay.onAcceptFailed(listener, result);
  }

  onConnect(slot: number, result: number): void {
    this.#callbacks++;
    if (result === 0) {
      this.#enter(this.#of(slot), "relaying");
      this.clientOf.set(this.#options.localOf(slot), this.#of(slot).client);
    }
    this.#relay.onConnect(slot, result);
  }

  onReceive(slot: number, offset: number, result: number): void {
    this.#callbacks++;
    const watched = this.#of(slot);
    if (result < 0) this.troubled.add(watched.client);
    if (result <= END_OF_STREAM) watched.sides[slot & 1]!.ended = true;
    if (slot % 2 === 0) watched.saidAtMs = this.io.now;
    const moves = result > 0 || (result === END_OF_STREAM && !watched.halfClosed);
    if (watched.phase === "relaying" && moves) watched.sinceMs = this.io.now;
    if (watched.phase === "relaying" && result === END_OF_STREAM) watched.halfClosed = true;
    this.#relay.onReceive(slot, offset, result);
    this.#noticeWaiting(slot);
    if (watched.phase === "ending" && result <= END_OF_STREAM && !this.io.isClosing(slot)) {
      this.faults.push(`${watched.client} has gone and is not closed`);
    }
  }

  onSent(slot: number, result: number): void {
    this.#callbacks++;
    const watched = this.#of(slot);
    watched.sides[slot & 1]!.waitsSince = -1;
    if (result < 0) this.troubled.add(watched.client);
    else if (watched.phase === "relaying" && !watched.sides.every(({ ended }) => ended)) {
      watched.sinceMs = this.io.now;
    }
    this.#relay.onSent(slot, result);
  }

  onDeadline(slot: number): void {
    const watched = this.#of(slot);
    if (this.#options.isEnding(slot >> 1)) this.#enter(watched, "ending");
    const waitedMs = this.io.now - this.#sinceOf(watched);
    const isPaced = this.#isPaced(slot >> 1);
    // The next piece of what its client has sent goes on.
    if (isPaced && watched.phase === "relaying") watched.sinceMs = this.io.now;
    const mayBeEarly = isPaced || watched.phase === "ending" || watched.phase === "pausing";
    if (!mayBeEarly && waitedMs < this.#limitOf(watched) - ROUNDING_MS) {
      this.faults.push(`${watched.client} was cut ${watched.phase} after ${waitedMs} ms`);
    }
    this.#relay.onDeadline(slot);
    this.#noticeWaiting(slot);
  }

  onClosed(slot: number): void {
    this.#relay.onClosed(slot);
    this.#noticeWaiting(slot);
    if (slot % 2 === 0) this.#watched.delete(slot >> 1);
  }

  onWake(): void {
    this.#relay.onWake();
  }

  // A side is not read only because the other cannot take more; an end is passed on at once.
  #checkFlow(connection: number, { client, sides }: Watched): void {
    for (const own of [0, 1] as const) {
      const slot = 2 * connection + own;
      const [side, other] = [sides[own], sides[own === 0 ? 1 : 0]];
      const isHeldBack = own === 0 && this.#isPaced(connection);
      const isStopped = !side.ended && !isHeldBack && !this.io.isReceiving(slot);
      if (isStopped && other.waitsSince === -1) {
        this.faults.push(`${client}: slot ${slot} is not read, and nobody is waited for`);
      }
      if (side.ended && !other.finished && !other.ended) {
        this.faults.push(`${client}: slot ${slot} has ended, and its other side was not told`);
      }
    }
  }

  // Who is given time to go is listened to, so that its going is noticed.
  #checkLeave(connection: number, { client }: Watched): void {
    const slot = 2 * connection;
    if (this.io.isClosing(slot) || this.io.isReceiving(slot)) return;
    this.faults.push(`${client} is waited for and not listened to`);
  }

  #isPaced(connection: number): boolean {
    return this.#options.isPaced?.(connection) ?? false;
  }

  #sinceOf(watched: Watched): number {
    return this.#silenceMaxOf(watched) === null ? watched.sinceMs : watched.saidAtMs;
  }

  // Null where silence of both sides counts, or something else than silence.
  #silenceMaxOf({ phase, halfClosed, client }: Watched): number | null {
    const { silenceMaxMs } = this.#options.timeouts;
    const isTalking = phase === "relaying" && !halfClosed;
    return isTalking && silenceMaxMs !== undefined ? silenceMaxMs(client) : null;
  }

  #limitOf(watched: Watched): number {
    const { phase, halfClosed } = watched;
    const { timeouts } = this.#options;
    const silenceMaxMs = this.#silenceMaxOf(watched);
    if (silenceMaxMs !== null) return silenceMaxMs;
    switch (phase) {
      case "reading":
        return timeouts.connectDeadlineMs;
      case "waiting":
        return timeouts.delayMaxMs ?? 0;
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

  // Nothing that the reactor does tells of it.
  #noticeWaiting(slot: number): void {
    const watched = this.#watched.get(slot >> 1);
    if (watched === undefined || watched.phase === "waiting") return;
    if (this.#options.isWaiting?.(slot >> 1)) this.#enter(watched, "waiting");
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

function newSide(): Side {
  return { ended: false, finished: false, waitsSince: -1 };
}
