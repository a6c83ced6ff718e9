// What a slot of the simulated reactor could be told next.

import type { SimSlot } from "./sim-slot.ts";

export function isConnected(slot: SimSlot): boolean {
  return slot.connecting && !slot.closing && slot.connectResult !== null;
}

export function isReceivable(slot: SimSlot): boolean {
  if (!slot.receiving || slot.ended || slot.closing) return false;
  return slot.socket?.readable === true;
}

export function isSendable(slot: SimSlot): boolean {
  if (slot.closing) return false;
  if (slot.sendFailure !== 0) return true;
  return slot.sendOwed && slot.socket?.writable === true;
}
