import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import {
  certificatePlan,
  certificatesOfTest,
  listenerPlan,
  serverPlan,
  TlsScene,
} from "../../tests/tls/tls-scene.ts";
import type { TlsListenerPlan, TlsServerPlan } from "../shm/plan.ts";
import { ClientHelloReader } from "./client-hello.ts";
import { ERR_peek_error } from "./libssl.ts";
import { makeClientContext, makeServerContext, type TlsContext } from "./tls-context.ts";

let certificates: Certificates;
let scene: TlsScene;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  scene = new TlsScene();
});

afterAll(() => scene.destroy());

function serverContext(changes: Partial<TlsListenerPlan> = {}): TlsContext {
  return makeServerContext({
    plan: listenerPlan([certificates.server], changes),
    certificates: [certificatePlan(certificates.server)],
    trust: null,
    tickets: null,
  });
}

/** What a session is once both have shaken hands. */
function agreed(listener: Partial<TlsListenerPlan>, server: Partial<TlsServerPlan> = {}) {
  const contexts = [makeClientContext(serverPlan(server)), serverContext(listener)] as const;
  const isOpen = scene.connect(0, ...contexts);
  const { engine } = scene.server;
  const facts = isOpen
    ? { version: engine.version(0), cipher: engine.cipher(0), alpn: engine.alpn(0) }
    : null;
  expect(scene.client.engine.alpn(0)).toBe(facts?.alpn ?? "");
  scene.free(0);
  for (const context of contexts) context.free();
  return facts;
}

describe("a server's context", () => {
  it("keeps to its versions", () => {
    expect(agreed({})?.version).toBe("TLSv1.3");
    expect(agreed({ versionMax: "1.2" })?.version).toBe("TLSv1.2");
    expect(agreed({ versionMin: "1.3" }, { versionMax: "1.2" })).toBe(null);
  });

  it("keeps to its ciphers, in its own order", () => {
    const cipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";
    expect(agreed({ cipherSuites })?.cipher).toBe("TLS_AES_128_GCM_SHA256");
    const ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384";
    expect(agreed({ ciphers, versionMax: "1.2" })?.cipher).toBe("ECDHE-ECDSA-AES128-GCM-SHA256");
  });

  it("chooses a protocol by its own preference, and goes on where there is none", () => {
    expect(agreed({ alpn: ["mqtt", "x"] }, { alpn: ["x", "mqtt"] })?.alpn).toBe("mqtt");
    expect(agreed({ alpn: ["mqtt"] }, { alpn: ["h2"] })?.alpn).toBe("");
    expect(agreed({ alpn: ["mqtt"] })?.alpn).toBe("");
    expect(agreed({}, { alpn: ["mqtt"] })?.alpn).toBe("");
  });

  it("forgets its protocols when it is freed under a handshake", () => {
    const context = serverContext({ alpn: ["mqtt"] });
    const client = makeClientContext(serverPlan({ alpn: ["mqtt"] }));
    scene.server.engine.accept(0, context);
    context.free();
    scene.client.engine.connect(0, client);
    scene.pump(0, scene.client.take(0), scene.server);
    expect([scene.isOpen(0), scene.server.engine.alpn(0)]).toEqual([true, ""]);
    scene.free(0);
    client.free();
  });

  it("names what OpenSSL has against a setting", () => {
    expect(() => serverContext({ ciphers: "NONSENSE" })).toThrow(
      'Cannot use TLS ciphers "NONSENSE": no cipher match',
    );
    expect(() => serverContext({ cipherSuites: "TLS_NONSENSE" })).toThrow(
      'Cannot use TLS 1.3 cipher suites "TLS_NONSENSE"',
    );
    expect(() => serverContext({ groups: "P-1" })).toThrow('Cannot use TLS groups "P-1"');
    expect(() => serverContext({ alpn: [""] })).toThrow('Cannot offer ALPN protocol ""');
    expect(ERR_peek_error()).toBe(0);
  });
});

describe("a client's context", () => {
  it("sends its server's name, unless that is an address", () => {
    const context = serverContext();
    const named = ["localhost", "127.0.0.1", "::1", ""].map((serverName) => {
      const client = makeClientContext(serverPlan({ serverName }));
      scene.connect(0, client, context);
      const name = scene.server.engine.serverName(0);
      scene.free(0);
      client.free();
      return name;
    });
    expect(named).toEqual(["localhost", "", "", ""]);
    context.free();
  });

  it("makes a ClientHello that says what it is set to", () => {
    const client = makeClientContext(serverPlan({ alpn: ["mqtt", "x"], versionMin: "1.3" }));
    scene.client.engine.connect(0, client);
    const hello = scene.client.take(0);
    scene.client.engine.free(0);
    client.free();
    const reader = new ClientHelloReader();
    expect(reader.read(hello, 0, hello.length)).toBe(hello.length);
    expect([reader.serverName, ...reader.alpn]).toEqual(["localhost", "mqtt", "x"]);
    // The extension supported_versions, with TLS 1.3 and nothing else [RFC 8446, 4.2.1].
    expect(Buffer.from(hello).includes(Buffer.of(0, 43, 0, 3, 2, 3, 4))).toBe(true);
  });

  it("wants authorities that are some, and a key that is its certificate's", () => {
    expect(() => makeClientContext(serverPlan({ authorities: "" }))).toThrow(
      "Cannot find a certificate in the authorities of server certificates",
    );
    const certificate = { chain: certificates.client.cert, key: certificates.server.key };
    expect(() => makeClientContext(serverPlan({ certificate }))).toThrow(
      '/CN=device-1": its private key belongs to another certificate',
    );
    expect(ERR_peek_error()).toBe(0);
  });
});
