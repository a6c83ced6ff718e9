// Bans before a real broker that refuses everybody, with MQTT.js and mosquitto_pub, in 3.1.1 and
// 5.0, on plain, TLS and WebSocket listeners: by client id with an answer, by address at once;
// listed and lifted through the API.
import { once } from "node:events";
import { createConnection } from "node:net";
import type { IClientOptions } from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { waitForReason } from "./balancer.ts";
import { JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { runFairlead } from "./fairlead.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { RawClient } from "./raw-clients.ts";
import { tryTls } from "./tls-clients.ts";

const TRANSPORTS = ["plain", "tls", "wss"] as const;
type Transport = (typeof TRANSPORTS)[number];
const SCHEMES = { plain: "mqtt", tls: "mqtts", wss: "wss" } as const;
const INTRUDER = "127.0.0.66";

let certificates: Certificates;
let locked: Mosquitto;
let open: Mosquitto;
let scene: ManyListeners<Transport | "byAddress" | "byNetworkTls">;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  locked = await Mosquitto.start({ config: ["allow_anonymous false"] });
  open = await Mosquitto.start();
  const { server } = certificates;
  const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
  const keys = { pool: "locked", bans: { perClientId: { failures: "3/h", time: "1h" } } };
  scene = await ManyListeners.start({
    workers: 2,
    listeners: {
      plain: keys,
      tls: { ...keys, tls },
      wss: { ...keys, tls, websocket: {} },
      byAddress: { bans: { perAddress: { failures: "4/h", time: "1h" } } },
      byNetworkTls: { tls, bans: { perNetwork: { failures: "2/h", ipv4: 32 } } },
    },
    pools: { locked: { servers: [locked.address] }, brokers: { servers: [open.address] } },
  });
});

afterAll(async () => {
  await scene.end();
  await Promise.all([locked.close(), open.close()]);
});

interface ShownBan {
  readonly listener: string;
  readonly by: string;
  readonly key: string;
}

async function bansAt(listener: string): Promise<readonly ShownBan[]> {
  const { bans } = JSON.parse(await scene.fairlead.fetchPage("/api/v1/bans")) as {
    readonly bans: readonly ShownBan[];
  };
  return bans.filter((ban) => ban.listener === listener);
}

async function lift(path: string): Promise<void> {
  const url = `http://127.0.0.1:${scene.fairlead.adminPort}/api/v1/bans/${path}`;
  const response = await fetch(url, { method: "DELETE", headers: { "fairlead-request": "1" } });
  expect(await response.json()).toEqual({ removed: true });
}

it.each(
  TRANSPORTS.flatMap((transport) => [
    [transport, 4, 5, 5] as const,
    [transport, 5, 0x87, 0x8a] as const,
  ]),
)(
  "a client id that its broker refuses is banned: %s, version %i",
  async (at, version, code, ban) => {
    const url = `${SCHEMES[at]}://127.0.0.1:${scene.ports[at]}/mqtt`;
    const clientId = `guess-${version}`;
    const options: IClientOptions = {
      ca: certificates.ca.cert,
      clientId,
      protocolVersion: version,
    };
    const knock = () => JsClient.connectTo(url, options);
    for (let visit = 0; visit < 3; visit++) await expect(knock()).rejects.toMatchObject({ code });
    const { fairlead } = scene;
    const dials = await fairlead.fetchMetric("fairlead_dials_total");
    await expect(knock()).rejects.toMatchObject({ code: ban });
    expect(await waitForReason(fairlead, "banned")).toHaveProperty("clientId");
    // Its broker did not hear of it.
    await expect.poll(() => fairlead.fetchMetric("fairlead_dials_total")).toBe(dials);
    const shown = { by: "client-id", key: clientId, cause: "server-refused" };
    expect(await bansAt(at)).toContainEqual(expect.objectContaining(shown));
    await lift(`${at}/client-id/${clientId}`);
    await expect(knock()).rejects.toMatchObject({ code });
  },
);

