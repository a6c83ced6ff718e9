// One client connection as the packet handlers see it: what its CONNECT agreed on, how packets
// are sent to it and how it ends. Reading its bytes is client-connection.ts. Ends once, by `end`
// or `lose`.

import type { Duplex } from "node:stream";
import { PacketType } from "../mqtt/packet-type.ts";
import type { Broker } from "./broker.ts";
import type { NodeCounters } from "./counters.ts";
import type { Delivery } from "./delivery-queue.ts";
import { CLOSE_GRACE_MS } from "./limits.ts";
import { type Flusher, Outbox } from "./outbox.ts";
import { FAILURE, REASON, type Reason } from "./reason.ts";
import type { Session, SessionLink } from "./session.ts";
import { TopicAliases } from "./topic-aliases.ts";
import { encodeAck } from "./wire/ack-codec.ts";
import { encodeControl } from "./wire/control-codec.ts";
import type { Version } from "./wire/packet-flags.ts";
import { encodePublish, type PublishOptions, publishSize } from "./wire/publish-codec.ts";

/** From this size on a payload is sent from where it lies instead of being copied. */
const LARGE_PAYLOAD_BYTES = 8 * 1024;

/** What a connection needs of the node it came to. */
export interface ClientHost {
  readonly name: string;
  readonly broker: Broker;
  readonly counters: NodeCounters;
  readonly flusher: Flusher;
  /** Milliseconds of the cluster's clock. */
  now(): number;
  /** The client has its CONNACK. */
  onConnected(client: Client): void;
  /** The connection has ended, whether or not it got that far. */
  onEnded(client: Client): void;
}

/** What a CONNECT asks for and CONNACK grants. */
export interface ConnectTerms {
  readonly keepAliveS: number;
  readonly receiveMax: number;
  /** Bytes of the largest packet the client takes. */
  readonly packetSizeMax: number;
  readonly topicAliasMax: number;
}

export class Client implements SessionLink {
  readonly host: ClientHost;
  version: Version = 0;
  session: Session | null = null;
  /**
   * Whether CONNECT said that the session ends with the connection; DISCONNECT may not change
   * that.
   */
  endsWithConnection = true;
  lastHeardMs: number;
  readonly startedMs: number;
  /** Topics of the aliases that the client has set. */
  readonly aliasesIn = new Map<number, string>();
  readonly #stream: Duplex;
  readonly #outbox: Outbox;
  #terms: ConnectTerms = {
    keepAliveS: 0,
    receiveMax: 0,
    packetSizeMax: Infinity,
    topicAliasMax: 0,
  };
  #aliasesOut: TopicAliases | null = null;
  /** True exactly when reading is stopped until the client takes what waits for it. */
  #paused = false;
  #ended = false;

  constructor(stream: Duplex, host: ClientHost) {
    this.host = host;
    this.#stream = stream;
    this.#outbox = new Outbox(stream, host.flusher, () => this.#onDrained());
    this.startedMs = host.now();
    this.lastHeardMs = this.startedMs;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get congested(): boolean {
    return this.#outbox.waiting > this.host.broker.limits.sendBufferMaxBytes;
  }

  get receiveMax(): number {
    return this.#terms.receiveMax;
  }

  get keepAliveS(): number {
    return this.#terms.keepAliveS;
  }

  /** CONNECT was accepted. */
  agree(terms: ConnectTerms): void {
    this.#terms = terms;
    const aliases = Math.min(terms.topicAliasMax, this.host.broker.limits.topicAliasOutMax);
    if (aliases > 0) this.#aliasesOut = new TopicAliases(aliases);
  }

  /** Largest packet that may be sent to the client [MQTT-3.1.2-24]. */
  get packetSizeMax(): number {
    return this.#terms.packetSizeMax;
  }

  /** Sends a packet; one that the client does not take ends the connection [MQTT-3.1.2-24]. */
  send(packet: Buffer): void {
    if (this.#ended) return;
    if (packet.length > this.#terms.packetSizeMax) {
      this.finish();
      this.#detach(true);
      return;
    }
    this.#write(packet);
  }

  #write(packet: Buffer): void {
    this.host.counters.bytesSent += packet.length;
    this.#outbox.push(packet);
  }

  sendPublish(delivery: Delivery, packetId: number, dup: boolean): boolean {
    const { message, qos, retain, subscriptionIds } = delivery;
    const alias = this.#aliasesOut?.lookUp(message.topic) ?? null;
    const options: PublishOptions = {
      version: this.version,
      qos,
      dup,
      retain,
      packetId,
      topic: alias?.isKnown ? "" : message.topic,
      topicAlias: alias?.number ?? 0,
      subscriptionIds,
      expiryS: message.secondsLeft(this.host.now()),
    };
    if (this.#terms.packetSizeMax < publishSize(message, options)) return false;
    if (alias !== null) this.#aliasesOut?.learn(message.topic);
    this.host.counters.messagesSent++;
    const isLarge = message.payload.length >= LARGE_PAYLOAD_BYTES;
    this.#write(encodePublish(message, options, !isLarge));
    if (isLarge) this.#write(message.keep().payload);
    return true;
  }

  sendRelease(packetId: number): void {
    this.send(encodeAck(PacketType.pubrel, packetId, this.version));
  }

  takenOver(): void {
    this.end(REASON.sessionTakenOver);
  }

  /**
   * Ends the connection; a 5.0 client whose CONNECT was accepted is told why. The will is sent
   * unless the client itself said goodbye.
   */
  end(reason: Reason, sendWill = true): void {
    if (this.#ended) return;
    if (this.version === 5 && this.session !== null && reason >= FAILURE) {
      this.send(encodeControl({ cmd: "disconnect", reasonCode: reason }, 5));
    }
    this.finish();
    this.#detach(sendWill);
  }

  /** Lets what has been sent go out and closes. */
  finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#outbox.flush();
    const stream = this.#stream;
    stream.end();
    const grace = setTimeout(() => stream.destroy(), CLOSE_GRACE_MS).unref();
    stream.once("close", () => clearTimeout(grace));
    if (this.session === null) this.host.onEnded(this);
  }

  /** The socket is gone. */
  lose(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.destroy();
    if (this.session === null) this.host.onEnded(this);
    else this.#detach(true);
  }

  /** Stops reading while more waits for the client than it may: it does not even take its acks. */
  pauseIfCongested(): void {
    if (this.#ended || !this.congested) return;
    this.#paused = true;
    this.#stream.pause();
  }

  #onDrained(): void {
    if (this.#ended) return;
    if (this.#paused) {
      this.#paused = false;
      this.#stream.resume();
    }
    this.session?.pump(this.host.now());
  }

  #detach(sendWill: boolean): void {
    const { session } = this;
    if (session === null) return;
    this.session = null;
    this.host.broker.disconnect(session, sendWill, this.host.now());
    this.host.onEnded(this);
  }
}
