// Policies in code before real brokers: the examples do what their heads promise; on both reactors,
// over TCP, TLS and WebSocket, in 3.1.1 and 5.0; what fails refuses, and a reload brings new code.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ScriptFolder } from "../fixtures/script-folder.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchEnded } from "./balancer.ts";
import { connackOf, JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, runFairlead } from "./fairlead.ts";
import { arrivalsAt, placeOf } from "./placement.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { nodesOf, shareBrokers } from "./shared-brokers.ts";
import { waitUntil } from "./wait-until.ts";

const FOLDER = fileURLToPath(new URL("../../examples/policies/", import.meta.url));
const VERSIONS = ["mqttv311", "mqttv5"] as const;
const folder = new ScriptFolder();
const AT_A_TIME = 20;

const brokers = shareBrokers(3);

interface Running {
  readonly port: number;
  readonly fairlead: Fairlead;
}

/** @param text of a configuration that takes its addresses from the environment, as examples do */
async function run(text: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const nodes = nodesOf(brokers);
  const own = { LISTEN: `127.0.0.1:${port}`, ADMIN: `127.0.0.1:${adminPort}` };
  const configName = folder.write("fairlead.config.ts", text);
  const options = { config: text, configName, adminPort, env: { ...own, ...nodes, ...env } };
  return { port, fairlead: closeAtEnd(await Fairlead.start(options)) };
}

function runExample(name: string): Promise<Running> {
  return run(readFileSync(`${FOLDER}${name}`, "utf8"));
}

function metric(fairlead: Fairlead, name: string): Promise<number> {
  return fairlead.fetchMetric(`fairlead_${name}`);
}

/** How mosquitto_pub words a refusal; "none" when there was none. */
function refusalOf(port: number, ...args: readonly string[]): Promise<string> {
  return mosquittoPub(port, "-t", "a", "-m", "b", ...args).then(
    () => "none",
    (error: Error) => error.message,
  );
}

async function connectAs(port: number, clientId: string, more: object = {}): Promise<JsClient> {
  return closeAtEnd(await JsClient.connect(port, { clientId, ...more }));
}

const WAYS = ["mqtt", "mqtts", "ws", "wss"] as const;

/** Of a listener in code that knows CERT and KEY. */
function sectionsOf(way: (typeof WAYS)[number]): string {
  const isTls = way === "mqtts" || way === "wss";
  const tls = isTls ? "tls: { certificates: [{ certificate: CERT, key: KEY }] }, " : "";
  return way === "ws" || way === "wss" ? `${tls}websocket: {}` : tls;
}

describe("examples/policies", () => {
  it("tenants: each under its own name, in its own pool", async () => {
    const { port, fairlead } = await runExample("tenants.config.ts");
    for (const [index, version] of VERSIONS.entries()) {
      const id = `t-${index}`;
      expect(await refusalOf(port, "-V", version, "-i", id, "-u", "acme/anna")).toBe("none");
      expect(await placeOf(brokers, `acme/${id}`)).toBe(2);
      expect(await refusalOf(port, "-V", version, "-i", id, "-u", "globex/bert")).toBe("none");
      expect(await placeOf(brokers, `globex/${id}`)).toBeLessThan(2);
      const refused = await refusalOf(port, "-V", version, "-i", id, "-u", "nobody");
      expect(refused).toMatch(/bad user name or password/i);
    }
    await expect.poll(() => metric(fairlead, "refused_by_policy_total")).toBe(2);
    await expect.poll(() => metric(fairlead, "policy_time_seconds_count")).toBe(6);
    await expect.poll(() => fetchEnded(fairlead, "refused-by-policy")).toBe(2);
  });

  it("canary: about one in a hundred, and the same ones again", async () => {
    const { port, fairlead } = await runExample("canary.config.ts");
    const ids = Array.from({ length: 400 }, (_, i) => `device-${i}`);
    const arrivals = () => brokers.map(arrivalsAt);
    const visit = async () => {
      const before = arrivals();
      for (let i = 0; i < ids.length; i += AT_A_TIME) {
        const come = ids.slice(i, i + AT_A_TIME).map(async (clientId) => {
          await (await RawClient.connect({ port, clientId })).disconnect();
        });
        await Promise.all(come);
      }
      const count = async () => (await metric(fairlead, "connections")) === 0;
      await waitUntil("all have left", count);
      await waitUntil("brokers' logs have all of them", () => {
        return arrivals().flat().length === before.flat().length + ids.length;
      });
      return arrivals()[2]!.slice(before[2]!.length).sort();
    };
    const first = await visit();
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(16);
    expect(await visit()).toEqual(first);
    await connectAs(port, "canary-1");
    expect(await placeOf(brokers, "canary-1")).toBe(2);
  });

  it("blue and green: previews by a user property, and a switch by a reload", async () => {
    const { port, fairlead } = await runExample("blue-green.config.ts");
    const properties = { userProperties: { cluster: "preview" } };
    const preview = await connectAs(port, "bg-1", { protocolVersion: 5, properties });
    await connectAs(port, "bg-2");
    expect(await placeOf(brokers, "bg-1")).toBe(2);
    expect(await placeOf(brokers, "bg-2")).toBeLessThan(2);
    const text = readFileSync(`${FOLDER}blue-green.config.ts`, "utf8");
    fairlead.writeConfig(text.replace('= "blue";', '= "green";'));
    expect(await fairlead.reload()).toMatchObject({ outcome: "applied" });
    await connectAs(port, "bg-3");
    expect(await placeOf(brokers, "bg-3")).toBe(2);
    expect(preview.client.connected).toBe(true);
  });

  it("device registry: read again by a reload, and kept where it is broken", async () => {
    folder.write("devices.json", readFileSync(`${FOLDER}devices.json`, "utf8"));
    const { port, fairlead } = await runExample("device-registry.config.ts");
    const five = ["-V", "mqttv5", "-i"];
    expect(await refusalOf(port, ...five, "sensor-1")).toBe("none");
    expect(await refusalOf(port, ...five, "sensor-3")).toMatch(/banned/i);
    expect(await refusalOf(port, ...five, "sensor-9")).toMatch(/not valid/i);
    folder.write("devices.json", '{ "sensor-9": { "site": "oslo" } }');
    expect(await fairlead.reload()).toMatchObject({ outcome: "applied" });
    expect(await refusalOf(port, ...five, "sensor-9")).toBe("none");
    expect(await refusalOf(port, ...five, "sensor-1")).toMatch(/not valid/i);
    folder.write("devices.json", "{ broken");
    expect(await fairlead.reload()).toMatchObject({ outcome: "refused" });
    expect(await refusalOf(port, ...five, "sensor-9")).toBe("none");
  });
});

