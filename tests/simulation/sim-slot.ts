// What the simulated reactor knows of one slot.

import type { SimSocket } from "./sim-socket.ts";

export class SimSlot {
  readonly index: number;
  /** The slot belongs to the caller. */
  inUse = false;
  /** connect was asked for and onConnect has not come. */
  connecting = false;
  /** What onConnect will say; null while the network has not answered. */
  connectResult: number | null = null;
  receiving = false;
  /** An end or an error was told: nothing more is received. */
  ended = false;
  /** SEND_WAIT was answered and onSent has not come. */
  sendOwed = false;
  finishOwed = false;
  /** An errno that onSent has yet to tell; 0 for none. */
  sendFailure = 0;
  closing = false;
  /** When the caller wants onDeadline, and when it will come; Infinity for never. */
  deadlineMs = Infinity;
  dueMs = Infinity;
  socket: SimSocket | null = null;

  constructor(index: number) {
    this.index = index;
  }

  open(socket: SimSocket | null): void {
    this.inUse = true;
    this.socket = socket;
  }

  /** Back to what a slot is before its first use. */
  clear(): void {
    this.inUse = false;
    this.connecting = false;
    this.connectResult = null;
    this.receiving = false;
    this.ended = false;
    this.sendOwed = false;
    this.finishOwed = false;
    this.sendFailure = 0;
    this.closing = false;
    this.deadlineMs = Infinity;
    this.dueMs = Infinity;
    this.socket = null;
  }
}
