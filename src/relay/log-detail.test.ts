import { beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import { closeAtEnd } from "../../tests/process/close-at-end.ts";
import { CONNECT, Scene } from "../../tests/relay/relay-scene.ts";
import { TlsPeer } from "../../tests/relay/tls-peer.ts";
import { certificatesOfTest, listenerPlan, serverPlan } from "../../tests/tls/tls-scene.ts";
import { makeClientContext } from "../tls/tls-context.ts";

let certificates: Certificates;

beforeAll(async () => {
  certificates = await certificatesOfTest();
});

/** A scene that ends TLS and asks for certificates, and a client that has said hello. */
function secure(plan: Parameters<typeof serverPlan>[0] = {}) {
  const clientCertificate = {
    mode: "optional",
    authorities: certificates.ca.cert,
    revoked: "",
    depth: 2,
  } as const;
  const tls = listenerPlan([certificates.server], { alpn: ["mqtt"], clientCertificate });
  const scene = new Scene({ listener: { tls } });
  const slot = scene.io.accept();
  const context = makeClientContext(serverPlan(plan));
  const peer = closeAtEnd(TlsPeer.client(scene.io, slot, context));
  context.free();
  return { scene, slot, peer };
}

/** What the log says of the only connection that has ended. */
function detailOf(scene: Scene): unknown {
  const [record, ...others] = scene.finished();
  expect(others).toEqual([]);
  const { detail } = record!;
  return detail.length === 0 ? null : JSON.parse(new TextDecoder().decode(detail));
}

describe("rememberDetail", () => {
  it("has nothing to say of a plain connection", () => {
    const scene = new Scene();
    const slot = scene.relayed();
    scene.io.break(slot, 104);
    expect(detailOf(scene)).toBeNull();
  });

  it("says how TLS was spoken and whose certificate was shown", () => {
    const { cert: chain, key } = certificates.client;
    const { scene, slot, peer } = secure({ alpn: ["mqtt"], certificate: { chain, key } });
    peer.shakeHands();
    peer.say(CONNECT);
    scene.io.establish(slot ^ 1);
    scene.io.break(slot, 104);
    expect(detailOf(scene)).toEqual({
      tls: {
        version: "TLSv1.3",
        cipher: expect.stringMatching(/^TLS_/),
        resumed: false,
        serverName: "localhost",
        alpn: "mqtt",
        clientCertificate: {
          commonName: "device-1",
          subject: expect.stringMatching(/O ?= ?Fairlead/),
        },
      },
    });
    expect(scene.context.details.size).toBe(0);
  });

  it("says why TLS broke", () => {
    const { scene, slot, peer } = secure();
    scene.io.bring(slot, peer.takeFlight());
    scene.io.bring(slot, [0x16, 3, 3, 0, 2, 1, 2]);
    if (scene.io.openSlots.includes(slot)) scene.io.end(slot);
    expect(detailOf(scene)).toMatchObject({ tls: { error: expect.stringMatching(/./) } });
  });

  it("has nothing but the layer when a handshake was left in the middle", () => {
    const { scene, slot, peer } = secure();
    scene.io.bring(slot, peer.takeFlight());
    scene.io.end(slot);
    expect(detailOf(scene)).toEqual({ tls: {} });
  });

  it("says that frames were spoken", () => {
    const websocket = { paths: ["/mqtt"], origins: [], frameSizeMaxBytes: 100, deadlineMs: 1_000 };
    const scene = new Scene({ listener: { websocket } });
    const slot = scene.client(
      Buffer.from(
        "GET /mqtt HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      ),
    );
    scene.io.break(slot, 104);
    expect(detailOf(scene)).toEqual({ websocket: true });
  });
});
