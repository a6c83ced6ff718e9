import { beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import { PLAIN_TRANSPORT } from "../../tests/fixtures/plain-plan.ts";
import { closeAtEnd } from "../../tests/process/close-at-end.ts";
import { parseTlvs, parseV2 } from "../../tests/process/header-recorder.ts";
import { CONNECT, Scene, type SceneOptions } from "../../tests/relay/relay-scene.ts";
import { TlsPeer } from "../../tests/relay/tls-peer.ts";
import { certificatesOfTest, listenerPlan, serverPlan } from "../../tests/tls/tls-scene.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { TLV_NAMES, type TlvName } from "../proxy-protocol/tlv-name.ts";
import { makeClientContext } from "../tls/tls-context.ts";

let certificates: Certificates;

beforeAll(async () => {
  certificates = await certificatesOfTest();
});

function scene(version: 1 | 2, tlvs: readonly TlvName[], options: SceneOptions = {}): Scene {
  const transport = { ...PLAIN_TRANSPORT, proxyProtocol: { version, tlvs } };
  return new Scene({ ...options, servers: [{ transport }] });
}

/** What came before the CONNECT at the server of a plain client. */
function headerOf(it: Scene, peer?: Parameters<Scene["client"]>[1]): Buffer {
  const slot = it.relayed(CONNECT, peer);
  return Buffer.from(it.io.taken(slot ^ 1)).subarray(0, -CONNECT.length);
}

/** The same of a client that speaks TLS. */
function headerOverTls(tlvs: readonly TlvName[], certificate: boolean): Buffer {
  const clientCertificate = {
    mode: "optional",
    authorities: certificates.ca.cert,
    revoked: "",
    depth: 2,
  } as const;
  const tls = listenerPlan([certificates.server], { alpn: ["mqtt"], clientCertificate });
  const it = scene(2, tlvs, { listener: { tls } });
  const slot = it.io.accept();
  const { cert: chain, key } = certificates.client;
  const plan = { alpn: ["mqtt"], serverName: "mqtt.fairlead.test", authorities: null };
  const own = certificate ? { chain, key } : null;
  const context = makeClientContext(serverPlan({ ...plan, certificate: own }));
  const peer = closeAtEnd(TlsPeer.client(it.io, slot, context));
  peer.shakeHands();
  peer.say(CONNECT);
  it.io.establish(slot ^ 1);
  context.free();
  return Buffer.from(it.io.taken(slot ^ 1)).subarray(0, -CONNECT.length);
}

describe("writeProxyHeader", () => {
  it("names the client and where it connected to, in both versions", () => {
    const text = "PROXY TCP4 192.0.2.1 192.0.2.100 50000 1883\r\n";
    expect(headerOf(scene(1, [])).toString()).toBe(text);
    const header = parseV2(headerOf(scene(2, [])));
    expect(header).toMatchObject({
      ...{ command: 1, family: 0x11 },
      addresses: "192.0.2.1:50000 192.0.2.100:1883",
    });
    expect(header.tlvs.size).toBe(0);
  });

  it("names both in IPv6 when one of them has no other address", () => {
    const { family } = parseV2(headerOf(scene(2, []), makeEndpoint("2001:db8::7", 40_000)!));
    expect(family).toBe(0x21);
  });

  it("passes on whom a header named, and to where", () => {
    const named = scene(2, [], {
      listener: { proxyProtocol: { mode: "required", from: [], deadlineMs: 1_000 } },
    });
    const line = Buffer.from("PROXY TCP4 203.0.113.7 198.51.100.1 40000 8883\r\n");
    const slot = named.relayed(Buffer.concat([line, CONNECT]));
    const header = Buffer.from(named.io.taken(slot ^ 1)).subarray(0, -CONNECT.length);
    expect(parseV2(header).addresses).toBe("203.0.113.7:40000 198.51.100.1:8883");
  });

  it("leaves out what a client without TLS has not got", () => {
    const { tlvs } = parseV2(headerOf(scene(2, TLV_NAMES)));
    expect([...tlvs.keys()].sort()).toEqual([0x03, 0x05]);
  });

  it("has an id of its own for each connection", () => {
    const it = scene(2, ["unique-id"]);
    const ids = [1, 2].map(() => `${parseV2(headerOf(it)).tlvs.get(0x05)}`);
    expect(new Set(ids).size).toBe(2);
  });
});

describe("the TLVs of a client with TLS", () => {
  it("say what was agreed on and whose certificate was shown", () => {
    const { tlvs } = parseV2(headerOverTls(TLV_NAMES, true));
    expect([`${tlvs.get(0x01)}`, `${tlvs.get(0x02)}`]).toEqual(["mqtt", "mqtt.fairlead.test"]);
    const ssl = tlvs.get(0x20)!;
    expect(ssl.subarray(0, 5).toString("hex")).toBe("0700000000");
    const inside = [...parseTlvs(ssl.subarray(5))].map(([type, value]) => [type, `${value}`]);
    expect(Object.fromEntries(inside)).toEqual({
      33: "TLSv1.3",
      34: "device-1",
      35: expect.stringMatching(/^TLS_/),
      36: "ecdsa-with-SHA256",
      37: "EC256",
    });
  });

  it("say nothing of a certificate where none was shown", () => {
    const ssl = parseV2(headerOverTls(TLV_NAMES, false)).tlvs.get(0x20)!;
    expect(ssl[0]).toBe(1);
    expect(parseTlvs(ssl.subarray(5)).has(0x22)).toBe(false);
  });

  it("are those that were asked for and no others", () => {
    const { tlvs } = parseV2(headerOverTls(["ssl"], true));
    expect([...tlvs.keys()]).toEqual([0x20]);
    expect([...parseTlvs(tlvs.get(0x20)!.subarray(5)).keys()]).toEqual([0x21]);
  });
});
