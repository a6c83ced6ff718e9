// The harness of the Io contract for the simulated reactor: peers are simulated sockets.

import { formatEndpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import type { ArenaAddress } from "../../src/io/io.ts";
import { Dice, type Faults } from "../simulation/faults.ts";
import { SimIo } from "../simulation/sim-io.ts";
import { SimNetwork } from "../simulation/sim-network.ts";
import { type SimSocket, WOULD_BLOCK } from "../simulation/sim-socket.ts";
import {
  type HarnessOptions,
  type IoHarness,
  type MakeHarness,
  type Peer,
  type PeerListener,
  type PeerServer,
  RecordingHandler,
} from "./io-harness.ts";

const TURNS_MAX = 200_000;
const SETTLE_TURNS = 200;
const PEERS_RUN_MS = 50;
const ECONNRESET = 104;
/** Loopback with a port of its own for every server. */
const HOST = "10.1.0.1";

/** @param seed the dice of every test of the suite */
export function simHarness(seed: number, faults: Faults): MakeHarness {
  return async (options) => new SimHarness(new SimNetwork(new Dice(seed), faults), options);
}

class SimPeer implements Peer {
  ended = false;
  failure: string | null = null;
  readonly socket: SimSocket;
  readonly #received: Buffer[] = [];
  readonly #unsent: Uint8Array[] = [];
  #reading = true;
  #finishing = false;

  constructor(socket: SimSocket) {
    this.socket = socket;
    socket.watcher = { onReadable: () => this.#read(), onWritable: () => this.#flush() };
  }

  get received(): Uint8Array {
    if (this.#received.length > 1) {
      this.#received.splice(0, Infinity, Buffer.concat(this.#received));
    }
    return this.#received[0] ?? new Uint8Array(0);
  }

  write(bytes: Uint8Array): void {
    this.#unsent.push(Uint8Array.from(bytes));
    this.#flush();
  }

  pauseReading(): void {
    this.#reading = false;
  }

  resumeReading(): void {
    this.#reading = true;
    this.#read();
  }

  finish(): void {
    this.#finishing = true;
    this.#flush();
  }

  close(): void {
    this.socket.close();
  }

  reset(): void {
    this.socket.reset();
  }

  #read(): void {
    const chunk = new Uint8Array(4096);
    while (this.#reading && !this.ended && this.failure === null) {
      const result = this.socket.receive(chunk, 0, chunk.length);
      if (result === WOULD_BLOCK) return;
      if (result > 0) this.#received.push(Buffer.from(chunk.subarray(0, result)));
      else this.#end(result);
    }
  }

  #end(result: number): void {
    if (result === 0) this.ended = true;
    else this.failure = result === -ECONNRESET ? "ECONNRESET" : `errno ${-result}`;
  }

  #flush(): void {
    for (let next = this.#unsent[0]; next !== undefined; next = this.#unsent[0]) {
      const result = this.socket.send(next, 0, next.length);
      if (result === WOULD_BLOCK) return;
      if (result < 0) {
        this.#end(result);
        return;
      }
      if (result < next.length) this.#unsent[0] = next.subarray(result);
      else this.#unsent.shift();
    }
    if (this.#finishing) this.socket.shutdown();
  }
}

class SimHarness implements IoHarness {
  readonly io: SimIo;
  readonly handler: RecordingHandler;
  readonly #network: SimNetwork;
  #portCount = 1000;

  constructor(network: SimNetwork, options: HarnessOptions) {
    this.#network = network;
    this.handler = new RecordingHandler(options.socketsMax);
    this.io = new SimIo(network, this.handler, {
      socketsMax: options.socketsMax,
      listenersMax: 4,
      arena: {
        scratchSize: 128 * 1024,
        transportSize: 0,
        addressesMax: 16,
        slabBytes: options.slabBytes,
      },
    });
    this.handler.io = this.io;
  }

  async listen(listener: number): Promise<PeerListener> {
    const endpoint = this.#newEndpoint();
    this.io.listen(listener, this.#network.listen(endpoint));
    return {
      listener,
      connect: async () => {
        let result: number | null = null;
        const socket = this.#network.connect(endpoint, {
          onConnected: (each) => {
            result = each;
          },
        });
        this.#network.run(this.#network.now + PEERS_RUN_MS, () => result !== null);
        if (result !== 0) throw new Error(`Cannot connect to a listener: ${result}`);
        return new SimPeer(socket);
      },
      endpointOf: (peer) => formatEndpoint((peer as SimPeer).socket.local, 0),
    };
  }

  async serve(): Promise<PeerServer> {
    const endpoint = this.#newEndpoint();
    const listener = this.#network.listenerOf(this.#network.listen(endpoint));
    const peers: Peer[] = [];
    const server = {
      peers,
      greet: (_peer: Peer) => {},
      address: this.io.keepAddress(endpoint),
    };
    listener.onPending = () => {
      const peer = new SimPeer(listener.accept()!);
      peers.push(peer);
      server.greet(peer);
    };
    return server;
  }

  async refusingAddress(): Promise<ArenaAddress> {
    return this.io.keepAddress(this.#newEndpoint());
  }

  unreachableAddress(): ArenaAddress {
    const endpoint = this.#newEndpoint();
    this.#network.unreachable.add(formatEndpoint(endpoint, 0));
    return this.io.keepAddress(endpoint);
  }

  async silentAddress(): Promise<ArenaAddress> {
    const endpoint = this.#newEndpoint();
    this.#network.silent.add(formatEndpoint(endpoint, 0));
    return this.io.keepAddress(endpoint);
  }

  async run(until: () => boolean): Promise<void> {
    for (let i = 0; i < TURNS_MAX; i++) {
      if (until()) return;
      this.#turn(i % 2);
    }
    const last = JSON.stringify(this.handler.events.slice(-8));
    throw new Error(`Cannot reach what the test waits for; the last events were ${last}`);
  }

  async settle(): Promise<void> {
    // Time stands still but for what is under way: deadlines of a test come when it skips.
    for (let i = 0; i < SETTLE_TURNS; i++) this.#turn(0);
    for (let i = 0; i < 20; i++) this.#turn(1);
  }

  async letPeersRun(): Promise<void> {
    this.skip(PEERS_RUN_MS);
  }

  skip(ms: number): void {
    this.#network.run(this.#network.now + ms, () => false);
  }

  async ringLater(times: number): Promise<void> {
    for (let i = 0; i < times; i++) this.#network.after(1, () => this.io.ring());
  }

  async end(): Promise<readonly string[]> {
    this.handler.react = () => {};
    for (const slot of this.handler.inUse) this.io.close(slot);
    await this.run(() => this.handler.inUse.size === 0);
    return this.io.leftovers();
  }

  #turn(waitMs: number): void {
    this.handler.insideTurn = true;
    this.io.turn(waitMs);
    this.handler.insideTurn = false;
  }

  #newEndpoint(): Uint8Array {
    return makeEndpoint(HOST, this.#portCount++)!;
  }
}
