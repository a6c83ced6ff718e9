// Accepting on the simulated network: clients are announced late, and the kernel fails at times.
// A part of SimIo.

import type { AcceptHandler } from "../../src/io/accept-handler.ts";
import { errno } from "../../src/linux/abi.ts";
import { check } from "./sim-check.ts";
import type { SimListener, SimNetwork } from "./sim-network.ts";
import type { SimSocket } from "./sim-socket.ts";

/** As of other reactors, with a socket where they have a descriptor. */
export interface SimAcceptHandler extends Pick<AcceptHandler, "onAcceptFailed"> {
  onSocket(listener: number, socket: SimSocket): void;
  /** A turn has something to look at. */
  onStir(): void;
}

export class SimAcceptor {
  readonly #network: SimNetwork;
  readonly #handler: SimAcceptHandler;
  readonly #listeners: (SimListener | null)[];
  readonly #accepting: boolean[];

  constructor(network: SimNetwork, listenersMax: number, handler: SimAcceptHandler) {
    this.#network = network;
    this.#handler = handler;
    this.#listeners = Array(listenersMax).fill(null);
    this.#accepting = Array(listenersMax).fill(false);
  }

  listen(listener: number, fd: number): void {
    check(this.#listeners[listener] === null, "a listener is started once");
    const socket = this.#network.listenerOf(fd);
    this.#listeners[listener] = socket;
    socket.onPending = () => this.#handler.onStir();
    this.resume(listener);
  }

  unlisten(listener: number): void {
    this.pause(listener);
    const socket = this.#listeners[listener];
    if (socket) socket.onPending = () => {};
    this.#listeners[listener] = null;
  }

  pause(listener: number): void {
    this.#accepting[listener] = false;
  }

  resume(listener: number): void {
    check(this.#listeners[listener] !== null, "only a started listener accepts");
    this.#accepting[listener] = true;
    this.#handler.onStir();
  }

  /** @returns the listeners at which somebody waits who may be let in */
  ready(): number[] {
    return [...this.#listeners.keys()].filter((listener) => this.#isReady(listener));
  }

  /** Lets in who waits at a listener, or some of them. */
  accept(listener: number): void {
    const { dice, faults } = this.#network;
    while (this.#isReady(listener)) {
      this.#handler.onStir();
      if (dice.chance(faults.acceptFailures)) {
        this.#handler.onAcceptFailed(listener, -errno.EMFILE);
        return;
      }
      this.#handler.onSocket(listener, this.#listeners[listener]!.accept()!);
      if (dice.chance(faults.lateCompletions)) return;
    }
  }

  #isReady(listener: number): boolean {
    return this.#accepting[listener]! && this.#listeners[listener]!.pending > 0;
  }
}
