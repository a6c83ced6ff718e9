// A device registry in a file: which devices there are, what they are called towards the brokers,
// and which of them are banned.
//
// devices.json is taken in when this file is read; after a change, `fairlead ctl reload` (or
// SIGHUP) reads both again, checks them whole, and hands them to the workers, without a connection
// cut. A registry that is no JSON refuses the reload, and the one before it goes on.
//
//     fairlead run -c examples/policies/device-registry.config.ts
import { defineConfig } from "fairlead/config";
import { refuse, rewrite } from "fairlead/policy";
import devices from "./devices.json" with { type: "json" };

const { LISTEN = "0.0.0.0:1883", ADMIN = "127.0.0.1:8888" } = process.env;
const {
  NODE1 = "127.0.0.1:1884",
  NODE2 = "127.0.0.1:1885",
  NODE3 = "127.0.0.1:1886",
} = process.env;

interface Device {
  readonly site: string;
  readonly banned?: boolean;
}

const REGISTRY: ReadonlyMap<string, Device> = new Map(Object.entries(devices));

export default defineConfig({
  admin: { listen: ADMIN },
  listeners: { mqtt: { listen: LISTEN, pool: "brokers" } },
  pools: { brokers: { servers: [NODE1, NODE2, NODE3], balance: "client-id-hash" } },

  onConnect({ clientId }) {
    const device = REGISTRY.get(clientId);
    if (device === undefined) return refuse(0x85, "This device is not registered");
    if (device.banned) return refuse(0x8a, "This device is banned");
    const site = { name: "site", value: device.site };
    return rewrite({ userName: `${device.site}/${clientId}`, userProperties: [site] });
  },
});
