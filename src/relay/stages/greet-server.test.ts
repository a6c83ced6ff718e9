import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../../tests/certificates.ts";
import { makeFrame } from "../../../tests/fixtures/frames.ts";
import { PLAIN_TRANSPORT } from "../../../tests/fixtures/plain-plan.ts";
import { closeAtEnd } from "../../../tests/process/close-at-end.ts";
import { CONNACK, CONNECT, PINGREQ, Scene } from "../../../tests/relay/relay-scene.ts";
import { TlsPeer } from "../../../tests/relay/tls-peer.ts";
import {
  certificatesOfTest,
  listenerPlan,
  NO_CLIENT_CERTIFICATE,
  serverPlan,
} from "../../../tests/tls/tls-scene.ts";
import type { ServerTransportPlan } from "../../shm/plan.ts";
import { ServerContexts } from "../../tls/server-contexts.ts";
import type { TlsContext } from "../../tls/tls-context.ts";
import { acceptOf } from "../../websocket/accept-key.ts";

const BINARY = 2;
const PING = 9;

let certificates: Certificates;
const opened: ServerContexts[] = [];
let server: TlsContext;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  server = serverContext();
});

afterAll(() => {
  for (const contexts of opened.splice(0)) contexts.free();
});

function serverContext(changes: Parameters<typeof listenerPlan>[1] = {}): TlsContext {
  const contexts = new ServerContexts(listenerPlan([certificates.server], changes), null);
  opened.push(contexts);
  return contexts.choose("")!;
}

/** Two servers that are spoken to in the same way, the first of which is dialled. */
function scene(changes: Partial<ServerTransportPlan>): Scene {
  const transport = { ...PLAIN_TRANSPORT, ...changes };
  return new Scene({
    servers: [{ transport }, { transport }],
    pool: { redispatches: 1, retries: 0 },
  });
}

function playServer(it: Scene, slot: number, context = server): TlsPeer {
  const peer = closeAtEnd(TlsPeer.server(it.io, slot, context));
  return peer;
}

const trusting = () => serverPlan({ authorities: certificates.ca.cert });
const WEBSOCKET = { path: "/mqtt", host: "broker.example:8083" };

