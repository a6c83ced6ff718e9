// A broker node without ports and clients without sockets: the bytes go through streams in memory,
// and the clock is the test's. Packets of the client side are made and read by mqtt-packet.

import { type Duplex, duplexPair } from "node:stream";
import { generate, type IConnectPacket, type Packet, parser } from "mqtt-packet";
import { Broker } from "../../src/quickstart/broker.ts";
import type { Client, ClientHost } from "../../src/quickstart/client.ts";
import { ClientConnection } from "../../src/quickstart/client-connection.ts";
import { NodeCounters } from "../../src/quickstart/counters.ts";
import { type Limits, resolveLimits } from "../../src/quickstart/limits.ts";
import { Flusher } from "../../src/quickstart/outbox.ts";

const TURNS_MAX = 1000;

export class WiredNode implements ClientHost {
  readonly name: string;
  readonly broker: Broker;
  readonly flusher = new Flusher();
  readonly counters = new NodeCounters();
  readonly connections: ClientConnection[] = [];
  nowMs = 1_000_000;
  readonly #peer: WiredNode | null;
  readonly #live = new Set<Client>();

  /** @param peer a node of the same cluster: its broker and clock are used */
  constructor(limits: Partial<Limits> = {}, peer: WiredNode | null = null) {
    this.#peer = peer;
    this.name = peer === null ? "node1" : "node2";
    const options = { limits: resolveLimits(limits), refusedFilters: ["refused/filter"] };
    this.broker = peer?.broker ?? new Broker(options);
  }

  now(): number {
    return this.#peer?.nowMs ?? this.nowMs;
  }

  onConnected(client: Client): void {
    this.#live.add(client);
    this.counters.live.set(this.#live.size);
  }

  onEnded(client: Client): void {
    this.#live.delete(client);
    this.counters.live.set(this.#live.size);
  }

  /** Lets time pass and does what is then due. */
  advance(ms: number): void {
    this.nowMs += ms;
    for (const connection of this.connections) connection.checkDeadlines(this.now());
    this.broker.sweep(this.now());
  }

  /** A connection that has said nothing yet. */
  open(version = 4): WiredClient {
    const client = new WiredClient(version);
    const connection = new ClientConnection(client.far, this);
    this.connections.push(connection);
    return client;
  }

  /** A connection whose CONNECT is answered, however; see `WiredClient.connack`. */
  async connect(clientId: string, options: Partial<IConnectPacket> = {}): Promise<WiredClient> {
    const client = this.open(options.protocolVersion ?? 4);
    client.send({
      cmd: "connect",
      protocolId: options.protocolVersion === 3 ? "MQIsdp" : "MQTT",
      protocolVersion: 4,
      clean: true,
      keepalive: 0,
      clientId,
      ...options,
    });
    client.connack = await client.next();
    return client;
  }
}

export class WiredClient {
  readonly version: number;
  readonly received: Packet[] = [];
  /** The node's end. */
  readonly far: Duplex;
  connack: Packet | null = null;
  readonly #near: Duplex;

  constructor(version: number) {
    this.version = version;
    [this.#near, this.far] = duplexPair();
    const decoder = parser({ protocolVersion: version });
    decoder.on("packet", (packet) => this.received.push(packet));
    this.#near.on("data", (bytes: Buffer) => decoder.parse(bytes));
  }

  get isClosed(): boolean {
    return this.#near.readableEnded || this.#near.destroyed;
  }

  send(packet: Packet): void {
    this.sendBytes(generate(packet, { protocolVersion: this.version }));
  }

  sendBytes(bytes: Iterable<number>): void {
    this.#near.write(Uint8Array.from(bytes));
  }

  /** The next packet that came, waited for. */
  async next(): Promise<Packet> {
    for (let i = 0; i < TURNS_MAX; i++) {
      const packet = this.received.shift();
      if (packet !== undefined) return packet;
      await turn();
    }
    throw new Error(`Waited in vain for a packet; the connection is closed: ${this.isClosed}`);
  }

  /** Everything that came, once things have calmed down. */
  async all(): Promise<Packet[]> {
    await settle();
    return this.received.splice(0);
  }

  async subscribe(topic: string, qos: 0 | 1 | 2 = 0, options = {}): Promise<Packet> {
    const subscriptions = [{ topic, qos, nl: false, rap: false, rh: 0, ...options }];
    this.send({ cmd: "subscribe", messageId: 1, subscriptions });
    return this.next();
  }

  publish(topic: string, payload: string, options = {}): void {
    const defaults = { qos: 0 as const, dup: false, retain: false, messageId: 1 };
    this.send({ cmd: "publish", topic, payload, ...defaults, ...options });
  }

  /** Stops and starts taking bytes, as a slow reader does. */
  pause(): void {
    this.#near.pause();
  }

  resume(): void {
    this.#near.resume();
  }

  /** The connection breaks. */
  cut(): void {
    this.#near.destroy();
    this.far.destroy();
  }
}

/** Lets everything that is under way arrive. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
