// Rules, limits by key and tables of counters in a running Fairlead, before real brokers: the two
// examples do what their heads promise, reloads keep what was counted, the dead give back theirs.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fetchEnded, headOf } from "./balancer.ts";
import { connackOf, JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { arrivalsAt, placeOf } from "./placement.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import * as rude from "./rude-peers.ts";
import { nodesOf, shareBrokers } from "./shared-brokers.ts";
import { waitUntil } from "./wait-until.ts";

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));

const brokers = shareBrokers(3);

interface Running {
  readonly port: number;
  readonly fairlead: Fairlead;
  /** Runs another text from now on. */
  readonly reload: (text: string) => Promise<void>;
}

/** @param text with LISTEN and NODE1 to NODE3 where addresses belong */
async function run(text: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const nodes = nodesOf(brokers);
  const own = { LISTEN: `127.0.0.1:${port}`, ...nodes, ...env };
  const configOf = (rest: string) => [...headOf(adminPort), rest].join("\n");
  const fairlead = await Fairlead.start({ config: configOf(text), adminPort, env: own });
  closeAtEnd(fairlead);
  const reload = async (rest: string) => {
    fairlead.writeConfig(configOf(rest));
    expect(await fairlead.reload()).toMatchObject({ outcome: "applied" });
  };
  return { port, fairlead, reload };
}

function runExample(file: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  return run(readFileSync(`${FOLDER}${file}`, "utf8"), env);
}

/** How mosquitto_pub words a refusal in MQTT 5.0. */
async function refusalOf(port: number, ...args: readonly string[]): Promise<string> {
  const publishing = mosquittoPub(port, "-V", "mqttv5", "-t", "a", "-m", "b", ...args);
  return publishing.then(
    () => "none",
    (error: Error) => error.message,
  );
}

async function connectAs(port: number, username: string, clientId: string): Promise<JsClient> {
  const options = { username, password: "x", clientId, protocolVersion: 5 } as const;
  return closeAtEnd(await JsClient.connect(port, options));
}

/** Whether a new connection gets a CONNACK 0. */
async function isServed(port: number, clientId: string): Promise<boolean> {
  try {
    const client = await RawClient.connect({ port, clientId });
    await client.disconnect();
    return true;
  } catch {
    return false; // Refused; why, is for other tests.
  }
}

function dial(port: number, localAddress = "127.0.0.1"): Socket {
  const socket = createConnection({ host: "127.0.0.1", port, localAddress });
  socket.on("error", () => socket.destroy());
  return closeAtEnd(Object.assign(socket, { close: () => socket.destroy() }));
}

describe("rules.yaml", () => {
  it("turns networks away at once", async () => {
    const { port, fairlead } = await runExample("rules.yaml", { BANNED: "127.0.0.9" });
    await once(dial(port, "127.0.0.9"), "close");
    await expect.poll(() => fetchEnded(fairlead, "refused-by-rule")).toBe(1);
    const client = await connectAs(port, "anna", "dev-1");
    expect(client.client.connected).toBe(true);
  });

  it("tells clients why they are refused", async () => {
    const { port } = await runExample("rules.yaml");
    expect(await refusalOf(port, "-i", "dev-2")).toMatch(/bad user name or password/i);
    const own = ["-u", "anna", "-i", "toaster"];
    expect(await refusalOf(port, ...own)).toMatch(/client identifier not valid/i);
    expect(await refusalOf(port, "-u", "anna", "-i", "dev-2")).toBe("none");
  });

  it("gives tenants ids of their own", async () => {
    const { port } = await runExample("rules.yaml");
    await connectAs(port, "anna", "dev-same");
    await connectAs(port, "bert", "dev-same");
    expect(await placeOf(brokers, "anna/dev-same")).toBe(0);
    expect(await placeOf(brokers, "bert/dev-same")).toBe(0);
    expect(brokers.flatMap(arrivalsAt)).not.toContain("dev-same");
  });

  it("sends canaries to the new brokers, and a lab to one of them", async () => {
    const { port } = await runExample("rules.yaml");
    for (const id of ["lab-1", "canary-1", "lab-2"]) await connectAs(port, "carl", id);
    await connectAs(port, "cleo", "canary-2");
    expect(await placeOf(brokers, "carl/lab-1")).toBe(1);
    expect(await placeOf(brokers, "carl/lab-2")).toBe(1);
    const canaries = ["carl/canary-1", "cleo/canary-2"];
    const places = await Promise.all(canaries.map((id) => placeOf(brokers, id)));
    for (const place of places) expect(place).toBeGreaterThan(0);
  });

  it("counts what a user has, and forgets those who have gone", async () => {
    const { port } = await runExample("rules.yaml");
    const three = [1, 2, 3].map((i) => connectAs(port, "dora", `dev-dora-${i}`));
    const [first] = await Promise.all(three);
    const fourth = ["-u", "dora", "-i", "dev-dora-4"];
    expect(await refusalOf(port, ...fourth)).toMatch(/quota exceeded/i);
    expect(await refusalOf(port, "-u", "emil", "-i", "dev-emil")).toBe("none");
    await first!.close();
    await waitUntil(
      "there is room again",
      async () => (await refusalOf(port, ...fourth)) === "none",
    );
  });
});

