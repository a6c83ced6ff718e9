// The harness of the Io contract for reactors on the kernel: peers are node:net sockets of the same
// process, which move between the reactor's turns.

import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { formatEndpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import type { ArenaSizes } from "../../src/io/arena.ts";
import type { ArenaAddress, Io, IoHandler } from "../../src/io/io.ts";
import { EFD_CLOEXEC, EFD_NONBLOCK } from "../../src/linux/abi.ts";
import { close, eventfd } from "../../src/linux/libc.ts";
import { boundEndpoint, openListener } from "../../src/linux/socket.ts";
import {
  type HarnessOptions,
  type IoHarness,
  type MakeHarness,
  type Peer,
  type PeerListener,
  type PeerServer,
  RecordingHandler,
} from "./io-harness.ts";

/** What any reactor on the kernel is made of. */
export interface KernelIoOptions {
  readonly socketsMax: number;
  readonly listenersMax: number;
  readonly arena: ArenaSizes;
  readonly wakeFd: number;
  readonly clock: () => number;
}

export type OpenKernelIo = (handler: IoHandler, options: KernelIoOptions) => Io;

/** Turns after which something that has not happened never will. */
const TURNS_MAX = 4_000;
/** Turns that do not wait, before those that do. */
const QUICK_TURNS = 400;
const SETTLE_TURNS = 25;
const HOST = "127.0.0.1";

export function kernelHarness(openIo: OpenKernelIo): MakeHarness {
  return async (options) => new KernelHarness(openIo, options);
}

class NodePeer implements Peer {
  ended = false;
  failure: string | null = null;
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
    });
    socket.on("end", () => {
      this.ended = true;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.failure = error.code ?? error.message;
    });
  }

  get received(): Uint8Array {
    if (this.#chunks.length > 1) this.#chunks.splice(0, Infinity, Buffer.concat(this.#chunks));
    return this.#length === 0 ? new Uint8Array(0) : this.#chunks[0]!;
  }

  write(bytes: Uint8Array): void {
    this.socket.write(Buffer.from(bytes));
  }

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  finish(): void {
    this.socket.end();
  }

  close(): void {
    this.socket.destroy();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }
}

class KernelHarness implements IoHarness {
  readonly io: Io;
  readonly handler: RecordingHandler;
  readonly #wakeFd: number;
  readonly #socketsBefore: number;
  readonly #listenerFds: number[] = [];
  readonly #peers: NodePeer[] = [];
  readonly #servers: Server[] = [];
  readonly #workers: Worker[] = [];
  #skippedMs = 0;

  constructor(openIo: OpenKernelIo, options: HarnessOptions) {
    this.#socketsBefore = openSockets();
    this.#wakeFd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    this.handler = new RecordingHandler(options.socketsMax);
    this.io = openIo(this.handler, {
      socketsMax: options.socketsMax,
      listenersMax: 4,
      arena: {
        scratchSize: 128 * 1024,
        transportSize: 0,
        addressesMax: 16,
        slabBytes: options.slabBytes,
      },
      wakeFd: this.#wakeFd,
      clock: () => performance.now() + this.#skippedMs,
    });
    this.handler.io = this.io;
  }

  async listen(listener: number): Promise<PeerListener> {
    const fd = this.#openListener(256);
    this.io.listen(listener, fd);
    const port = portOf(fd);
    return {
      listener,
      connect: () => this.#connect(port),
      endpointOf: (peer) => {
        const { localAddress, localPort } = (peer as NodePeer).socket;
        return `${localAddress}:${localPort}`;
      },
    };
  }