describe.each(["epoll", "io_uring"])("a policy on %s", (reactor) => {
  const head = (listener = "") => `
    import { pool, refuse, rewrite, server } from "fairlead/policy";
    const { LISTEN, ADMIN, NODE1, NODE2, CERT, KEY, CA } = process.env;
    const config = {
      admin: { listen: ADMIN },
      reactor: "${reactor}",
      workers: 2,
      listeners: { mqtt: { listen: LISTEN, pool: "one", ${listener} } },
      pools: { one: { servers: [NODE1] }, two: { servers: [{ name: "b", address: NODE2 }] } },
    };`;

  it("refuses whom it fails for with 0x83 or 3, and tells of it", async () => {
    const { port, fairlead } = await run(`${head()}
      export default { ...config, onConnect({ clientId }) {
        if (clientId === "bad") throw new Error("no such tenant");
        if (clientId === "late") return Promise.resolve();
        return server("two/b");
      } };`);
    expect(await fairlead.fetchReactors()).toEqual([reactor, reactor]);
    for (const id of ["bad", "late"]) {
      expect(await refusalOf(port, "-V", "mqttv5", "-i", id)).toMatch(/implementation specific/i);
      expect(await refusalOf(port, "-V", "mqttv311", "-i", id)).toMatch(/unavailable/i);
    }
    await connectAs(port, `good-${reactor}`);
    expect(await placeOf(brokers, `good-${reactor}`)).toBe(1);
    await expect.poll(() => metric(fairlead, "policy_faults_total")).toBe(4);
    await fairlead.waitForLog("the fault is in the log", ({ msg }) =>
      String(msg).includes("The policy's onConnect failed: it threw Error: no such tenant"),
    );
  });

  it.each(WAYS)("sends clients elsewhere, and says where, over %s", async (scheme) => {
    const { ca, server } = await certificatesOfTest();
    const { port, fairlead } = await run(
      `${head(sectionsOf(scheme))}
      export default { ...config, onConnect({ clientId }) {
        const words = { reason: "Moved house", reference: "b.example:8883 c.example" };
        return refuse(clientId === "for-good" ? "server-moved" : "use-another-server", words);
      } };`,
      { CERT: server.certFile, KEY: server.keyFile },
    );
    const url = `${scheme}://127.0.0.1:${port}/mqtt`;
    for (const [clientId, reasonCode] of [
      ["for-now", 0x9c],
      ["for-good", 0x9d],
    ] as const) {
      const five = await connackOf(url, { ca: ca.cert, clientId, protocolVersion: 5 });
      expect(five).toMatchObject({
        reasonCode,
        properties: { serverReference: "b.example:8883 c.example", reasonString: "Moved house" },
      });
      const four = await connackOf(url, { ca: ca.cert, clientId, protocolVersion: 4 });
      expect(four).toMatchObject({ returnCode: 3, length: 2 });
    }
    await expect.poll(() => fetchEnded(fairlead, "refused-by-policy")).toBe(4);
    await expect.poll(() => metric(fairlead, "policy_faults_total")).toBe(0);
  });

  it.each(WAYS)("gives clients another name and another pool, over %s", async (scheme) => {
    const { ca, server } = await certificatesOfTest();
    const hooks = `export default { ...config, onConnect({ clientId, version }) {
        return rewrite({ clientId: ["acme", version, clientId].join("/") }, pool("two"));
      } };`;
    const env = { CERT: server.certFile, KEY: server.keyFile };
    const { port } = await run(`${head(sectionsOf(scheme))}${hooks}`, env);
    for (const [protocolVersion, name] of [
      [4, "3.1.1"],
      [5, "5.0"],
    ] as const) {
      const clientId = `${scheme}-${reactor}`;
      const options = { ca: ca.cert, protocolVersion, clientId };
      const url = `${scheme}://127.0.0.1:${port}/mqtt`;
      const client = closeAtEnd(await JsClient.connectTo(url, options));
      await client.client.subscribeAsync(clientId, { qos: 1 });
      await client.client.publishAsync(clientId, name, { qos: 1 });
      expect((await client.waitFor(clientId)).payload).toBe(name);
      expect(await placeOf(brokers, `acme/${name}/${clientId}`)).toBe(1);
    }
  });

  it("measures its calls, and tells of one that takes longer than its budget", async () => {
    const { port, fairlead } = await run(`${head()}
      export default { ...config, hookBudgetMs: 20, onConnect({ clientId }) {
        const until = performance.now() + (clientId === "slow" ? 30 : 0);
        while (performance.now() < until);
      } };`);
    for (const id of ["quick", "slow"]) expect(await refusalOf(port, "-i", id)).toBe("none");
    await fairlead.waitForLog("the slow call is in the log", ({ msg }) =>
      /The policy's onConnect took \d+\.\d ms; its budget is 20 ms/.test(String(msg)),
    );
    await expect.poll(() => metric(fairlead, "policy_over_budget_total")).toBeGreaterThan(0);
    await expect.poll(() => metric(fairlead, "policy_time_seconds_count")).toBe(2);
    await expect.poll(() => metric(fairlead, 'policy_time_seconds_bucket{le="+Inf"}')).toBe(2);
    await expect
      .poll(() => metric(fairlead, "policy_time_seconds_sum"))
      .toBeGreaterThanOrEqual(0.03);
  });

  it("knows the certificate of a client, and hears of its end", async () => {
    const { ca, server, client } = await certificatesOfTest();
    const tls = `tls: { certificates: [{ certificate: CERT, key: KEY }],
      clientCertificate: { mode: "required", authorities: CA } }`;
    const hooks = `
      export default { ...config,
        onConnect({ clientId, version }, { tls, address, listener }) {
          const { commonName } = tls.certificate;
          return rewrite({ clientId: [commonName, version, address, clientId].join("/") },
            commonName === "device-1" ? pool("two") : null);
        },
        onClose({ clientId, reason, server }) {
          if (server !== null) throw new Error([clientId, reason, server].join(" "));
        },
      };`;
    const env = { CERT: server.certFile, KEY: server.keyFile, CA: ca.certFile };
    const { port, fairlead } = await run(`${head(tls)}${hooks}`, env);
    const shown = { ca: ca.cert, cert: client.cert, key: client.key };
    for (const [protocolVersion, name] of [
      [4, "3.1.1"],
      [5, "5.0"],
    ] as const) {
      const options = { ...shown, protocolVersion, clientId: reactor };
      const connected = await JsClient.connectTo(`mqtts://127.0.0.1:${port}`, options);
      const id = `device-1/${name}/127.0.0.1/${reactor}`;
      expect(await placeOf(brokers, id)).toBe(1);
      await connected.client.endAsync();
    }
    await fairlead.waitForLog("the end is in the log", ({ msg }) =>
      String(msg).includes(`device-1/3.1.1/127.0.0.1/${reactor} client-disconnected b`),
    );
  });
});

