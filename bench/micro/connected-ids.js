// What knowing takeovers costs per connection: npm run build && node bench/micro/connected-ids.js

import { ConnectedIds, createConnectedIds } from "../../dist/shm/connected-ids.js";
import { measure } from "./measure.js";

const CALLS = 50_000;
const IDS = 10_000;

/** @param {string} name @param {string} prefix */
function visits(name, prefix) {
  const ids = new ConnectedIds(createConnectedIds(IDS, 7));
  const encoder = new TextEncoder();
  const names = Array.from({ length: IDS }, (_, i) => encoder.encode(`${prefix}${i}`));
  // Half of all that may be connected are, all the time.
  for (const id of names.slice(0, IDS / 2)) ids.enter(0, id, 0, id.length);
  measure(name, CALLS, () => {
    let known = 0;
    for (let call = 0; call < CALLS; call++) {
      const id = /** @type {Uint8Array} */ (names[call % IDS]);
      if (ids.has(0, id, 0, id.length)) known++;
      ids.leave(ids.enter(0, id, 0, id.length));
    }
    return known;
  });
}

visits("asked, entered and left, short ids", "sensor-");
visits("asked, entered and left, ids of 40 bytes", "0123456789abcdef0123456789abcdef-sen");
