// MQTT clients with next to nothing in them, so that a test can hold thousands of them.
//
// Each says CONNECT, wants CONNACK 0 and then stays; no timers, no queues, keep alive off. Packets
// are made by mqtt-packet, so that our own codec is not tested against itself.

import { createConnection, type Socket } from "node:net";
import { generate } from "mqtt-packet";

/** Connects under way at a time: enough to be quick, few enough for any backlog. */
const DIALS_MAX = 128;
const CONNACK_SIZE_MIN = 4;

export interface RawClientOptions {
  readonly port: number;
  readonly clientId: string;
  /** 3: MQTT 3.1, 4: 3.1.1, 5: 5.0. Default 4. */
  readonly level?: 3 | 4 | 5;
}

export class RawClient {
  readonly clientId: string;
  readonly socket: Socket;
  /** Bytes received after CONNACK. */
  receivedSize = 0;
  /** Resolves when the connection is closed, whoever closed it. */
  readonly closed: Promise<void>;

  private constructor(clientId: string, socket: Socket, closed: Promise<void>) {
    this.clientId = clientId;
    this.socket = socket;
    this.closed = closed;
    socket.on("data", (bytes) => {
      this.receivedSize += bytes.length;
    });
  }

  /** Connects and waits for CONNACK 0; rejects with what came instead. */
  static connect({ port, clientId, level = 4 }: RawClientOptions): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
      const closed = new Promise<void>((done) => socket.on("close", () => done()));
      const fail = (why: string): void => {
        reject(new Error(`Cannot connect "${clientId}": ${why}`));
        socket.destroy();
      };
      let answer = Buffer.alloc(0);
      const onData = (bytes: Buffer): void => {
        answer = Buffer.concat([answer, bytes]);
        if (answer.length < CONNACK_SIZE_MIN) return;
        if (answer[0] !== 0x20 || answer[3] !== 0) {
          fail(`answer ${answer.subarray(0, 8).toString("hex")}`);
          return;
        }
        socket.off("data", onData);
        resolve(new RawClient(clientId, socket, closed));
      };
      socket.on("data", onData);
      socket.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      socket.on("end", () => fail("closed before CONNACK"));
      socket.write(connectPacket(clientId, level));
    });
  }

  /** Says DISCONNECT and closes. */
  async disconnect(): Promise<void> {
    if (!this.socket.destroyed) this.socket.end(Uint8Array.of(0xe0, 0));
    await this.closed;
  }

  close(): void {
    this.socket.destroy();
  }
}

export class RawClientPool {
  readonly clients: RawClient[] = [];
  private readonly port: number;
  private readonly name: string;
  private nextNumber = 0;

  /** @param name what client ids begin with */
  constructor(port: number, name: string) {
    this.port = port;
    this.name = name;
  }

  /** Clients whose connection is open now. */
  get openCount(): number {
    return this.clients.filter(({ socket }) => !socket.destroyed && socket.readable).length;
  }

  /** Connects `count` more; rejects when one of them is refused. */
  async open(count: number, level: 3 | 4 | 5 = 4): Promise<void> {
    let left = count;
    const dialOneAfterTheOther = async (): Promise<void> => {
      while (left-- > 0) {
        const clientId = `${this.name}-${this.nextNumber++}`;
        this.clients.push(await RawClient.connect({ port: this.port, clientId, level }));
      }
    };
    await Promise.all(Array.from({ length: Math.min(DIALS_MAX, count) }, dialOneAfterTheOther));
  }

  /** Says DISCONNECT for all, and waits until all are closed. */
  async disconnectAll(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.disconnect()));
  }

  close(): void {
    for (const client of this.clients.splice(0)) client.close();
  }
}

export function connectPacket(clientId: string, level: 3 | 4 | 5): Uint8Array {
  const protocolId = level === 3 ? "MQIsdp" : "MQTT";
  return generate({
    cmd: "connect",
    protocolId,
    protocolVersion: level,
    clientId,
    clean: true,
    keepalive: 0,
  });
}
