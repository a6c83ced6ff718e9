// Blue and green: two clusters, one of which is live. Testers reach the other one by a user
// property of MQTT 5.0, or by the prefix `preview-` of their client id.
//
// To switch, change LIVE and reload: new and returning clients go to the other cluster at once, and
// those who are connected stay until `fairlead ctl drain` has moved them.
//
//     fairlead run -c examples/policies/blue-green.config.ts
import { defineConfig } from "fairlead/config";
import { type PolicyConnect, pool } from "fairlead/policy";

const { LISTEN = "0.0.0.0:1883", ADMIN = "127.0.0.1:8888" } = process.env;
const {
  NODE1 = "127.0.0.1:1884",
  NODE2 = "127.0.0.1:1885",
  NODE3 = "127.0.0.1:1886",
} = process.env;

const LIVE: "blue" | "green" = "blue";
const IDLE = { blue: "green", green: "blue" }[LIVE];

function wantsPreview({ clientId, userProperties }: PolicyConnect): boolean {
  if (clientId.startsWith("preview-")) return true;
  return userProperties.some(({ name, value }) => name === "cluster" && value === "preview");
}

export default defineConfig({
  admin: { listen: ADMIN },
  listeners: { mqtt: { listen: LISTEN, pool: LIVE } },
  pools: { blue: { servers: [NODE1, NODE2] }, green: { servers: [NODE3] } },

  onConnect: (connect) => pool(wantsPreview(connect) ? IDLE : LIVE),
});
