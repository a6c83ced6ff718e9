// Preloaded by a test into every thread of a Fairlead (node --import): puts a fault into its
// workers, as a mistake in the data plane would be one. A worker throws in the middle of its loop
// when a client sends a certain word.

import { isMainThread } from "node:worker_threads";

const WORD = Buffer.from("please-fail-here");

if (!isMainThread) {
  const { Relay } = await import("../../dist/relay/relay.js");
  const { onReceive } = Relay.prototype;
  Relay.prototype.onReceive = function onReceiveWithFault(slot, offset, result) {
    const bytes = Buffer.from(this.context.io.bytes.subarray(offset, offset + Math.max(0, result)));
    if (bytes.includes(WORD)) throw new Error("A fault that the test has put here");
    onReceive.call(this, slot, offset, result);
  };
}
