// Tenants by the prefix of the user name: `acme/anna` is anna of acme.
//
//   - A user without a tenant, or of an unknown one, is refused and told why.
//   - A client id gets the tenant before it, so that tenants cannot take each other's sessions.
//   - Tenants who pay for brokers of their own go there; all others share the rest.
//
//     fairlead run -c examples/policies/tenants.config.ts
import { defineConfig } from "fairlead/config";
import { pool, refuse, rewrite } from "fairlead/policy";

const { LISTEN = "0.0.0.0:1883", ADMIN = "127.0.0.1:8888" } = process.env;
const {
  NODE1 = "127.0.0.1:1884",
  NODE2 = "127.0.0.1:1885",
  NODE3 = "127.0.0.1:1886",
} = process.env;

const TENANTS: ReadonlyMap<string, string> = new Map([
  ["acme", "acme"],
  ["globex", "shared"],
  ["initech", "shared"],
]);

export default defineConfig({
  admin: { listen: ADMIN },
  listeners: { mqtt: { listen: LISTEN, pool: "shared" } },
  pools: {
    shared: { servers: [NODE1, NODE2], stick: { by: "client-id" } },
    acme: { servers: [NODE3] },
  },

  onConnect(connect) {
    const [tenant, user] = (connect.userName ?? "").split("/");
    const home = TENANTS.get(tenant ?? "");
    if (home === undefined || !user) return refuse(0x86, "The user name is no tenant/user");
    return rewrite({ clientId: `${tenant}/${connect.clientId}` }, pool(home));
  },
});
