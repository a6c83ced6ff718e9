// PROXY headers and a RabbitMQ whose MQTT listener wants them: it knows clients by their own
// addresses. What checks leave in its log is in health-checks.test.ts.
import { createConnection } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchServerViews } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { RabbitMq } from "./rabbitmq.ts";
import { POLITE_CONNACK, politeConnect, RudeClient } from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

let broker: RabbitMq;
let scene: ManyListeners<"v1" | "v2">;

beforeAll(async () => {
  broker = await RabbitMq.start({ proxyProtocol: true });
  const pool = (version: "v1" | "v2") => ({
    proxyProtocol: { version, ...(version === "v1" ? {} : { tlvs: ["unique-id", "crc32c"] }) },
    check: { type: "mqtt", interval: "1s", timeout: "1m" },
    servers: [`127.0.0.1:${broker.port}`],
  });
  scene = await ManyListeners.start({
    listeners: { v1: { pool: "v1" }, v2: { pool: "v2" } },
    pools: { v1: pool("v1"), v2: pool("v2") },
  });
});

afterAll(async () => {
  await scene.end();
  await broker.close();
});

interface ConnectionView {
  readonly peer_host: string;
  readonly peer_port: number;
  readonly protocol: string;
}

/** What its management says of connections; nothing before it has made up its mind. */
async function fetchConnections(): Promise<ConnectionView[]> {
  const answer = await fetch(`http://127.0.0.1:${broker.managementPort}/api/connections`, {
    headers: { authorization: `Basic ${btoa("guest:guest")}` },
  });
  const text = await answer.text();
  return text === "" ? [] : (JSON.parse(text) as ConnectionView[]);
}

/** A client that comes from `localAddress`, and what RabbitMQ's log and management say of it. */
async function expectKnown(version: "v1" | "v2", localAddress: string): Promise<void> {
  const port = scene.ports[version];
  const socket = createConnection({ host: "127.0.0.1", port, localAddress });
  const client = closeAtEnd(new RudeClient(socket));
  socket.write(politeConnect(`rabbit-${version}`));
  await waitUntil("CONNACK", () => client.received.length === POLITE_CONNACK.length);
  expect([...client.received]).toEqual([...POLITE_CONNACK]);
  const { localPort } = socket;
  const line = await waitUntil("its log has the client", () => {
    return broker.logLines.find((each) => each.includes(`${localAddress}:${localPort} -> `));
  });
  expect(line).toContain(`127.0.0.1:${port}`);
  const view = await waitUntil("its management has the client", async () => {
    return (await fetchConnections()).find(({ peer_host }) => peer_host === localAddress);
  });
  expect(view).toMatchObject({ peer_port: localPort, protocol: "MQTT 3.1.1" });
}

describe("RabbitMQ with mqtt.proxy_protocol", () => {
  it("knows clients by their own addresses, by headers of both versions", async () => {
    await Promise.all([expectKnown("v1", "127.0.0.21"), expectKnown("v2", "127.0.0.22")]);
  });

  it("is up, as checks with such headers say", async () => {
    await waitUntil("both are up", async () => {
      const servers = await fetchServerViews(scene.fairlead);
      return servers.every(({ state }) => state === "UP");
    });
  });
});
