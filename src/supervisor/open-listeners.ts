// The listeners that are open, by number, through reloads: those that stay keep their sockets, and
// those that go keep them until no worker accepts from them any more.
//
// Bounded by the settings. Opens all that a reload wants or none.

import { isDeepStrictEqual } from "node:util";
import type { Endpoint } from "../bytes/endpoint.ts";
import {
  closeListenerSockets,
  keepAliveBy,
  type ListenerAddress,
  type OpenListener,
  openListenerSockets,
  renewListenerSockets,
  stopListening,
} from "./listener-sockets.ts";
import type { Roster } from "./roster.ts";

export class OpenListeners {
  private readonly workerCount: number;
  private open: ReadonlyMap<number, OpenListener> = new Map();
  /** Closed to new plans, and not yet by every worker. */
  private readonly leaving = new Set<OpenListener>();

  constructor(workerCount: number) {
    this.workerCount = workerCount;
  }

  /** By listener number: where it really is. */
  endpointOf(listener: number): Endpoint | null {
    return this.open.get(listener)?.endpoint ?? null;
  }

  /** A worker's sockets, by listener number; none where there is no listener. */
  fdsOf(worker: number): (number | undefined)[] {
    const fds: (number | undefined)[] = [];
    for (const [number, listener] of this.open) fds[number] = listener.fds[worker];
    return fds;
  }

  /**
   * Opens the listeners of a roster that are not open yet. Nothing else changes until `use`.
   * @returns what `use` takes, or `close`
   * @throws BindError when one cannot be bound; none is open then
   */
  openMissing({ listeners, settings }: Roster): ReadonlyMap<number, OpenListener> {
    const missing = listeners.filter((number) => !this.open.has(number));
    const addresses: ListenerAddress[] = missing.map((number) => settings.listeners[number]!);
    const beside = [...this.open.values(), ...this.leaving];
    const { workerCount } = this;
    const opened = openListenerSockets(addresses, { workerCount, beside });
    return new Map(opened.map((listener, i) => [missing[i]!, listener]));
  }

  /**
   * Takes what was opened for a roster and lets go of what it has not.
   * @returns to be called when every worker has closed those
   */
  use({ listeners, settings }: Roster, opened: ReadonlyMap<number, OpenListener>): () => void {
    const all = new Map([...this.open, ...opened]);
    const gone = [...all].filter(([number]) => !listeners.includes(number));
    for (const [number, listener] of gone) {
      all.delete(number);
      this.leaving.add(listener);
    }
    for (const [number, listener] of all) {
      const { tcpKeepAlive } = settings.listeners[number]!;
      if (isDeepStrictEqual(tcpKeepAlive, listener.tcpKeepAlive)) continue;
      all.set(number, keepAliveBy(listener, tcpKeepAlive));
    }
    this.open = all;
    return () => {
      for (const [, listener] of gone) {
        if (this.leaving.delete(listener)) closeListenerSockets([listener]);
      }
    };
  }

  /** Gives a worker new sockets; see renewListenerSockets. */
  renew(worker: number): void {
    const numbers = [...this.open.keys()];
    const renewed = renewListenerSockets([...this.open.values()], worker);
    this.open = new Map(renewed.map((listener, i) => [numbers[i]!, listener]));
  }

  /** Clients are refused from now on; see stopListening. */
  stop(): void {
    stopListening([...this.open.values(), ...this.leaving]);
  }

  /** Only once no worker runs any more. */
  close(): void {
    closeListenerSockets([...this.open.values(), ...this.leaving]);
    this.open = new Map();
    this.leaving.clear();
  }
}
