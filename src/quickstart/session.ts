// One MQTT session (5.0 section 4.1): subscriptions, what is under way to the client and what waits
// for it. It outlives connections; the client may come back on another node. Bounded by `limits`.
// Knows no socket: packets leave through the `SessionLink` of whoever is connected.

import type { NodeCounters } from "./counters.ts";
import { type Delivery, DeliveryQueue, type QueueBudget } from "./delivery-queue.ts";
import type { Limits } from "./limits.ts";
import type { Message, Qos } from "./message.ts";

const PACKET_ID_MAX = 65_535;

/** The connection of a session's client. */
export interface SessionLink {
  /** Whether so much waits for the socket that the session should hold on to its messages. */
  readonly congested: boolean;
  /** QoS 1 and 2 messages the client takes at a time. */
  readonly receiveMax: number;
  /** @returns false when the packet would be larger than the client takes; nothing was sent then */
  sendPublish(delivery: Delivery, packetId: number, dup: boolean): boolean;
  sendRelease(packetId: number): void;
  /** Another connection has this client id now. */
  takenOver(): void;
}

/** One subscription of one session. */
export interface Subscription {
  readonly session: Session;
  /** As the client wrote it; `$share/group/` included. */
  readonly text: string;
  readonly filter: string;
  /** Null unless shared. */
  readonly group: string | null;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0 for none. */
  readonly id: number;
}

/** A will that is published when its client goes without saying so. */
export interface Will {
  readonly message: Message;
  readonly delayMs: number;
  /** Seconds from publishing, or null. */
  readonly expiryS: number | null;
}

interface Inflight {
  readonly delivery: Delivery;
  /** True exactly when PUBREC has come and PUBCOMP is awaited. */
  released: boolean;
}

export class Session {
  readonly clientId: string;
  readonly subscriptions = new Map<string, Subscription>();
  /** Packet ids of QoS 2 messages received and not released [MQTT-4.3.3-10]. */
  readonly unreleased = new Set<number>();
  /** The node of the connection, the last one while there is none. */
  counters: NodeCounters;
  link: SessionLink | null = null;
  /** Milliseconds that the session outlives its connection; Infinity while 3.1.1 says for ever. */
  expiryMs = 0;
  /** When it ends, while there is no connection. */
  endsAtMs = Infinity;
  will: Will | null = null;
  /** When the will is due, while it waits for its delay. */
  willDueMs = Infinity;
  /** Marks of the router: the last message that matched, and what its subscriptions add up to. */
  matchedIn = 0;
  matchedQos: Qos = 0;
  matchedRetain = false;
  matchedIds: number[] | null = null;

  readonly #limits: Limits;
  readonly #inflight = new Map<number, Inflight>();
  #inflightBytes = 0;
  readonly #queue: DeliveryQueue;
  /**
   * Retained messages on their way to a new subscription, the next one last. They are in the
   * retained store anyway, so their bytes are not counted again.
   */
  #backlog: Delivery[] = [];
  /** Packet ids from an earlier connection, to be sent again before anything new. */
  #resend: number[] = [];
  #lastPacketId = 0;

  constructor(clientId: string, counters: NodeCounters, limits: Limits, budget: QueueBudget) {
    this.clientId = clientId;
    this.counters = counters;
    this.#limits = limits;
    this.#queue = new DeliveryQueue(limits, budget);
  }

  get queued(): number {
    return this.#queue.count;
  }

  get inflight(): number {
    return this.#inflight.size;
  }

  /** Whether a message sent now would leave now. */
  get isReady(): boolean {
    return this.link !== null && !this.link.congested && this.#hasWindow && !this.#isWaiting;
  }

  /** Sends a message, or keeps it until that is possible, or drops it and counts. */
  deliver(delivery: Delivery): void {
    const { link } = this;
    if (delivery.qos === 0 && (link === null || link.congested)) {
      this.counters.messagesDropped++;
    } else if (delivery.qos === 0 ? !this.#isWaiting : this.isReady) {
      this.#sendNow(link!, delivery);
    } else if (!this.#queue.push(delivery)) {
      this.counters.messagesDropped++;
    }
  }

