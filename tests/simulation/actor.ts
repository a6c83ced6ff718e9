// Someone at the far end of a simulated connection, who does one step of a script after the other
// and remembers every byte in both directions.

import type { SimNetwork } from "./sim-network.ts";
import { type SimSocket, WOULD_BLOCK } from "./sim-socket.ts";

export type Step =
  /** In one piece, or in pieces with pauses of up to `pauseMaxMs`. */
  | { readonly do: "write"; readonly bytes: Uint8Array; readonly pauseMaxMs?: number }
  | { readonly do: "wait"; readonly ms: number }
  /** Waits until so many bytes have come, or an end. */
  | { readonly do: "expect"; readonly count: number }
  | { readonly do: "stop-reading" }
  | { readonly do: "read-on" }
  | { readonly do: "await-end" }
  /** Ends its direction. */
  | { readonly do: "finish" }
  | { readonly do: "close" }
  | { readonly do: "reset" };

export interface Script {
  /** It says nothing but good MQTT, within the limits. */
  readonly honest: boolean;
  readonly steps: readonly Step[];
}

const READ_SIZE = 8 * 1024;
const scratch = new Uint8Array(READ_SIZE);

/** Bytes in the order they came. */
class ByteLog {
  readonly #chunks: Buffer[] = [];
  length = 0;

  add(bytes: Uint8Array): void {
    this.#chunks.push(Buffer.from(bytes));
    this.length += bytes.length;
  }

  get bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks.splice(0, Infinity, Buffer.concat(this.#chunks));
    return this.#chunks[0] ?? Buffer.alloc(0);
  }
}

export class Actor {
  readonly name: string;
  readonly honest: boolean;
  readonly socket: SimSocket;
  /** Everything its kernel took. */
  readonly sent = new ByteLog();
  readonly received = new ByteLog();
  /** Our FIN came, behind the last byte. */
  sawEnd = false;
  /** Its connection broke, or was never there. */
  broken = false;
  /** It ended its direction in order, by finish or close. */
  finished = false;
  readonly #network: SimNetwork;
  readonly #steps: readonly Step[];
  #next = 0;
  /** Bytes of the current write that its kernel has not taken. */
  #unsent: Uint8Array | null = null;
  #pauseMaxMs = 0;
  /** True exactly when a pause is under way, after which the script goes on. */
  #pausing = false;
  #reading = true;

  constructor(network: SimNetwork, name: string, socket: SimSocket, script: Script) {
    this.#network = network;
    this.name = name;
    this.socket = socket;
    this.honest = script.honest;
    this.#steps = script.steps;
    socket.watcher = {
      onConnected: (result) => this.#onConnected(result),
      onReadable: () => this.#onReadable(),
      onWritable: () => this.#go(),
    };
    if (socket.connected) network.after(0, () => this.#onReadable());
  }

  /** Nothing will come of it any more, whatever its script says. */
  get isOver(): boolean {
    return this.broken || this.socket.closed;
  }

  #onConnected(result: number): void {
    if (result < 0) this.#break();
    else this.#go();
  }

  #onReadable(): void {
    while (this.#reading && !this.sawEnd && !this.isOver) {
      const result = this.socket.receive(scratch, 0, READ_SIZE);
      if (result === WOULD_BLOCK) break;
      if (result > 0) this.received.add(scratch.subarray(0, result));
      else if (result === 0) this.sawEnd = true;
      else this.#break();
    }
    this.#go();
  }

  // Runs steps until one of them has to wait.
  #go(): void {
    while (!this.#pausing && !this.isOver && this.socket.connected) {
      if (this.#unsent !== null && !this.#flush()) return;
      const step = this.#steps[this.#next];
      if (step === undefined || !this.#isReadyFor(step)) return;
      this.#next++;
      this.#network.trace?.(`  ${this.name}: ${step.do}${detailOf(step)}`);
      this.#take(step);
    }
  }

  #isReadyFor(step: Step): boolean {
    if (step.do === "await-end") return this.sawEnd;
    if (step.do === "expect") return this.sawEnd || this.received.length >= step.count;
    return true;
  }

  #take(step: Step): void {
    switch (step.do) {
      case "write":
        this.#unsent = step.bytes;
        this.#pauseMaxMs = step.pauseMaxMs ?? 0;
        return;
      case "wait":
        this.#pause(step.ms);
        return;
      case "stop-reading":
        this.#reading = false;
        return;
      case "read-on":
        this.#reading = true;
        this.#network.after(0, () => this.#onReadable());
        return;
      case "finish":
        this.finished = true;
        this.socket.shutdown();
        return;
      case "close":
        // With bytes unread it would be a reset.
        this.finished = !this.socket.holdsUnread;
        this.socket.close();
        return;
      case "reset":
        this.socket.reset();
        return;
      case "expect":
      case "await-end":
        return;
    }
  }

  // @returns whether the step may be left
  #flush(): boolean {
    const { dice } = this.#network;
    for (let left = this.#unsent!; left.length > 0; left = this.#unsent!) {
      const length = this.#pauseMaxMs > 0 ? 1 + dice.below(left.length) : left.length;
      const result = this.socket.send(left, 0, length);
      if (result === WOULD_BLOCK) return false;
      if (result < 0) {
        this.#break();
        return false;
      }
      this.sent.add(left.subarray(0, result));
      this.#unsent = left.subarray(result);
      if (this.#pauseMaxMs > 0 && this.#unsent.length > 0) {
        this.#pause(dice.below(this.#pauseMaxMs + 1));
        return false;
      }
    }
    this.#unsent = null;
    return true;
  }

  #pause(ms: number): void {
    this.#pausing = true;
    this.#network.after(ms, () => {
      this.#pausing = false;
      this.#go();
    });
  }

  #break(): void {
    this.broken = true;
    this.#network.trace?.(`  ${this.name}: its connection is broken`);
  }
}

function detailOf(step: Step): string {
  if (step.do === "write") return ` ${step.bytes.length} bytes`;
  if (step.do === "wait") return ` ${step.ms} ms`;
  return step.do === "expect" ? ` ${step.count} bytes` : "";
}