describe("limits-per-client.yaml", () => {
  it("refuses what is beyond, and nobody else", async () => {
    // Its ten seconds, as an hour: this may take longer.
    const text = readFileSync(`${FOLDER}limits-per-client.yaml`, "utf8").replace("5/10s", "5/1h");
    const { port, fairlead } = await run(text);
    const users = [1, 2, 3].map((i) => connectAs(port, "anna", `limit-${i}`));
    await Promise.all(users);
    expect(await refusalOf(port, "-u", "anna", "-i", "limit-4")).toMatch(/quota exceeded/i);
    expect(await refusalOf(port, "-u", "bert", "-i", "limit-5")).toBe("none");
    for (let visit = 0; visit < 5; visit++)
      expect(await refusalOf(port, "-i", "often")).toBe("none");
    expect(await refusalOf(port, "-i", "often")).toMatch(/connection rate exceeded/i);
    // Three are here, once the others are counted out; so many more have one address.
    await expect.poll(() => fairlead.fetchMetric("fairlead_connections")).toBe(3);
    for (let i = 3; i < 20; i++)
      closeAtEnd(await RawClient.connect({ port, clientId: `many-${i}` }));
    expect(await isServed(port, "one-too-many")).toBe(false);
    const other = dial(port, "127.0.0.7");
    await once(other, "connect");
    expect(other.destroyed).toBe(false);
  });
});

const COUNTING = `
workers: 1
counters:
  ever: { key: text, store: [conn_cnt, conn_cur] }
listeners:
  mqtt:
    listen: \${LISTEN}
    pool: brokers
    rules:
      content:
        - track-sc0 mqtt.client_id table ever
        - reject if { sc0_conn_cnt gt 2 }
pools:
  brokers: { check: { type: none }, servers: ["\${NODE1}", "\${NODE2}"] }
`;

describe("reject", () => {
  it("names another server where the code may", async () => {
    const elsewhere = COUNTING.replace(
      /reject if .*/,
      'reject code 0x9c reason Full reference "b.example:8883 c.example"',
    );
    const { port, fairlead } = await run(elsewhere);
    const url = `mqtt://127.0.0.1:${port}`;
    expect(await connackOf(url, { clientId: "five", protocolVersion: 5 })).toMatchObject({
      reasonCode: 0x9c,
      properties: { serverReference: "b.example:8883 c.example", reasonString: "Full" },
    });
    const four = await connackOf(url, { clientId: "four", protocolVersion: 4 });
    expect(four).toMatchObject({ returnCode: 3, length: 2 });
    await expect.poll(() => fetchEnded(fairlead, "refused-by-rule")).toBe(2);
  });
});

