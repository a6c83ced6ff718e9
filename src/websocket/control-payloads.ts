// Keeps the payloads of control frames that were split over receives, until they are whole.
//
// Bounded: one payload of 125 bytes a slot, and only while a frame of it is incomplete; the memory
// is used again. Frames that come whole, as nearly all do, never come here.

import { CONTROL_PAYLOAD_MAX } from "./frame-numbers.ts";

/** A payload and how much of it is there; of no more use to its holder after `release`. */
export interface ControlPayload {
  readonly bytes: Uint8Array;
  length: number;
}

export class ControlPayloads {
  readonly #bySlot = new Map<number, ControlPayload>();
  readonly #free: ControlPayload[] = [];

  /** True exactly when nothing of a control frame is kept for the slot. */
  isEmpty(slot: number): boolean {
    return this.#bySlot.size === 0 || !this.#bySlot.has(slot);
  }

  /** Adds bytes to what a slot has; the caller sees to it that they are no more than 125. */
  append(slot: number, bytes: Uint8Array, at: number, length: number): ControlPayload {
    const payload = this.#bySlot.get(slot) ?? this.#take(slot);
    for (let i = 0; i < length; i++) payload.bytes[payload.length + i] = bytes[at + i]!;
    payload.length += length;
    return payload;
  }

  /** Forgets what a slot has, if anything. */
  release(slot: number): void {
    const payload = this.#bySlot.get(slot);
    if (payload === undefined) return;
    this.#bySlot.delete(slot);
    this.#free.push(payload);
  }

  #take(slot: number): ControlPayload {
    const payload = this.#free.pop() ?? { bytes: new Uint8Array(CONTROL_PAYLOAD_MAX), length: 0 };
    payload.length = 0;
    this.#bySlot.set(slot, payload);
    return payload;
  }
}
