// Clients and servers that misbehave in one way each, and are named by it.
//
// A rude peer does its one thing and watches how it ends: what it received, and whether the other
// side said goodbye (FIN) or cut it (RST). Loopback only; close each one when the test ends.

import { once } from "node:events";
import {
  type AddressInfo,
  createConnection,
  createServer,
  type Server,
  type Socket,
} from "node:net";
import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { generate } from "mqtt-packet";
import { waitUntil } from "./wait-until.ts";

/** How the other side ended it: in good order, with a reset, or with another error. */
export type Ending = "FIN" | "ECONNRESET" | (string & {});

/** A well-formed CONNECT of MQTT 3.1.1, to be sent rudely. */
export function politeConnect(clientId = "rude-peer"): Uint8Array {
  return generate({
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clientId,
    clean: true,
  });
}

/** CONNACK 0 of MQTT 3.1.1, to be sent rudely. */
export const POLITE_CONNACK = Uint8Array.of(0x20, 2, 0, 0);

// ── clients ──────────────────────────────────────────────────────────────────────────────────────

export class RudeClient {
  readonly socket: Socket;
  /** What the other side sent, so far. */
  received = Buffer.alloc(0);
  /** Resolves when the other side has ended the connection. */
  readonly ended: Promise<Ending>;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
    });
    this.ended = new Promise((resolve) => {
      socket.on("end", () => resolve("FIN"));
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Sends a whole packet, one byte in each TCP segment. */
export async function sendsByteByByte(
  port: number,
  packet: Uint8Array = politeConnect(),
  pauseMs = 1,
): Promise<RudeClient> {
  const client = await connected(port);
  for (const byte of packet) {
    client.socket.write(Uint8Array.of(byte));
    await sleep(pauseMs);
  }
  return client;
}

/** Sends the first half of a packet and nothing more, ever. */
export async function sendsHalfThenSilence(
  port: number,
  packet: Uint8Array = politeConnect(),
): Promise<RudeClient> {
  return await sends(port, packet.subarray(0, packet.length >> 1));
}

/** Connects and says nothing, ever. */
export function saysNothing(port: number): Promise<RudeClient> {
  return connected(port);
}

/** Speaks HTTP on the MQTT port. */
export function sendsHttp(port: number): Promise<RudeClient> {
  const lines = [
    "GET / HTTP/1.1",
    "Host: broker.example",
    "User-Agent: Mozilla/5.0",
    "Accept: */*",
  ];
  return sends(port, Buffer.from([...lines, "Connection: close", "", ""].join("\r\n")));
}

/** Sends a real TLS ClientHello on the MQTT port. */
export async function sendsTlsClientHello(port: number): Promise<RudeClient> {
  return await sends(port, await clientHello());
}

/** Sends whatever it is given and waits for what comes of it. */
export async function sends(port: number, bytes: Uint8Array): Promise<RudeClient> {
  const client = await connected(port);
  client.socket.write(bytes);
  return client;
}

/** Sends bytes and reads nothing of what comes back, ever: its receive buffer fills up. */
export async function neverReads(port: number, bytes: Uint8Array): Promise<RudeClient> {
  const client = await connected(port);
  client.socket.pause();
  client.socket.write(bytes);
  return client;
}

/** Sends bytes, waits until the other side has read them, and resets the connection. */
export async function sendsThenResets(
  port: number,
  bytes: Uint8Array,
  areRead: () => boolean,
): Promise<RudeClient> {
  const client = await connected(port);
  client.socket.write(bytes);
  // Node takes a reset for a FIN when bytes and reset are there together.
  await waitUntil("the bytes are read", areRead);
  resetAtOnce(client.socket);
  return client;
}

// What Node's own TLS says first, caught before it reaches any wire.
function clientHello(): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Uint8Array, _encoding, done) {
        resolve(chunk);
        done();
      },
    });
    connectTls({ socket: wire });
  });
}

// Node's resetAndDestroy sends FIN first; this is RST alone, as a crashed or evicted peer sends it.
function resetAtOnce(socket: Socket): void {
  const { _handle: handle } = socket as unknown as { _handle: { reset(done: () => void): number } };
  handle.reset(() => socket.destroy());
}

async function connected(port: number): Promise<RudeClient> {
  const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  return new RudeClient(socket);
}

// ── servers ──────────────────────────────────────────────────────────────────────────────────────

/** What a rude server does with each connection. */
export type Rudeness = (socket: Socket) => void;

/** Accepts and closes at once, in good order. */
export const acceptsThenCloses: Rudeness = (socket) => socket.resume().end();

/** Accepts, reads something, and resets. */
export const readsThenResets: Rudeness = (socket) => {
  socket.once("data", () => resetAtOnce(socket));
};

/** Accepts, reads everything, never says a word, not even goodbye. */
export const neverAnswers: Rudeness = (socket) => socket.resume();

/** Accepts and never reads a byte: what is sent to it piles up. */
export const neverReadsAnything: Rudeness = (socket) => socket.pause();

/** Answers a CONNECT as a web server would. */
export const answersRubbish: Rudeness = (socket) => {
  socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  socket.on("end", () => socket.end());
};

/** Greets before it was asked anything, as SMTP servers do. */
export const speaksFirst: Rudeness = (socket) => {
  socket.resume().write("220 broker.example ESMTP\r\n");
  socket.on("end", () => socket.end());
};

/** Answers each chunk that arrives with the next of `answers`, then with silence. */
export function answersWith(...answers: readonly Uint8Array[]): Rudeness {
  return (socket) => {
    const rest = [...answers];
    socket.on("data", () => socket.write(rest.shift() ?? new Uint8Array(0)));
    socket.on("end", () => socket.end());
  };
}

export class RudeServer {
  readonly port: number;
  /** How clients ended their connections, in order. */
  readonly endings: Ending[] = [];
  connectionCount = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(server: Server, rudeness: Rudeness) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket: Socket) => {
      this.connectionCount++;
      this.sockets.add(socket);
      socket.on("end", () => this.endings.push("FIN"));
      socket.on("error", (error: NodeJS.ErrnoException) => this.endings.push(error.code ?? ""));
      socket.on("close", () => this.sockets.delete(socket));
      rudeness(socket);
    });
  }

  /** @param port default: one that is free */
  static async start(rudeness: Rudeness, port = 0): Promise<RudeServer> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new RudeServer(server, rudeness);
  }

  /** Bytes that it has read of the connections that are open. */
  get readSize(): number {
    return [...this.sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  }

  /** Cuts every connection and stops listening: from now on it refuses. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    for (const socket of this.sockets) socket.destroy();
    await once(this.server.close(), "close");
  }
}