  async serve(): Promise<PeerServer> {
    const peers: Peer[] = [];
    const result = { peers, greet: (_peer: Peer) => {} };
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const peer = this.#adopt(socket);
      peers.push(peer);
      result.greet(peer);
    });
    this.#servers.push(server);
    server.listen(0, HOST);
    await once(server, "listening");
    const address = this.#keep(HOST, (server.address() as AddressInfo).port);
    return Object.assign(result, { address });
  }

  async refusingAddress(): Promise<ArenaAddress> {
    const fd = this.#openListener(1);
    const port = portOf(fd);
    this.#listenerFds.splice(this.#listenerFds.indexOf(fd), 1);
    close(fd);
    return this.#keep(HOST, port);
  }

  unreachableAddress(): ArenaAddress {
    // TCP has no multicast: connect(2) answers ENETUNREACH by itself.
    return this.#keep("224.0.0.1", 1883);
  }

  // A backlog that is full: the kernel leaves further attempts unanswered.
  async silentAddress(): Promise<ArenaAddress> {
    const port = portOf(this.#openListener(0));
    for (let i = 0; i < 3; i++) this.#adopt(connect(port, HOST));
    for (let i = 0; i < 10; i++) await nextTurn();
    return this.#keep(HOST, port);
  }

  async run(until: () => boolean): Promise<void> {
    for (let i = 0; i < TURNS_MAX; i++) {
      if (until()) return;
      this.#turn(i < QUICK_TURNS ? 0 : 2);
      await nextTurn();
    }
    const last = JSON.stringify(this.handler.events.slice(-8));
    throw new Error(`Cannot reach what the test waits for; the last events were ${last}`);
  }

  async settle(): Promise<void> {
    for (let i = 0; i < SETTLE_TURNS; i++) {
      this.#turn(i % 10 === 9 ? 1 : 0);
      await nextTurn();
    }
  }

  async letPeersRun(): Promise<void> {
    for (let i = 0; i < SETTLE_TURNS; i++) await nextTurn();
  }

  skip(ms: number): void {
    this.#skippedMs += ms;
  }

  async ringLater(times: number): Promise<void> {
    const worker = new Worker(RINGER, { eval: true, workerData: { fd: this.#wakeFd, times } });
    this.#workers.push(worker);
    await once(worker, "online");
  }

  async end(): Promise<readonly string[]> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.handler.react = () => {};
    for (const slot of this.handler.inUse) this.io.close(slot);
    await this.run(() => this.handler.inUse.size === 0);
    for (let listener = 0; listener < 4; listener++) this.io.unlisten(listener);
    const left = this.io.pool.used === 0 ? [] : [`${this.io.pool.used} slabs are still in use`];
    this.io.destroy();
    for (const fd of [...this.#listenerFds, this.#wakeFd]) close(fd);
    for (const peer of this.#peers) peer.close();
    for (const server of this.#servers) server.close();
    for (let i = 0; i < 200 && openSockets() > this.#socketsBefore; i++) await nextTurn();
    const sockets = openSockets() - this.#socketsBefore;
    return sockets === 0 ? left : [...left, `${sockets} sockets or epolls are still open`];
  }

  async #connect(port: number): Promise<Peer> {
    const socket = connect({ port, host: HOST, allowHalfOpen: true });
    const peer = this.#adopt(socket);
    await once(socket, "connect");
    return peer;
  }

  #adopt(socket: Socket): NodePeer {
    const peer = new NodePeer(socket);
    this.#peers.push(peer);
    return peer;
  }

  #openListener(backlog: number): number {
    const fd = openListener(makeEndpoint(HOST, 0)!, { backlog, reusePort: false });
    if (fd < 0) throw new Error(`Cannot open a listener: errno ${-fd}`);
    this.#listenerFds.push(fd);
    return fd;
  }

  #keep(host: string, port: number): ArenaAddress {
    return this.io.keepAddress(makeEndpoint(host, port)!);
  }

  #turn(waitMs: number): void {
    this.handler.insideTurn = true;
    this.io.turn(waitMs);
    this.handler.insideTurn = false;
  }
}

// Threads share one table of descriptors, so a plain write reaches the eventfd.
const RINGER = `
  const { fd, times } = require("node:worker_threads").workerData;
  const one = new Uint8Array(new BigUint64Array([1n]).buffer);
  setTimeout(() => {
    for (let i = 0; i < times; i++) require("node:fs").writeSync(fd, one);
  }, 5);
`;

function portOf(fd: number): number {
  const endpoint = boundEndpoint(fd);
  if (typeof endpoint === "number") throw new Error(`Cannot read a port: errno ${-endpoint}`);
  return Number(formatEndpoint(endpoint, 0).split(":").at(-1));
}

/** Sockets and what reactors are made of; Node's own pipes and files come and go. */
function openSockets(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    return /^(socket:|anon_inode:\[(eventpoll|io_uring)\])/.test(linkOf(fd));
  }).length;
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The descriptor that read the directory is closed by now.
    return "";
  }
}
