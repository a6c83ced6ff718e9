import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { IPublishPacket } from "mqtt-packet";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createWebSocketStream, WebSocketServer } from "ws";
import { type Certificates, makeCertificates } from "../../tests/certificates.ts";
import { LoadUnderTest } from "../../tests/fixtures/load-under-test.ts";
import { ACCEPT, ScriptedBroker } from "../../tests/fixtures/scripted-broker.ts";
import { serverPlan } from "../../tests/tls/tls-scene.ts";
import type { TlsServerPlan } from "../shm/plan.ts";
import type { LoadTransport } from "./layered-io.ts";
import type { LoadOrder } from "./load-order.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-layered-"));
const fronts: Server[] = [];
let certificates: Certificates;
let broker: ScriptedBroker;
let load: LoadUnderTest;

beforeAll(async () => {
  certificates = await makeCertificates(folder);
});

afterEach(() => {
  load.end();
  broker.close();
  for (const front of fronts.splice(0)) front.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Something in front of the broker that speaks what the load must. */
async function listen(front: Server): Promise<number> {
  fronts.push(front);
  await new Promise<void>((done) => front.listen(0, "127.0.0.1", done));
  return (front.address() as AddressInfo).port;
}

function toBroker(client: Duplex): void {
  const server = connect(broker.port, "127.0.0.1");
  client.pipe(server).pipe(client);
  for (const end of [client, server]) {
    end.on("error", () => {
      client.destroy();
      server.destroy();
    });
  }
}

function tlsFront(onClient: (client: TLSSocket) => void = toBroker): Server {
  const { cert, key } = certificates.server;
  return createTlsServer({ cert, key }, onClient);
}

function webSocketFront(isSecure: boolean): Server {
  const sockets = new WebSocketServer({ noServer: true });
  const http = createHttpServer();
  http.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      toBroker(createWebSocketStream(client));
    });
  });
  return isSecure ? tlsFront((client) => http.emit("connection", client)) : http;
}

function tls(wishes: Partial<TlsServerPlan> = {}): TlsServerPlan {
  return serverPlan({ authorities: certificates.ca.cert, ...wishes });
}

async function run(
  transport: LoadTransport,
  front: Server,
  connectionCount = 3,
  more: Partial<LoadOrder> = {},
): Promise<void> {
  broker = await ScriptedBroker.start(({ cmd, messageId }) => {
    if (cmd === "connect") return [ACCEPT];
    return cmd === "publish" ? [{ cmd: "puback", messageId: messageId! }] : [];
  });
  const port = await listen(front);
  const payload = new Uint8Array(100_000).fill(7);
  const wishes = { kind: "ping", qos: 1, connectionCount, payload, transport } as const;
  load = new LoadUnderTest({ ...wishes, messagesMax: 9, ...more }, port);
  await load.until(() => load.count("settled") === connectionCount);
}

const WEBSOCKET = { host: "localhost", path: "/mqtt" };

describe("LayeredIo", () => {
  it.each(["mqtts", "ws", "wss"] as const)("carries MQTT over %s, both ways", async (protocol) => {
    const plan = {
      tls: protocol === "ws" ? null : tls(),
      resumes: true,
      websocket: protocol === "mqtts" ? null : WEBSOCKET,
    };
    await run(plan, protocol === "mqtts" ? tlsFront() : webSocketFront(protocol === "wss"));
    expect(load.failures).toEqual([]);
    load.go();
    await load.until(() => load.count("acknowledged") === 9);
    const sizes = broker.of("publish").map((packet) => (packet as IPublishPacket).payload.length);
    expect(sizes).toEqual(Array(9).fill(100_000));
  });

  it.each([true, false])("goes on with an earlier session where it may: %s", async (resumes) => {
    const seen: boolean[] = [];
    const front = tlsFront((client) => {
      seen.push(client.isSessionReused());
      toBroker(client);
    });
    await run({ tls: tls(), resumes, websocket: null }, front, 1, { isCycling: true });
    await load.until(() => seen.length >= 3);
    expect(seen.slice(0, 3)).toEqual([false, resumes, resumes]);
  });

  it("counts a server that is not to be trusted as one that cannot be reached", async () => {
    const plan = { tls: tls({ serverName: "elsewhere.test" }), resumes: true, websocket: null };
    await run(plan, tlsFront(), 2);
    expect(load.failures).toEqual(["cannot connect: EPROTO: 2"]);
  });
});