  /**
   * Sends what a new subscription gets of the retained messages, as fast as the client takes it.
   */
  deliverRetained(deliveries: readonly Delivery[], nowMs: number): void {
    const free = Math.max(0, this.#limits.retainedMax - this.#backlog.length);
    this.counters.messagesDropped += Math.max(0, deliveries.length - free);
    this.#backlog = [...deliveries.slice(0, free).reverse(), ...this.#backlog];
    this.pump(nowMs);
  }

  /** Starts serving a connection: what was under way goes out again first [MQTT-4.4.0-1]. */
  attach(link: SessionLink): void {
    this.link = link;
    this.endsAtMs = Infinity;
    this.#resend = [...this.#inflight.keys()];
  }

  /**
   * Sends what has become possible: after CONNACK, an acknowledgement, or when the socket
   * drained.
   */
  pump(nowMs: number): void {
    const { link } = this;
    if (link === null) return;
    this.#sendAgain(link);
    while (!link.congested && this.#resend.length === 0) {
      const next = this.#backlog.at(-1) ?? this.#queue.first;
      if (next === undefined || (next.qos > 0 && !this.#hasWindow)) return;
      if (this.#backlog.length > 0) this.#backlog.pop();
      else this.#queue.shift();
      if (next.message.isExpired(nowMs)) this.counters.messagesDropped++;
      else this.#sendNow(link, next);
    }
  }

  /**
   * Ends the exchange of a message: PUBACK, PUBCOMP, or a PUBREC that refuses.
   * @returns whether a message of this QoS was under way under the id
   */
  settle(packetId: number, qos: Qos): boolean {
    const entry = this.#inflight.get(packetId);
    if (entry === undefined || entry.delivery.qos !== qos) return false;
    this.#inflight.delete(packetId);
    this.#inflightBytes -= entry.delivery.message.size;
    return true;
  }

  /** PUBREC. @returns whether the id was under way */
  release(packetId: number): boolean {
    const entry = this.#inflight.get(packetId);
    if (entry === undefined || entry.delivery.qos !== 2) return false;
    entry.released = true;
    return true;
  }

  /** Gives back what the session holds of shared budgets; it is of no more use. */
  clear(): void {
    this.#queue.clear();
    this.#inflight.clear();
    this.#inflightBytes = 0;
    this.#backlog = [];
    this.#resend = [];
    this.unreleased.clear();
  }

  get #isWaiting(): boolean {
    return this.#queue.count > 0 || this.#backlog.length > 0;
  }

  get #hasWindow(): boolean {
    const max = Math.min(this.#limits.inflightMax, this.link?.receiveMax ?? 0);
    if (this.#inflightBytes > this.#limits.queueMaxBytes) return false;
    return this.#inflight.size - this.#resend.length < max;
  }

  #sendNow(link: SessionLink, delivery: Delivery): void {
    const packetId = delivery.qos === 0 ? 0 : this.#nextPacketId();
    if (!link.sendPublish(delivery, packetId, false)) {
      this.counters.messagesDropped++; // [MQTT-3.1.2-25]: as if it had been delivered
      return;
    }
    if (packetId === 0) return;
    this.#inflightBytes += delivery.message.keep().size;
    this.#inflight.set(packetId, { delivery, released: false });
  }

  #sendAgain(link: SessionLink): void {
    while (this.#resend.length > 0 && !link.congested && this.#hasWindow) {
      const packetId = this.#resend.shift()!;
      const entry = this.#inflight.get(packetId);
      if (entry === undefined) continue;
      if (entry.released) link.sendRelease(packetId);
      else if (!link.sendPublish(entry.delivery, packetId, true)) {
        this.settle(packetId, entry.delivery.qos);
      }
    }
  }

  // The window is far smaller than the range of ids, so a free one is always near.
  #nextPacketId(): number {
    do {
      this.#lastPacketId = (this.#lastPacketId % PACKET_ID_MAX) + 1;
    } while (this.#inflight.has(this.#lastPacketId));
    return this.#lastPacketId;
  }
}
