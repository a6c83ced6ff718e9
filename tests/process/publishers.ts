// Clients that publish with QoS 1 without end, one message at a time, and count what comes back.
//
// Raw sockets, so that a test can hold thousands of them: each message is answered by a PUBACK with
// its packet identifier before the next one goes, so a lost, doubled or foreign answer is seen.

import { RawClient } from "./raw-clients.ts";

/** How long a client waits between an answer and its next message. */
const PAUSE_MS = 1_000;
const DIALS_MAX = 128;
const PUBACK = 0x40;
const PUBACK_SIZE = 4;

class Publisher {
  readonly client: RawClient;
  sent = 0;
  acknowledged = 0;
  /** What was wrong with an answer; null: nothing. */
  fault: string | null = null;
  private answer: Buffer = Buffer.alloc(0);
  private timer: NodeJS.Timeout | null = null;
  private isStopping = false;
  private readonly packet: Buffer;

  constructor(client: RawClient) {
    this.client = client;
    this.packet = publishPacket(`from/${client.clientId}`);
    client.socket.on("data", (bytes) => this.take(bytes));
  }

  /** True when nothing of it is under way. */
  get isQuiet(): boolean {
    return this.sent === this.acknowledged;
  }

  start(delayMs: number): void {
    this.timer = setTimeout(() => this.publish(), delayMs);
  }

  /** Publishes no more. */
  stop(): void {
    this.isStopping = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private publish(): void {
    this.sent++;
    this.packet.writeUInt16BE(this.identifier, this.packet.length - 2);
    this.client.socket.write(this.packet);
  }

  private get identifier(): number {
    return 1 + ((this.sent - 1) % 65_535);
  }

  private take(bytes: Buffer): void {
    this.answer = this.answer.length === 0 ? bytes : Buffer.concat([this.answer, bytes]);
    if (this.answer.length < PUBACK_SIZE) return;
    const isRight =
      this.answer.length === PUBACK_SIZE &&
      this.answer[0] === PUBACK &&
      this.answer.readUInt16BE(2) === this.identifier &&
      !this.isQuiet;
    if (!isRight) this.fault ??= `answer ${this.answer.toString("hex")} to ${this.sent}`;
    this.answer = Buffer.alloc(0);
    this.acknowledged++;
    if (!this.isStopping) this.start(PAUSE_MS);
  }
}

export class PublisherPool {
  private readonly publishers: Publisher[] = [];

  /** Connects `count` of them; rejects when one is refused. */
  static async open(port: number, name: string, count: number): Promise<PublisherPool> {
    const pool = new PublisherPool();
    let next = 0;
    const dialOneAfterTheOther = async (): Promise<void> => {
      while (next < count) {
        const clientId = `${name}-${next++}`;
        pool.publishers.push(new Publisher(await RawClient.connect({ port, clientId })));
      }
    };
    await Promise.all(Array.from({ length: DIALS_MAX }, dialOneAfterTheOther));
    return pool;
  }

  /** Begins to publish, spread over a pause. */
  start(): void {
    const { length } = this.publishers;
    for (const [i, publisher] of this.publishers.entries()) {
      publisher.start((i / length) * PAUSE_MS);
    }
  }

  stop(): void {
    for (const publisher of this.publishers) publisher.stop();
  }

  get isQuiet(): boolean {
    return this.publishers.every(({ isQuiet }) => isQuiet);
  }

  get openCount(): number {
    return this.publishers.filter(({ client }) => {
      return !client.socket.destroyed && client.socket.readable;
    }).length;
  }

  get sent(): number {
    return this.publishers.reduce((sum, { sent }) => sum + sent, 0);
  }

  get acknowledged(): number {
    return this.publishers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  /** What was wrong with answers, client by client. */
  get faults(): string[] {
    return this.publishers.flatMap(({ client, fault }) => {
      return fault === null ? [] : [`${client.clientId}: ${fault}`];
    });
  }

  /** Says DISCONNECT for all, and waits until all are closed. */
  async disconnectAll(): Promise<void> {
    await Promise.all(this.publishers.map(({ client }) => client.disconnect()));
  }

  close(): void {
    this.stop();
    for (const { client } of this.publishers) client.close();
  }
}

// QoS 1, no payload, so that the packet identifier is the last of it (MQTT 3.1.1, 3.3).
function publishPacket(topic: string): Buffer {
  const name = Buffer.from(topic);
  const remaining = 2 + name.length + 2;
  return Buffer.concat([Buffer.of(0x32, remaining, 0, name.length), name, Buffer.alloc(2)]);
}
