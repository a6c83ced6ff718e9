// Reads one client: socket to packets to handlers. The first packet must be CONNECT, and the only
// one. Whatever breaks a rule ends the connection; nothing a client sends can throw.

import type { Duplex } from "node:stream";
import { PacketType } from "../mqtt/packet-type.ts";
import { Client, type ClientHost } from "./client.ts";
import { KEEP_ALIVE_FACTOR } from "./limits.ts";
import { onAcknowledge } from "./packets/acknowledge.ts";
import { onConnect } from "./packets/connect.ts";
import { onDisconnect } from "./packets/disconnect.ts";
import { onPing } from "./packets/ping.ts";
import { onPublish } from "./packets/publish.ts";
import { onSubscribe } from "./packets/subscribe.ts";
import { onUnsubscribe } from "./packets/unsubscribe.ts";
import { REASON } from "./reason.ts";
import { decodeControl } from "./wire/control-codec.ts";
import { type FrameHandler, FrameSplitter } from "./wire/frame-splitter.ts";
import { checkControl } from "./wire/packet-check.ts";
import { hasValidFlags } from "./wire/packet-flags.ts";

/** What the first byte of a connection must be [MQTT-3.1.0-1]. */
const CONNECT_HEADER = PacketType.connect << 4;

export class ClientConnection implements FrameHandler {
  readonly client: Client;
  readonly #host: ClientHost;
  readonly #splitter: FrameSplitter;
  #nowMs: number;
  #hasBegun = false;

  constructor(stream: Duplex, host: ClientHost) {
    this.#host = host;
    this.#nowMs = host.now();
    this.client = new Client(stream, host);
    this.#splitter = new FrameSplitter(host.broker.limits.packetSizeMaxBytes, this);
    stream.on("data", (chunk: Buffer) => this.#onBytes(chunk));
    stream.on("end", () => this.client.lose());
    stream.on("close", () => this.client.lose());
    // Resets and the like: "close" follows and says all there is to say.
    stream.on("error", () => this.client.lose());
  }

  onFrame(frame: Buffer, bodyAt: number): boolean {
    const { client } = this;
    const type = frame[0]! >> 4;
    if (client.session === null) {
      if (type === PacketType.connect && hasValidFlags(type, frame[0]! & 15)) {
        onConnect(client, frame, bodyAt, this.#nowMs);
      } else {
        client.finish(); // [MQTT-3.1.0-1]
      }
    } else if (!hasValidFlags(type, frame[0]! & 15)) {
      client.end(REASON.malformedPacket);
    } else {
      this.#handle(type, frame, bodyAt);
    }
    return !client.ended;
  }

  /**
   * Looked at now and then: a client that takes too long over CONNECT, or is silent for too long.
   */
  checkDeadlines(nowMs: number): void {
    const { client } = this;
    if (client.session === null) {
      const { connectDeadlineMs } = this.#host.broker.limits;
      if (nowMs - client.startedMs > connectDeadlineMs) client.finish();
      return;
    }
    const silenceMaxMs = client.keepAliveS * 1000 * KEEP_ALIVE_FACTOR;
    if (silenceMaxMs > 0 && nowMs - client.lastHeardMs > silenceMaxMs) {
      client.end(REASON.keepAliveTimeout); // [MQTT-3.1.2-22]
    }
  }

  #onBytes(chunk: Buffer): void {
    const { client } = this;
    if (client.ended) return;
    this.#nowMs = this.#host.now();
    this.#host.counters.bytesReceived += chunk.length;
    // What speaks another protocol (HTTP, TLS) is not waited for until its "packet" is whole.
    const isOther = client.session === null && !this.#hasBegun && chunk[0] !== CONNECT_HEADER;
    this.#hasBegun = true;
    const refused = isOther ? REASON.protocolError : this.#splitter.feed(chunk);
    if (refused !== 0) client.end(refused);
    client.pauseIfCongested();
  }

  #handle(type: number, frame: Buffer, bodyAt: number): void {
    const { client } = this;
    client.lastHeardMs = this.#nowMs;
    switch (type) {
      case PacketType.publish:
        onPublish(client, frame, bodyAt, this.#nowMs);
        break;
      case PacketType.puback:
      case PacketType.pubrec:
      case PacketType.pubrel:
      case PacketType.pubcomp:
        onAcknowledge(client, frame, bodyAt, this.#nowMs);
        break;
      case PacketType.connect: // a second one [MQTT-3.1.0-2]
      case PacketType.auth: // without a method agreed on (section 4.12)
        client.end(REASON.protocolError);
        break;
      default:
        this.#handleControl(frame, bodyAt);
    }
  }

  #handleControl(frame: Buffer, bodyAt: number): void {
    const { client } = this;
    const refused = checkControl(frame, bodyAt, client.version);
    if (refused !== 0) {
      client.end(refused);
      return;
    }
    const packet = decodeControl(frame, client.version);
    switch (packet?.cmd) {
      case "subscribe":
        onSubscribe(client, packet, this.#nowMs);
        break;
      case "unsubscribe":
        onUnsubscribe(client, packet);
        break;
      case "pingreq":
        onPing(client);
        break;
      case "disconnect":
        onDisconnect(client, packet);
        break;
      default:
        client.end(REASON.malformedPacket); // mqtt-packet refuses it
    }
  }
}