it("mosquitto_pub hears of it in its own words, until an operator lifts it", async () => {
  const publish = ["-V", "mqttv5", "-i", "pub", "-t", "a", "-m", "b"];
  const { plain } = scene.ports;
  const ctl = (...words: readonly string[]) =>
    runFairlead("ctl", "--url", `127.0.0.1:${scene.fairlead.adminPort}`, ...words);
  for (let visit = 0; visit < 3; visit++) {
    await expect(mosquittoPub(plain, ...publish)).rejects.toThrow(/not authori[sz]ed/i);
  }
  await expect(mosquittoPub(plain, ...publish)).rejects.toThrow(/banned/i);
  await scene.fairlead.waitForLog("the ban is told", ({ event, state, key }) => {
    return event === "ban" && state === "banned" && key === "pub";
  });
  expect((await ctl("bans")).stdout).toMatch(/^plain +client-id +pub +3 +server-refused /m);
  expect(await ctl("bans", "lift", "pub")).toMatchObject({ exitCode: 0, stderr: "" });
  await expect(mosquittoPub(plain, ...publish)).rejects.toThrow(/not authori[sz]ed/i);
  expect((await ctl("bans", "lift", "pub")).exitCode).toBe(3);
  expect((await ctl("events")).stdout).toContain("client-id pub at plain: lifted, server-refused");
  await expect
    .poll(() => scene.fairlead.fetchMetric("fairlead_bans_lifted_total"))
    .toBeGreaterThan(0);
});

/** Says something that is no MQTT, and waits until it is closed. */
async function shout(port: number): Promise<void> {
  const socket = createConnection({ host: "127.0.0.1", port, localAddress: INTRUDER });
  socket.on("error", () => socket.destroy());
  socket.write("GET / HTTP/1.1\r\n\r\n");
  socket.resume();
  await once(socket, "close");
}

it("an address that says no MQTT is banned, alone, until that is lifted", async () => {
  const port = scene.ports.byAddress;
  for (let visit = 0; visit < 4; visit++) await shout(port);
  const { fairlead } = scene;
  const reason = await fairlead.waitForLog("the ban is in the log", (entry) => {
    return entry["ban"] === `address ${INTRUDER} for 3600 s`;
  });
  expect(reason).toMatchObject({ reason: "http-on-mqtt-port" });
  expect(await bansAt("byAddress")).toMatchObject([{ by: "address", key: INTRUDER }]);
  const served = closeAtEnd(await RawClient.connect({ port, clientId: "neighbour" }));
  expect(served.clientId).toBe("neighbour");
  const publish = ["-A", INTRUDER, "-t", "a", "-m", "b"];
  await expect(mosquittoPub(port, ...publish)).rejects.toThrow(/lost|reset/i);
  await lift(`byAddress/address/${INTRUDER}`);
  await mosquittoPub(port, ...publish);
});

it("handshakes that fail lead to a ban before the next one", async () => {
  const options = { port: scene.ports.byNetworkTls, localAddress: INTRUDER };
  const old = { ...options, minVersion: "TLSv1.1", maxVersion: "TLSv1.1" } as const;
  for (let visit = 0; visit < 2; visit++) {
    expect((await tryTls({ ...old, ciphers: "DEFAULT@SECLEVEL=0" })).accepted).toBe(false);
  }
  // Its alert reaches a client before the failure is counted.
  await expect.poll(() => bansAt("byNetworkTls")).toMatchObject([{ by: "network", key: INTRUDER }]);
  const banned = await tryTls(options);
  expect(banned).toMatchObject({ accepted: false, protocol: null });
  expect((await tryTls({ port: options.port })).accepted).toBe(true);
  await expect.poll(() => scene.fairlead.fetchMetric("fairlead_bans_total")).toBeGreaterThan(1);
});
