// Many TLS clients that publish with QoS 1, one message after the other, and keep account: who was
// answered how often, and who lost its connection.
//
// Raw packets on Node's TLS, all in the test's process: enough for a few thousand.

import tls from "node:tls";
import { generate } from "mqtt-packet";
import { waitUntil } from "./wait-until.ts";

const DIALS_MAX = 100;
const CONNACK = 0x20;
const PUBACK = 0x40;
const ANSWER_SIZE = 4;
/** Between an answer and the next message: what makes the load bearable for two cores. */
const PAUSE_MS = 1_000;

export class TlsLoad {
  /** Messages that were answered, by client. */
  readonly answered: number[] = [];
  /** Clients whose connection ended though they did not go, and why. */
  readonly lost: string[] = [];
  private readonly sockets: tls.TLSSocket[] = [];
  private isLeaving = false;

  /** Connects `count` clients, which publish from then on. */
  static async start(count: number, options: tls.ConnectionOptions): Promise<TlsLoad> {
    const load = new TlsLoad();
    let left = count;
    const dialOneAfterTheOther = async (): Promise<void> => {
      while (left-- > 0) await load.add(options);
    };
    await Promise.all(Array.from({ length: DIALS_MAX }, dialOneAfterTheOther));
    return load;
  }

  /** Waits until every client has been answered `more` times more. */
  async waitForAnswers(more: number): Promise<void> {
    const goals = this.answered.map((count) => count + more);
    await waitUntil("every client is answered", () => {
      return this.lost.length > 0 || goals.every((goal, i) => this.answered[i]! >= goal);
    });
  }

  /** Says DISCONNECT for all, and waits until all are closed. */
  async stop(): Promise<void> {
    this.isLeaving = true;
    for (const socket of this.sockets) socket.end(Uint8Array.of(0xe0, 0));
    await waitUntil("all have gone", () => this.sockets.every(({ closed }) => closed));
  }

  close(): void {
    this.isLeaving = true;
    for (const socket of this.sockets) socket.destroy();
  }

  private add(options: tls.ConnectionOptions): Promise<void> {
    const number = this.sockets.length;
    const socket = tls.connect(options);
    this.sockets.push(socket);
    this.answered.push(0);
    socket.once("secureConnect", () => socket.write(connectPacket(`load-${number}`)));
    socket.on("error", (error) => this.lose(number, error.message));
    socket.on("close", () => this.lose(number, "closed"));
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.on("data", (bytes) => {
        if (bytes[0] === CONNACK && bytes[3] === 0) resolve();
        else if (bytes[0] === PUBACK && bytes.length === ANSWER_SIZE) this.answered[number]! += 1;
        else this.lose(number, `answer ${bytes.toString("hex")}`);
        this.publishLater(socket, number);
      });
    });
  }

  private publishLater(socket: tls.TLSSocket, number: number): void {
    const message = this.answered[number]! % 0xffff;
    setTimeout(() => {
      if (!this.isLeaving && !socket.destroyed) socket.write(publishPacket(message + 1));
    }, PAUSE_MS);
  }

  private lose(number: number, why: string): void {
    if (!this.isLeaving) this.lost.push(`${number}: ${why}`);
  }
}

function connectPacket(clientId: string): Uint8Array {
  const protocol = { protocolId: "MQTT", protocolVersion: 4 } as const;
  return generate({ cmd: "connect", ...protocol, clientId, clean: true, keepalive: 0 });
}

function publishPacket(messageId: number): Uint8Array {
  const message = { topic: "load", payload: "x".repeat(64), qos: 1, dup: false, retain: false };
  return generate({ cmd: "publish", messageId, ...message } as Parameters<typeof generate>[0]);
}
