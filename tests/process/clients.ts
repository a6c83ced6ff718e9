// MQTT clients that we did not write: MQTT.js in the test's process, mosquitto_pub and
// mosquitto_sub in their own. For thousands of connections see raw-clients.ts.

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { IClientOptions, IConnackPacket, MqttClient } from "mqtt";
import { connect, connectAsync } from "mqtt";
import { endProcess, findProgram, spawnPeer } from "./peer-program.ts";
import { waitUntil } from "./wait-until.ts";

/** A message as a subscriber got it. */
export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

/** An MQTT.js client that does not reconnect by itself and keeps what it receives. */
export class JsClient {
  readonly client: MqttClient;
  readonly received: Received[] = [];

  private constructor(client: MqttClient) {
    this.client = client;
    client.on("message", (topic, payload, { qos, retain }) => {
      this.received.push({ topic, payload: payload.toString(), qos, retain });
    });
    client.on("error", () => {
      // A test that cuts its clients expects errors; `closed` events tell the rest.
    });
  }

  /** Connects and waits for CONNACK. @param options.protocolVersion default 4 (3.1.1) */
  static connect(port: number, options: IClientOptions = {}): Promise<JsClient> {
    return JsClient.connectTo(`mqtt://127.0.0.1:${port}`, options);
  }

  /** The same by an address: `wss://127.0.0.1:8084/mqtt`. */
  static async connectTo(url: string, options: IClientOptions = {}): Promise<JsClient> {
    const defaults: IClientOptions = { reconnectPeriod: 0, connectTimeout: 120_000 };
    return new JsClient(await connectAsync(url, { ...defaults, ...options }));
  }

  /** Waits for the next message on a topic, those that came already included. */
  waitFor(topic: string): Promise<Received> {
    return waitUntil(`a message on ${topic}`, () => {
      return this.received.find((message) => message.topic === topic);
    });
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}

/**
 * Connects with MQTT.js, and leaves. @returns the CONNACK that it gets, whatever it says
 * @param prepare what is done with the client before it has sent anything
 */
export async function connackOf(
  url: string,
  options: IClientOptions,
  prepare: (client: MqttClient) => void = () => {},
): Promise<IConnackPacket> {
  const client = connect(url, { reconnectPeriod: 0, ...options });
  prepare(client);
  client.on("error", () => {
    // It is told so of a refusal, which is what is wanted here.
  });
  let connack: IConnackPacket | null = null;
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "connack") connack = packet;
  });
  const found = await waitUntil("a CONNACK comes", () => connack);
  await client.endAsync(true);
  return found;
}

/** Versions as mosquitto's clients call them. */
export type MosquittoVersion = "mqttv31" | "mqttv311" | "mqttv5";

/** Runs mosquitto_pub to its end; rejects with what it said when it fails. */
export async function mosquittoPub(
  port: number,
  ...args: readonly string[]
): Promise<{ readonly output: string }> {
  const child = spawnPeer("mosquitto_pub", ["-h", "127.0.0.1", "-p", `${port}`, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines = keepLines(child);
  await once(child, "close");
  if (child.exitCode === 0) return { output: lines.join("\n") };
  throw new Error(`Cannot publish with mosquitto_pub: ${lines.join("; ")}`);
}

/** A running mosquitto_sub. */
export class MosquittoSub {
  readonly lines: string[];
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.lines = keepLines(child);
  }

  /** Starts it and waits until the broker has granted the subscription. */
  static async start(port: number, ...args: readonly string[]): Promise<MosquittoSub> {
    // With -d it says when it is subscribed; the format keeps messages apart from the rest. Its
    // output is a pipe here, which it would fill before it lets us see anything: hence stdbuf.
    const program = ["-oL", findProgram("mosquitto_sub"), "-h", "127.0.0.1", "-p", `${port}`];
    const own = ["-d", "-F", "message %q %r %t %p"];
    const child = spawnPeer("stdbuf", [...program, ...own, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const sub = new MosquittoSub(child);
    try {
      await waitUntil("mosquitto_sub is subscribed", () => sub.isSubscribed());
    } catch (error) {
      await sub.close();
      throw error;
    }
    return sub;
  }

  private isSubscribed(): boolean {
    if (this.lines.some((line) => line.startsWith("Subscribed"))) return true;
    if (this.child.exitCode === null) return false;
    throw new Error(`Cannot subscribe with mosquitto_sub: ${this.lines.join("; ")}`);
  }

  get received(): Received[] {
    return this.lines.flatMap((line) => {
      const [, qos, retain, topic, payload] = line.match(/^message (\d) (\d) (\S+) (.*)$/) ?? [];
      if (topic === undefined || payload === undefined) return [];
      return [{ topic, payload, qos: Number(qos), retain: retain === "1" }];
    });
  }

  waitFor(topic: string): Promise<Received> {
    return waitUntil(`a message on ${topic}`, () => {
      return this.received.find((message) => message.topic === topic);
    });
  }

  close(): Promise<void> {
    return endProcess(this.child);
  }
}

function keepLines(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", (line) => lines.push(line));
  }
  return lines;
}