describe("fairlead check", () => {
  it("finds what the compiler cannot know", async () => {
    const text = `export default {
  listeners: { mqtt: { listen: "127.0.0.1:1883", pool: "a" } },
  pools: { a: { servers: ["127.0.0.1:1884"] } },
  onConnect: () => ({ kind: "route", pool: "b" }),
};`;
    const file = folder.write("check.config.mjs", text);
    const { exitCode, stdout } = await runFairlead("check", "-c", file);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`check.config.mjs:4:3: onConnect fails for a sample client of MQTT`);
    expect(stdout).toContain('there is no pool "b"');
  });

  it("warns of names in so many words, which no sample client meets", async () => {
    const text = `import { pool, server } from "fairlead/policy";
export default {
  listeners: { mqtt: { listen: "127.0.0.1:1883", pool: "a" } },
  pools: { a: { servers: [{ name: "a1", address: "127.0.0.1:1884" }] } },
  onConnect({ clientId }) {
    if (clientId.startsWith("tenant-")) return pool("tenants");
    if (clientId === "one") return server("a/a2");
    return clientId === "two" ? server("a1") : pool("a");
  },
};`;
    const file = folder.write("named.config.mjs", text);
    const { exitCode, stdout } = await runFairlead("check", file);
    const [first, second, last] = stdout.trim().split("\n");
    expect(first).toContain('named.config.mjs:6:48: warning: there is no pool "tenants"');
    expect(second).toContain('named.config.mjs:7:36: warning: there is no server "a/a2"');
    expect([exitCode, last]).toEqual([0, expect.stringContaining("OK, 1 listener")]);
  });
});