/** What a server answers to a request to speak WebSocket. */
function agreeTo(request: string): Uint8Array {
  const [, key] = request.match(/^Sec-WebSocket-Key: (\S+)\r$/m) ?? [];
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptOf(key!)}`,
    "Sec-WebSocket-Protocol: mqtt",
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

describe("greetServer", () => {
  it("sends a PROXY header before the CONNECT", () => {
    const it = scene({ proxyProtocol: { version: 1, tlvs: [] } });
    const slot = it.relayed();
    const sent = Buffer.from(it.io.taken(slot ^ 1));
    const header = "PROXY TCP4 192.0.2.1 192.0.2.100 50000 1883\r\n";
    expect(sent.toString("latin1")).toBe(header + Buffer.from(CONNECT).toString("latin1"));
  });

  it("sends it before TLS, in the clear", () => {
    const it = scene({ proxyProtocol: { version: 1, tlvs: [] }, tls: trusting() });
    const slot = it.relayed();
    const sent = Buffer.from(it.io.socket(slot ^ 1).sent);
    const end = sent.indexOf("\r\n") + 2;
    expect([sent.subarray(0, 5).toString(), sent[end]]).toEqual(["PROXY", 0x16]);
  });
});

describe("TLS with a server", () => {
  it("is spoken before MQTT, and a server that is believed gets the CONNECT", () => {
    const it = scene({ tls: trusting() });
    const slot = it.relayed();
    const peer = playServer(it, slot ^ 1);
    peer.shakeHands();
    expect(peer.isOpen).toBe(true);
    expect(Uint8Array.from(peer.end.heard[0]!)).toEqual(CONNECT);
    peer.say(CONNACK);
    expect(it.io.taken(slot)).toEqual(CONNACK);
    expect(it.count("serverTlsHandshakes")).toBe(1);
  });

  it("is tried with another server when one is not believed; the log has why", () => {
    const it = scene({ tls: serverPlan({ authorities: certificates.otherCa.cert }) });
    const slot = it.relayed();
    playServer(it, slot ^ 1).shakeHands();
    expect(it.io.dials.map(({ address }) => address)).toEqual([0, 1]);
    it.io.establish(slot ^ 1);
    playServer(it, slot ^ 1).shakeHands();
    it.io.end(slot);
    const [record] = it.finished();
    expect(JSON.parse(new TextDecoder().decode(record!.detail))).toMatchObject({
      serverTls: { error: expect.stringMatching(/issuer certificate/) },
    });
    expect([it.context.transport.tlsSessions, ...it.leftovers()]).toEqual([0]);
  });

  it("that ends because of our certificate is tried elsewhere, however late it is told", () => {
    const clientCertificate = {
      ...NO_CLIENT_CERTIFICATE,
      mode: "required",
      authorities: certificates.ca.cert,
    } as const;
    const it = scene({ tls: trusting() });
    const slot = it.relayed();
    const asking = playServer(it, slot ^ 1, serverContext({ clientCertificate }));
    // Our handshake is complete, and the CONNECT on its way, when the alert comes.
    asking.shakeHands();
    expect(it.count("serverTlsHandshakes")).toBe(1);
    expect(it.io.dials.map(({ address }) => address)).toEqual([0, 1]);
    it.io.establish(slot ^ 1);
    const second = playServer(it, slot ^ 1);
    second.shakeHands();
    expect(Uint8Array.from(second.end.heard[0]!)).toEqual(CONNECT);
  });

  it("is not waited for beyond the dial timeout", () => {
    const it = scene({ tls: trusting() });
    it.relayed();
    it.io.pass(it.plan.pools[0]!.dialTimeoutMs + 1);
    expect(it.io.dials.map(({ address }) => address)).toEqual([0, 1]);
    expect(it.context.transport.tlsSessions).toBe(0);
  });
});

describe("WebSocket with a server", () => {
  it("is asked for, and MQTT goes in masked frames", () => {
    const it = scene({ websocket: WEBSOCKET });
    const slot = it.relayed();
    const request = Buffer.from(it.io.taken(slot ^ 1)).toString("latin1");
    expect(request).toMatch(/^GET \/mqtt HTTP\/1\.1\r\nHost: broker\.example:8083\r\n/);
    expect(request).toContain("Sec-WebSocket-Protocol: mqtt\r\n");
    it.io.bring(slot ^ 1, agreeTo(request));
    const frame = it.io.taken(slot ^ 1);
    expect([frame[0], frame[1]]).toEqual([0x82, 0x80 | CONNECT.length]);
    it.io.bring(slot ^ 1, makeFrame({ opcode: BINARY, masked: false, payload: CONNACK }));
    expect(it.io.taken(slot)).toEqual(CONNACK);
    it.io.bring(slot, PINGREQ);
    expect(it.io.taken(slot ^ 1).length).toBe(2 + 4 + PINGREQ.length);
  });

  it("takes an answer in pieces, with a ping behind it", () => {
    const it = scene({ websocket: WEBSOCKET });
    const slot = it.relayed();
    const request = Buffer.from(it.io.taken(slot ^ 1)).toString("latin1");
    const ping = makeFrame({ opcode: PING, masked: false });
    const answer = Buffer.concat([agreeTo(request), ping]);
    for (let at = 0; at < answer.length; at += 50) {
      it.io.bring(slot ^ 1, answer.subarray(at, at + 50));
    }
    const [first, second] = it.io.taken(slot ^ 1);
    expect([first, second]).toEqual([0x8a, 0x80]);
  });

  it.each([
    ["refuses", (_: string) => Buffer.from("HTTP/1.1 404 Not Found\r\n\r\n")],
    [
      "gives a wrong digest",
      (request: string) => {
        return Buffer.from(`${Buffer.from(agreeTo(request))}`.replace(/Accept: ../, "Accept: xx"));
      },
    ],
    ["speaks no HTTP", (_: string) => Buffer.from("220 broker.example ESMTP\r\n\r\n")],
    ["never ends", (_: string) => Buffer.from(`HTTP/1.1 101 A\r\n${"X: y\r\n".repeat(2_000)}`)],
    [
      "speaks MQTT at once",
      (request: string) => {
        const frame = makeFrame({ opcode: BINARY, masked: false, payload: CONNACK });
        return Buffer.concat([agreeTo(request), frame]);
      },
    ],
  ])("is tried with another server when one %s", (_, answer) => {
    const it = scene({ websocket: WEBSOCKET });
    const slot = it.relayed();
    for (const last of [1, 1]) {
      const request = Buffer.from(it.io.taken(slot ^ 1)).toString("latin1");
      it.io.bring(slot ^ 1, answer(request));
      expect(it.lastDialled).toBe(last);
      if (it.io.socket(slot ^ 1).phase === "connecting") it.io.establish(slot ^ 1);
    }
    it.io.end(slot);
    expect(it.reasons()).toEqual(["server-upgrade-refused"]);
    expect(it.leftovers()).toEqual([]);
  });

  it("comes behind TLS where a pool has both", () => {
    const it = scene({ tls: trusting(), websocket: WEBSOCKET });
    const slot = it.relayed();
    const peer = playServer(it, slot ^ 1);
    peer.shakeHands();
    const request = `${peer.end.heard[0]}`;
    expect(request).toMatch(/^GET \/mqtt /);
    peer.say(agreeTo(request));
    expect([...peer.listen().subarray(0, 2)]).toEqual([0x82, 0x80 | CONNECT.length]);
  });
});