describe("tables of counters", () => {
  it("keep what they have counted through a reload, until they change", async () => {
    const { port, reload } = await run(COUNTING);
    expect(await isServed(port, "counted")).toBe(true);
    expect(await isServed(port, "counted")).toBe(true);
    expect(await isServed(port, "counted")).toBe(false);
    await reload(COUNTING.replace("gt 2", "gt 4"));
    expect(await isServed(port, "counted")).toBe(true);
    expect(await isServed(port, "counted")).toBe(false);
    await reload(COUNTING.replace("key: text,", "key: text, size: 10,"));
    expect(await isServed(port, "counted")).toBe(true);
  });

  it("let go who was counted in a table that is no more", async () => {
    const { port, reload } = await run(COUNTING);
    const client = closeAtEnd(await RawClient.connect({ port, clientId: "stays" }));
    await reload(COUNTING.replaceAll("ever", "others"));
    await client.disconnect();
    const other = closeAtEnd(await RawClient.connect({ port, clientId: "stays" }));
    await reload(COUNTING);
    await other.disconnect();
    expect(await isServed(port, "stays")).toBe(true);
  });
});

describe("keys that are expressions", () => {
  const KEYED = `
listeners: { mqtt: { listen: "\${LISTEN}", pool: brokers } }
pools:
  brokers:
    KEY
    check: { type: none }
    servers: ["\${NODE1}", "\${NODE2}", "\${NODE3}"]
`;
  const keys = [
    "stick: { by: 'mqtt.user_name,lower,field(1,@)' }",
    "{ balance: hash, hash: { key: 'mqtt.user_name,lower,field(1,@)' } }",
  ];

  it.each(keys)("keep clients together: %s", async (key) => {
    const line = key.replace(/^\{ (balance: hash), (.*) \}$/, "$1\n    $2");
    const { port, reload } = await run(KEYED.replace("KEY", line));
    const users = ["Anna@a", "bert", "carl", "anna@b", "BERT", "carl@c"];
    const name = key.slice(0, 5).replace(/\W/g, "x");
    const idOf = (user: string) => `${name}-${user.replace("@", "-")}`;
    const connectAll = async (from: number, end: number): Promise<number[]> => {
      const own = users.slice(from, end);
      for (const user of own) await connectAs(port, user, idOf(user));
      return Promise.all(own.map((user) => placeOf(brokers, idOf(user))));
    };
    const first = await connectAll(0, 3);
    await reload(KEYED.replace("KEY", `${line}\n    slowStart: 0s`));
    expect(await connectAll(3, 6)).toEqual(first);
  });
});

describe("a worker that dies", () => {
  it("gives back what its connections were counted in", async () => {
    const current = COUNTING.replace("sc0_conn_cnt", "sc0_conn_cur").replace(
      "mqtt.client_id",
      "dst",
    );
    const text = current
      .replace("key: text", "key: address")
      .replace("conn_cnt, conn_cur", "conn_cur");
    const preload = new URL("./faulty-worker.preload.js", import.meta.url);
    const { port, fairlead } = await run(text, { NODE_OPTIONS: `--import=${preload.href}` });
    const connectTwo = async (): Promise<void> => {
      for (const clientId of ["one", "two"]) {
        closeAtEnd(await RawClient.connect({ port, clientId }));
      }
      expect(await isServed(port, "three")).toBe(false);
    };
    await connectTwo();
    await rude.sends(port, rude.politeConnect("please-fail-here"));
    await fairlead.waitForLog("another one has taken over", ({ msg }) => {
      return String(msg).includes("Worker 0 takes over");
    });
    await connectTwo();
  });
});

describe("a silent drop", () => {
  it("leaves the client alone, who hears neither an answer nor an end", async () => {
    const dropping = COUNTING.replace(
      /content:[\s\S]*gt 2 }/,
      "connection: ['silent-drop if { src 127.0.0.3 }']",
    );
    const { port, fairlead } = await run(dropping);
    const socket = dial(port, "127.0.0.3");
    let heard = "";
    socket.on("data", () => {
      heard += "data ";
    });
    socket.on("close", () => {
      heard += "close ";
    });
    await once(socket, "connect");
    await waitUntil("it is dropped", async () => {
      return (await fetchEnded(fairlead, "dropped-by-rule")) === 1;
    });
    for (let i = 0; i < 3; i++) expect(await isServed(port, `after-${i}`)).toBe(true);
    expect(heard).toBe("");
  });
});
