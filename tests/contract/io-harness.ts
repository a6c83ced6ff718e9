// What the contract of Io is tested with: an implementation, a handler that records what it is
// told, and the other ends of its connections, real or simulated.

import { ENDPOINT_SIZE } from "../../src/bytes/endpoint.ts";
import type { ArenaAddress, Io, IoHandler } from "../../src/io/io.ts";

/** The far end of a connection, in the hands of the test. */
export interface Peer {
  /** Everything that came so far. */
  readonly received: Uint8Array;
  /** Our FIN came. */
  readonly ended: boolean;
  /** `ECONNRESET` and the like; null while all is well. */
  readonly failure: string | null;
  /** Hands bytes to the peer's kernel, as fast as that takes them. */
  write(bytes: Uint8Array): void;
  pauseReading(): void;
  resumeReading(): void;
  /** Ends its direction; goes on reading. */
  finish(): void;
  /** Closes both directions. */
  close(): void;
  reset(): void;
}

export interface PeerListener {
  /** Its number, for `Io.pauseAccepting` and the like. */
  readonly listener: number;
  /** A client that is connected, whether accepted by us yet or not. */
  connect(): Promise<Peer>;
  /** The endpoint that `readPeer` must tell for this client. */
  endpointOf(peer: Peer): string;
}

export interface PeerServer {
  readonly address: ArenaAddress;
  /** In the order of their arrival. */
  readonly peers: readonly Peer[];
  /** Called with each new one, at once. */
  greet: (peer: Peer) => void;
}

export interface HarnessOptions {
  readonly socketsMax: number;
  /** Bytes of the pool. */
  readonly slabBytes: number;
}

export interface IoHarness {
  readonly io: Io;
  readonly handler: RecordingHandler;
  /** Starts `Io.listen` on a new listening socket. */
  listen(listener: number): Promise<PeerListener>;
  serve(): Promise<PeerServer>;
  /** Where nobody listens. */
  refusingAddress(): Promise<ArenaAddress>;
  /** To where no way leads. */
  unreachableAddress(): ArenaAddress;
  /** Where a connection is neither accepted nor refused. */
  silentAddress(): Promise<ArenaAddress>;
  /** Turns the reactor until a condition holds; throws when it never does. */
  run(until: () => boolean): Promise<void>;
  /** Turns the reactor often enough for anything to happen that would. */
  settle(): Promise<void>;
  /** Lets the peers go on while the reactor does not. */
  letPeersRun(): Promise<void>;
  /** Moves the reactor's clock. */
  skip(ms: number): void;
  /** Rings the reactor a little later, from another thread where there are threads. */
  ringLater(times: number): Promise<void>;
  /** Closes everything. @returns what was left behind, one sentence each; empty when all is well */
  end(): Promise<readonly string[]>;
}

export type MakeHarness = (options: HarnessOptions) => Promise<IoHarness>;

export type IoEventKind =
  | "accept"
  | "accepted"
  | "accept-failed"
  | "connect"
  | "receive"
  | "sent"
  | "deadline"
  | "closed"
  | "wake";

export interface IoEvent {
  readonly kind: IoEventKind;
  /** The slot, or the listener for "accept" and "accept-failed"; -1 for "wake". */
  readonly slot: number;
  readonly result: number;
}

/** Writes down what the reactor tells, and complains when it tells at the wrong time. */
export class RecordingHandler implements IoHandler {
  readonly events: IoEvent[] = [];
  /** Callbacks that came from inside a request or another callback. */
  readonly intrusions: string[] = [];
  /** Slots in use. */
  readonly inUse = new Set<number>();
  /** What the test does inside a callback. */
  react: (event: IoEvent) => void = () => {};
  /** Who the latest client was, as the reactor said before it had a slot. */
  readonly arrival = new Uint8Array(ENDPOINT_SIZE);
  /** Have clients closed unheard. */
  refusing = false;
  /** Start receiving on whatever is accepted or connected. */
  receiving = true;
  /** True exactly when the harness has called `turn`. */
  insideTurn = false;
  /** Where the bytes lie that onReceive is about, while it runs. */
  receivedOffset = 0;
  io!: Io;
  readonly #free: number[];
  readonly #received: Buffer[][] = [];
  #inside: IoEventKind | null = null;

  constructor(socketsMax: number) {
    this.#free = Array.from({ length: socketsMax }, (_, i) => socketsMax - 1 - i);
  }

  /** A free slot, in use from now on. */
  take(): number {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error("Cannot take a slot: all are in use");
    this.use(slot);
    return slot;
  }

  /** Takes a slot that has just been closed. */
  use(slot: number): void {
    const at = this.#free.indexOf(slot);
    if (at !== -1) this.#free.splice(at, 1);
    this.#received[slot] = [];
    this.inUse.add(slot);
  }

  /** What came on a slot since it was opened. */
  received(slot: number): Buffer {
    return Buffer.concat(this.#received[slot] ?? []);
  }

  count(kind: IoEventKind, slot?: number): number {
    return this.all(kind, slot).length;
  }

  all(kind: IoEventKind, slot?: number): IoEvent[] {
    return this.events.filter((each) => {
      return each.kind === kind && (slot === undefined || each.slot === slot);
    });
  }

  onAccept(listener: number): number {
    this.#record("accept", listener, 0);
    this.io.readArrival(this.arrival, 0);
    return this.refusing ? -1 : this.take();
  }

  onAccepted(slot: number, listener: number): void {
    if (this.receiving) this.io.startReceiving(slot);
    this.#record("accepted", slot, listener);
  }

  onAcceptFailed(listener: number, result: number): void {
    this.#record("accept-failed", listener, result);
  }

  onConnect(slot: number, result: number): void {
    if (this.receiving && result === 0) this.io.startReceiving(slot);
    this.#record("connect", slot, result);
  }

  onReceive(slot: number, offset: number, result: number): void {
    this.receivedOffset = offset;
    if (result > 0) {
      const bytes = this.io.bytes.subarray(offset, offset + result);
      this.#received[slot]!.push(Buffer.from(bytes));
    }
    this.#record("receive", slot, result);
  }

  onSent(slot: number, result: number): void {
    this.#record("sent", slot, result);
  }

  onDeadline(slot: number): void {
    this.#record("deadline", slot, 0);
  }

  onClosed(slot: number): void {
    this.inUse.delete(slot);
    this.#free.push(slot);
    this.#record("closed", slot, 0);
  }

  onWake(): void {
    this.#record("wake", -1, 0);
  }

  #record(kind: IoEventKind, slot: number, result: number): void {
    if (this.#inside !== null) this.intrusions.push(`${kind} came inside ${this.#inside}`);
    if (!this.insideTurn) this.intrusions.push(`${kind} came outside of any turn`);
    const event = { kind, slot, result };
    this.events.push(event);
    this.#inside = kind;
    this.react(event);
    this.#inside = null;
  }
}
