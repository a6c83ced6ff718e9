// What connections of a load test do once they are up: one interface, one file for each kind.

/** How a connection sends; the life of the connection is clients.ts's. */
export interface TrafficPort {
  readonly bytes: Uint8Array;
  readonly now: number;
  /**
   * Sends bytes of the arena on a connection that is up; a failure is counted and closes it.
   * @returns SEND_ON, SEND_WAIT (onUnblocked follows) or a negative errno
   */
  send(slot: number, offset: number, length: number): number;
  isUp(slot: number): boolean;
}

/** Told by clients.ts; slots are those of this thread's connections, from 0. */
export interface Traffic {
  /** CONNACK said yes. */
  onUp(slot: number): void;
  /** The connection is lost; what was under way on it will not be answered. */
  onGone(slot: number): void;
  /** A packet that is not about the connection itself: PUBACK, PUBREC, PUBCOMP, SUBACK. */
  onPacket(slot: number, first: number, id: number, code: number): void;
  /** After SEND_WAIT the kernel takes bytes again. */
  onUnblocked(slot: number): void;
  /** All connections have had their first attempt: begin. */
  go(): void;
  /** Does what has fallen due. */
  step(): void;
  /** When `step` has something to do next; Infinity: not before something comes. */
  readonly nextMs: number;
  /** True exactly when everything that was ordered has been done. */
  readonly isDone: boolean;
}

/** Connections that only stay. */
export class IdleTraffic implements Traffic {
  readonly nextMs = Number.POSITIVE_INFINITY;
  readonly isDone = false;
  onUp(): void {}
  onGone(): void {}
  onPacket(): void {}
  onUnblocked(): void {}
  go(): void {}
  step(): void {}
}
