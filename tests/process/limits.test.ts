// Limits by key before a real broker, with clients that we did not write: connections at once and
// a second, by certificate, client id, user name, address and network, in 3.1.1 and 5.0.
import { once } from "node:events";
import { createConnection } from "node:net";
import type { IClientOptions } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { waitForEnd, waitForReason } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";

const LISTENERS = ["byCertificate", "byUser", "byClient", "byNetwork"] as const;

let certificates: Certificates;
let broker: Mosquitto;
let scene: ManyListeners<(typeof LISTENERS)[number]>;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  broker = await Mosquitto.start();
  const { ca, server } = certificates;
  const tls = {
    certificates: [{ certificate: server.certFile, key: server.keyFile }],
    clientCertificate: { authorities: ca.certFile },
  };
  scene = await ManyListeners.start({
    workers: 2,
    listeners: {
      byCertificate: { tls, limits: { perCertificate: { connections: 2 } } },
      byUser: { limits: { perUserName: { connections: 1 }, perAddress: { connections: 50 } } },
      byClient: { websocket: {}, limits: { perClientId: { rate: "2/h" } } },
      byNetwork: { limits: { perNetwork: { connections: 1 } } },
    },
    pools: { brokers: { servers: [broker.address] } },
  });
});

afterAll(async () => {
  await scene.end();
  await broker.close();
});

async function connect(url: string, options: IClientOptions): Promise<JsClient> {
  return closeAtEnd(await JsClient.connectTo(url, options));
}

describe.each([
  [4, 3],
  [5, 0x97],
] as const)("version %i", (version, code) => {
  it("one certificate has so many connections, another one its own", async () => {
    const url = `mqtts://127.0.0.1:${scene.ports.byCertificate}`;
    const { ca, client, clientRsa } = certificates;
    const as = ({ cert, key }: typeof client, clientId: string): IClientOptions => {
      return { ca: ca.cert, cert, key, clientId, protocolVersion: version };
    };
    const clients = [1, 2].map((i) => connect(url, as(client, `cert-${version}-${i}`)));
    await Promise.all(clients);
    const third = `cert-${version}-3`;
    await expect(connect(url, as(client, third))).rejects.toMatchObject({ code });
    expect(await waitForEnd(scene.fairlead, third)).toMatchObject({
      reason: "connections-over-limit",
      refusal: "too many connections with this certificate",
    });
    await connect(url, as(clientRsa, `cert-${version}-4`));
    for (const each of clients) await (await each).close();
    for (const i of [1, 2]) await waitForEnd(scene.fairlead, `cert-${version}-${i}`);
  });

  it("one user has so many connections", async () => {
    const url = `mqtt://127.0.0.1:${scene.ports.byUser}`;
    const as = (username: string, clientId: string): IClientOptions => {
      return { username, password: "x", clientId, protocolVersion: version };
    };
    await connect(url, as(`anna-${version}`, `first-${version}`));
    const second = connect(url, as(`anna-${version}`, `second-${version}`));
    await expect(second).rejects.toMatchObject({ code });
    await connect(url, as(`bert-${version}`, `third-${version}`));
  });

  it("one client id comes so often", async () => {
    const url = `ws://127.0.0.1:${scene.ports.byClient}/mqtt`;
    const options: IClientOptions = { clientId: `often-${version}`, protocolVersion: version };
    for (let visit = 0; visit < 2; visit++) await (await connect(url, options)).close();
    const tooOften = version === 5 ? 0x9f : code;
    await expect(connect(url, options)).rejects.toMatchObject({ code: tooOften });
    await connect(url, { ...options, clientId: `seldom-${version}` });
    expect(await waitForReason(scene.fairlead, "connects-over-limit")).toMatchObject({
      refusal: "connections with this client id come too often",
    });
  });
});

it("one network has so many connections; the next one is closed unheard, and counted", async () => {
  await connect(`mqtt://127.0.0.1:${scene.ports.byNetwork}`, { clientId: "inside" });
  const before = await scene.fairlead.fetchMetric("fairlead_refused_by_limits_total");
  const neighbour = createConnection({
    host: "127.0.0.1",
    port: scene.ports.byNetwork,
    localAddress: "127.0.0.77",
  });
  neighbour.on("error", () => neighbour.destroy());
  await once(neighbour, "close");
  await expect
    .poll(() => scene.fairlead.fetchMetric("fairlead_refused_by_limits_total"))
    .toBe(before + 1);
});
