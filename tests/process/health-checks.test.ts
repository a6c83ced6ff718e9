// Health checks of real brokers: they pass, they tell a split cluster, and nobody's log complains.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { makeEndpoint } from "../../src/bytes/endpoint.ts";
import type { CheckSettings, CheckTransportSettings } from "../../src/config/check-settings.ts";
import { loadSettings } from "../../src/config/load-settings.ts";
import type { CheckResult } from "../../src/health/check-result.ts";
import { type Clock, systemClock } from "../../src/health/clock.ts";
import type { ProbeTarget } from "../../src/health/probe.ts";
import { makeProbe } from "../../src/health/probes.ts";
import type { TlsServerPlan } from "../../src/shm/plan.ts";
import { TestAuthority } from "../fixtures/authority.ts";
import { checkSettings } from "../fixtures/check-settings.ts";
import { ManualClock } from "../fixtures/manual-clock.ts";
import { PLAIN_TRANSPORT } from "../fixtures/plain-plan.ts";
import { serverPlan } from "../tls/tls-scene.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Haproxy } from "./haproxy.ts";
import { Mosquitto } from "./mosquitto.ts";
import { Nats } from "./nats.ts";
import { freePort } from "./ports.ts";
import { RabbitMq } from "./rabbitmq.ts";
import { waitUntil } from "./wait-until.ts";

/** A log line that is to come has come by then; none is waited for that is. */
const LOG_PAUSE_MS = 200;

function target(port: number, changed: Partial<ProbeTarget> = {}): ProbeTarget {
  const endpoint = makeEndpoint("127.0.0.1", port)!;
  return { name: "a", endpoint, host: "127.0.0.1", transport: PLAIN_TRANSPORT, ...changed };
}

function check(
  at: ProbeTarget,
  changed: Partial<CheckSettings>,
  other: ProbeTarget | null = null,
  clock: Clock = systemClock,
): Promise<CheckResult> {
  const settings = checkSettings(changed);
  const probe = makeProbe({ settings, target: at, other: () => other, clock });
  return probe(new AbortController().signal);
}

function by(changed: Partial<CheckTransportSettings>): Pick<CheckSettings, "transport"> {
  return { transport: { ...checkSettings().transport, ...changed } };
}

const message = (changed: Partial<CheckSettings["message"]> = {}): Partial<CheckSettings> => ({
  type: "mqtt-message",
  message: { ...checkSettings().message, ...changed },
});

/** What `fairlead.yaml` makes of a kind of check. */
async function settingsOf(checkKeys: string, port: number): Promise<CheckSettings> {
  const text = `
listeners: { mqtt: { listen: "127.0.0.1:1", pool: p } }
pools: { p: { check: ${checkKeys}, servers: ["127.0.0.1:${port}"] } }
`;
  const lookUp = () => Promise.reject(new Error("Cannot look up names in tests"));
  const { settings } = await loadSettings({ file: "x.yaml", text }, { environment: {}, lookUp });
  return settings!.servers[0]!.check!;
}

describe("messages through mosquitto", () => {
  it.each([
    ["3.1.1", 0],
    ["3.1.1", 1],
    ["5.0", 0],
    ["5.0", 1],
  ] as const)("come back in %s at QoS %i, and nobody complains", async (version, qos) => {
    const broker = closeAtEnd(await Mosquitto.start());
    const result = await check(target(broker.port), { ...message({ qos }), version });
    expect(result).toMatchObject({ outcome: "passed", code: "L7OK" });
    expect(result.latencyMs).toBeGreaterThanOrEqual(0);
    await waitUntil("the goodbye is logged", () => {
      return broker.logLines.some((line) => / disconnected\.$/.test(line));
    });
    expect(broker.complaints).toEqual([]);
  });

  it("and the other checks leave its log clean", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    for (const changed of [{ type: "tcp" }, { type: "mqtt" }, { type: "mqtt", version: "5.0" }]) {
      const settings = changed as Partial<CheckSettings>;
      expect(await check(target(broker.port), settings)).toMatchObject({ outcome: "passed" });
    }
    await waitUntil("the last goodbyes are logged", () => {
      return broker.logLines.filter((line) => / disconnected\.$/.test(line)).length === 2;
    });
    expect(broker.complaints).toEqual([]);
  });

  it("come across where servers are one cluster, and not where they are two", async () => {
    const second = await freePort();
    const config = [`listener ${second} 127.0.0.1`];
    const broker = closeAtEnd(await Mosquitto.start({ config }));
    const stranger = closeAtEnd(await Mosquitto.start());
    const across = message({ across: true });
    const mate = target(second, { name: "b" });
    expect(await check(target(broker.port), across, mate)).toMatchObject({
      outcome: "passed",
      sentence: 'message through "b" came, MQTT 3.1.1',
    });
    const other = target(stranger.port, { name: "c" });
    const clock = new ManualClock();
    const lost = check(target(broker.port), across, other, clock);
    await waitUntil("the message is with the stranger", () => {
      return stranger.logLines.some((line) => / disconnected\.$/.test(line));
    });
    const { timeoutMs } = checkSettings();
    await clock.advanceTo(timeoutMs);
    expect(await lost).toMatchObject({
      outcome: "failed",
      code: "L7TOUT",
      sentence: `no message through "c" within ${timeoutMs} ms`,
    });
    expect([...broker.complaints, ...stranger.complaints]).toEqual([]);
  });

  it("say nothing of a server when the other one cannot publish", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const gone = target(await freePort(), { name: "gone" });
    expect(await check(target(broker.port), message({ across: true }), gone)).toMatchObject({
      outcome: "inconclusive",
      sentence: '"gone" could not publish: connection refused',
    });
    const alone = await check(target(broker.port), message({ across: true }));
    expect(alone).toMatchObject({ outcome: "passed", sentence: /^own message/ });
  });
});

