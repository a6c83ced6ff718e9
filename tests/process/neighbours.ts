// Clients that go about their business while others misbehave, and notice if anything is amiss.
//
// Each is an MQTT.js client that publishes numbers to itself with QoS 1, one after the other, and
// must get every one of them, in order, on one and the same connection.

import { setTimeout as sleep } from "node:timers/promises";
import { JsClient } from "./clients.ts";
import { waitUntil } from "./wait-until.ts";

const PAUSE_MS = 10;
/** MQTT 3.1, 3.1.1 and 5.0, as MQTT.js names them. */
const VERSIONS = [
  { protocolId: "MQIsdp", protocolVersion: 3 },
  { protocolId: "MQTT", protocolVersion: 4 },
  { protocolId: "MQTT", protocolVersion: 5 },
] as const;

export class Neighbours {
  private readonly all: readonly Neighbour[];

  private constructor(all: readonly Neighbour[]) {
    this.all = all;
  }

  /** One neighbour of each version of MQTT, at work when this resolves. */
  static async start(port: number, name = "neighbour"): Promise<Neighbours> {
    const all = VERSIONS.map((version) => {
      const clientId = `${name}-${version.protocolVersion}`;
      return Neighbour.start(port, { ...version, clientId, keepalive: 60 });
    });
    const neighbours = new Neighbours(await Promise.all(all));
    await neighbours.waitForMore();
    return neighbours;
  }

  /** How many there are: one connection each. */
  get count(): number {
    return this.all.length;
  }

  /** Waits until each has sent and received a few more. */
  async waitForMore(): Promise<void> {
    const goals = this.all.map(({ receivedCount }) => receivedCount + 5);
    await waitUntil("neighbours go on", () => {
      return this.all.every((neighbour, i) => {
        return neighbour.receivedCount >= goals[i]! || neighbour.complaints.length > 0;
      });
    });
  }

  /** What they have to complain of so far: nothing, let us hope. */
  get complaints(): string[] {
    return this.all.flatMap(({ complaints }) => complaints);
  }

  /** Ends them in good order. @returns their complaints, with what was lost or came twice */
  async stop(): Promise<string[]> {
    await Promise.all(this.all.map((neighbour) => neighbour.stop()));
    return this.complaints;
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((neighbour) => neighbour.close()));
  }
}

class Neighbour {
  readonly complaints: string[] = [];
  private readonly client: JsClient;
  private readonly topic: string;
  private isLeaving = false;
  private work: Promise<void> = Promise.resolve();

  static async start(
    port: number,
    options: Parameters<typeof JsClient.connect>[1] & { readonly clientId: string },
  ): Promise<Neighbour> {
    const client = await JsClient.connect(port, options);
    const neighbour = new Neighbour(client, options.clientId);
    await client.client.subscribeAsync(neighbour.topic, { qos: 1 });
    neighbour.work = neighbour.publishUntilLeaving();
    return neighbour;
  }

  private constructor(client: JsClient, clientId: string) {
    this.client = client;
    this.topic = `neighbours/${clientId}`;
    client.client.on("close", () => {
      if (!this.isLeaving) this.complaints.push(`${clientId}: the connection was closed`);
      this.isLeaving = true;
    });
    client.client.on("error", (error) => this.complaints.push(`${clientId}: ${error.message}`));
  }

  get receivedCount(): number {
    return this.client.received.length;
  }

  async stop(): Promise<void> {
    this.isLeaving = true;
    await this.work;
    await this.client.client.endAsync();
  }

  async close(): Promise<void> {
    this.isLeaving = true;
    await this.client.close();
  }

  private async publishUntilLeaving(): Promise<void> {
    let sent = 0;
    while (!this.isLeaving) {
      try {
        await this.client.client.publishAsync(this.topic, `${sent}`, { qos: 1 });
        sent++;
      } catch (error) {
        if (!this.isLeaving) this.complaints.push(`${this.topic}: ${String(error)}`);
        return;
      }
      await sleep(PAUSE_MS);
    }
    await this.checkReceived(sent);
  }

  private async checkReceived(sent: number): Promise<void> {
    if (this.complaints.length > 0 || !this.client.client.connected) return;
    await waitUntil(`${this.topic} has come`, () => this.receivedCount >= sent);
    const payloads = this.client.received.map(({ payload }) => payload);
    const expected = Array.from({ length: sent }, (_, i) => `${i}`);
    if (payloads.join() !== expected.join()) this.complaints.push(`${this.topic}: not as sent`);
  }
}
