// A canary: one client in a hundred goes to the new brokers, always the same ones.
//
// The choice is made by a hash of the client id (FNV-1a), so a client that comes back comes back to
// the same pool, on every Fairlead, without anybody remembering it. With SHARE set to 0 all are
// back where they were. Clients that name themselves `canary-...` are always canaries.
//
//     fairlead run -c examples/policies/canary.config.ts
import { defineConfig } from "fairlead/config";
import { pool } from "fairlead/policy";

const { LISTEN = "0.0.0.0:1883", ADMIN = "127.0.0.1:8888", SHARE = "0.01" } = process.env;
const {
  NODE1 = "127.0.0.1:1884",
  NODE2 = "127.0.0.1:1885",
  NODE3 = "127.0.0.1:1886",
} = process.env;

/** From 0 up to 1, evenly. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // The last characters have moved the low bits only; this lets them move all.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

export default defineConfig({
  admin: { listen: ADMIN },
  listeners: { mqtt: { listen: LISTEN, pool: "stable" } },
  pools: { stable: { servers: [NODE1, NODE2] }, canary: { servers: [NODE3] } },

  onConnect({ clientId }) {
    const isCanary = clientId.startsWith("canary-") || hashOf(clientId) < Number(SHARE);
    return isCanary ? pool("canary") : undefined;
  },
});