describe("checks over TLS and behind PROXY headers", () => {
  const authority = new TestAuthority();
  const issued = authority.issue({ names: ["broker.example"] });
  const TLS = serverPlan({ authorities: authority.certificate, serverName: "broker.example" });
  const files = {
    "server.pem": `${issued.certificate}${issued.key}`,
    "clients.pem": authority.certificate,
  };

  async function start(bind: string) {
    const broker = closeAtEnd(await Mosquitto.start());
    const options = { serverPort: broker.port, bind, files };
    return { broker, haproxy: closeAtEnd(await Haproxy.start(options)) };
  }

  function overTls(port: number, changed: Partial<TlsServerPlan> = {}): ProbeTarget {
    return target(port, { transport: { ...PLAIN_TRANSPORT, tls: { ...TLS, ...changed } } });
  }

  it("pass where the pool is spoken to so, and end TLS and TCP in good order", async () => {
    const { broker, haproxy } = await start("ssl crt FOLDER/server.pem");
    expect(await check(overTls(haproxy.port), {})).toMatchObject({ code: "L7OK" });
    expect(await check(overTls(haproxy.port), { type: "tcp" })).toMatchObject({
      code: "L6OK",
      sentence: "connected over TLS",
    });
    await waitUntil("both are logged", () => haproxy.logLines.length >= 2);
    expect(haproxy.logLines.filter((line) => /handshake|error/i.test(line))).toEqual([]);
    expect(broker.complaints).toEqual([]);
  });

  it.each([
    [
      "another authority",
      { authorities: new TestAuthority("Other").certificate },
      /signature|issuer|certificate/,
    ],
    ["another name", { serverName: "other.example" }, /does not match certificate's altnames/],
  ])("fail in layer 6 for %s", async (_, changed, sentence) => {
    const { haproxy } = await start("ssl crt FOLDER/server.pem");
    const result = await check(overTls(haproxy.port, changed), {});
    expect(result).toMatchObject({ outcome: "failed", code: "L6RSP" });
    expect(result.sentence).toMatch(sentence);
  });

  it("show a client certificate where the pool has one", async () => {
    const bind = "ssl crt FOLDER/server.pem ca-file FOLDER/clients.pem verify required";
    const { haproxy } = await start(bind);
    const { certificate: chain, key } = authority.issue({ purpose: "client" });
    const shown = overTls(haproxy.port, { certificate: { chain, key } });
    expect(await check(shown, {})).toMatchObject({ code: "L7OK" });
    expect(await check(overTls(haproxy.port), {})).toMatchObject({ outcome: "failed" });
  });

  it("speak TLS or not as the check itself says", async () => {
    const { broker } = await start("ssl crt FOLDER/server.pem");
    const plain = overTls(broker.port);
    expect(await check(plain, by({ tls: "off" }))).toMatchObject({ code: "L7OK" });
    expect(await check(plain, by({ tls: "inherit" }))).toMatchObject({ code: "L6RSP" });
  });

  it.each([
    ["v1", "proxy"],
    ["v1", "local"],
    ["v2", "proxy"],
    ["v2", "local"],
  ] as const)("begin with the header %s, %s, before TLS", async (proxyProtocol, proxyCommand) => {
    const { haproxy } = await start("accept-proxy ssl crt FOLDER/server.pem");
    const result = await check(overTls(haproxy.port), by({ proxyProtocol, proxyCommand }));
    expect(result).toMatchObject({ code: "L7OK" });
    await waitUntil("it is logged", () =>
      haproxy.logLines.some((line) => / receiver~? /.test(line)),
    );
    expect(haproxy.logLines.filter((line) => /handshake|PROXY/i.test(line))).toEqual([]);
  });

  it("inherit the header of the pool", async () => {
    const { haproxy } = await start("accept-proxy");
    const proxied = { ...PLAIN_TRANSPORT, proxyProtocol: { version: 2, tlvs: [] } } as const;
    expect(await check(target(haproxy.port, { transport: proxied }), {})).toMatchObject({
      code: "L7OK",
    });
    expect(await check(target(haproxy.port), {})).toMatchObject({ outcome: "failed" });
  });
});

// Not in Debian: what their documentation and sources say that they answer.
const ENDPOINTS = [
  {
    type: "emqx",
    path: "/api/v5/load_rebalance/availability_check",
    well: {},
    unwell: { code: "NODE_EVACUATING", message: "Node Evacuating" },
    outcome: "draining",
  },
  {
    type: "hivemq",
    path: "/api/v1/health/readiness",
    // 503 with DOWN alone: a node that is DEGRADED serves clients.
    well: { status: "DEGRADED" },
    unwell: { status: "DOWN" },
    outcome: "failed",
  },
  {
    type: "vernemq",
    path: "/health",
    well: { status: "OK" },
    unwell: { status: "DOWN", reasons: ["Node has not joined cluster"] },
    outcome: "failed",
  },
] as const;

describe("checks of brokers by their HTTP endpoints", () => {
  it.each(ENDPOINTS)("pass, or not, as $type answers", async ({ type, path, ...answers }) => {
    const { well, unwell, outcome } = answers;
    const node = { isWell: true };
    const server = createServer((request, response) => {
      const isKnown = request.url === path && request.method === "GET";
      const status = node.isWell ? 200 : 503;
      response.writeHead(isKnown ? status : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(node.isWell ? well : unwell));
    });
    closeAtEnd({ close: () => server.close() });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const settings = await settingsOf(`{ type: ${type}, port: ${port} }`, port);
    const at = target(port);
    expect(await check(at, settings)).toMatchObject({ outcome: "passed", status: 200 });
    node.isWell = false;
    expect(await check(at, settings)).toMatchObject({ outcome, status: 503 });
    node.isWell = true;
    const elsewhere = { ...settings, http: { ...settings.http, path: "/elsewhere" } };
    expect(await check(at, elsewhere)).toMatchObject({ outcome: "failed", status: 404 });
  });
});

describe("checks of NATS", () => {
  it("pass, and leave its log clean", async () => {
    const nats = closeAtEnd(await Nats.start());
    const at = target(nats.port);
    const checks: Partial<CheckSettings>[] = [{ type: "tcp" }, { type: "mqtt" }, message()];
    for (const changed of checks) {
      expect(await check(at, changed)).toMatchObject({ outcome: "passed" });
    }
    const health = await settingsOf(`{ type: nats, port: ${nats.monitorPort} }`, nats.port);
    expect(health.http.path).toBe("/healthz");
    const monitor = target(nats.monitorPort);
    expect(await check(monitor, health)).toMatchObject({ outcome: "passed", status: 200 });
    await sleep(LOG_PAUSE_MS);
    expect(nats.complaints).toEqual([]);
  });
});

describe.each([false, true])("checks of RabbitMQ, PROXY headers wanted: %s", (proxyProtocol) => {
  let broker: RabbitMq;

  beforeAll(async () => {
    broker = await RabbitMq.start({ proxyProtocol });
    return () => broker.close();
  });

  it("pass, and leave its log clean", async () => {
    const headers = proxyProtocol ? (["v1", "v2"] as const) : (["off"] as const);
    for (const header of headers) {
      for (const changed of [{ type: "tcp" }, { type: "mqtt" }, message({ qos: 1 })] as const) {
        const settings = { ...changed, ...by({ proxyProtocol: header }) };
        expect(await check(target(broker.port), settings)).toMatchObject({ outcome: "passed" });
      }
    }
    await sleep(LOG_PAUSE_MS);
    expect(broker.complaints).toEqual([]);
  });

  it("ask its management for the listener that clients use", async () => {
    const login = "userName: guest, password: guest";
    const keys = `{ type: rabbitmq, port: ${broker.managementPort}, ${login} }`;
    const settings = await settingsOf(keys, broker.port);
    const management = target(broker.managementPort);
    expect(await check(management, settings)).toMatchObject({ outcome: "passed", status: 200 });
    const gone = await settingsOf(keys, await freePort());
    expect(await check(management, gone)).toMatchObject({ outcome: "failed", status: 503 });
    const stranger = { ...settings, password: "wrong" };
    expect(await check(management, stranger)).toMatchObject({ code: "L7STS", status: 401 });
  });
});
