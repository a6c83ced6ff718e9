import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates, Credentials } from "../../tests/certificates.ts";
import {
  certificatesOfTest,
  listenerPlan,
  NO_CLIENT_CERTIFICATE,
  serverPlan,
  TlsScene,
} from "../../tests/tls/tls-scene.ts";
import type { TlsListenerPlan, TlsServerPlan } from "../shm/plan.ts";
import { ERR_peek_error } from "./libssl.ts";
import { ServerContexts } from "./server-contexts.ts";
import { TicketKeys } from "./ticket-keys.ts";
import { makeClientContext } from "./tls-context.ts";
import { TLS_FAILURE, TLS_FAILURES, takeFailure } from "./tls-failure.ts";

let certificates: Certificates;
let scene: TlsScene;
const tickets = new TicketKeys();

beforeAll(async () => {
  certificates = await certificatesOfTest();
  scene = new TlsScene();
});

afterAll(() => scene.destroy());

interface Outcome {
  /** "none" where the handshake was done. */
  readonly client: string;
  readonly server: string;
  /** The alert that reached the other side. */
  readonly alert: number;
  readonly detail: string;
}

function shakeHands(listener: TlsListenerPlan, server: TlsServerPlan): Outcome {
  const contexts = new ServerContexts(listener, tickets);
  const client = makeClientContext(server);
  scene.connect(0, client, contexts.choose("")!);
  const outcome = {
    client: scene.client.failure(0),
    server: scene.server.failure(0),
    alert: Math.max(scene.client.engine.alert(0), scene.server.engine.alert(0)),
    detail: scene.server.engine.failureDetail(),
  };
  scene.free(0);
  contexts.free();
  client.free();
  expect(ERR_peek_error()).toBe(0);
  return outcome;
}

/** What a server that asks for certificates makes of a client with this one. */
function showing(
  shown: Credentials | null,
  changes: Partial<TlsListenerPlan["clientCertificate"]> = {},
  versionMax: "1.2" | "1.3" = "1.3",
): Outcome {
  const clientCertificate = {
    ...NO_CLIENT_CERTIFICATE,
    mode: "required" as const,
    authorities: certificates.ca.cert,
    ...changes,
  };
  const certificate = shown === null ? null : { chain: shown.cert, key: shown.key };
  return shakeHands(
    listenerPlan([certificates.server], { clientCertificate }),
    serverPlan({ certificate, versionMax }),
  );
}

const GOOD = { client: "none", server: "none", alert: 0 };
// RFC 8446, 6.2
const BAD_CERTIFICATE = 42;
const CERTIFICATE_REVOKED = 44;
const CERTIFICATE_EXPIRED = 45;
const UNKNOWN_CA = 48;
const HANDSHAKE_FAILURE = 40;
const PROTOCOL_VERSION = 70;
const CERTIFICATE_REQUIRED = 116;

describe("a client's certificate", () => {
  it.each(["1.2", "1.3"] as const)("is taken when it is good, by TLS %s", (version) => {
    expect(showing(certificates.client, {}, version)).toMatchObject(GOOD);
    expect(showing(certificates.clientRsa, {}, version)).toMatchObject(GOOD);
    expect(showing(certificates.clientChained, {}, version)).toMatchObject(GOOD);
  });

  it("is missed when it is required, with the alert of each version", () => {
    expect(showing(null)).toMatchObject({
      server: "certificate-required",
      client: "peer-alert",
      alert: CERTIFICATE_REQUIRED,
      detail: "peer did not return a certificate",
    });
    expect(showing(null, {}, "1.2")).toMatchObject({
      server: "certificate-required",
      alert: HANDSHAKE_FAILURE,
    });
  });

  it("is not missed when it is optional, and refused when it is bad", () => {
    expect(showing(null, { mode: "optional" })).toMatchObject(GOOD);
    expect(showing(certificates.clientUnknown, { mode: "optional" })).toMatchObject({
      server: "certificate-unknown-authority",
    });
  });

  it("is refused when it has expired or is not valid yet", () => {
    expect(showing(certificates.clientExpired)).toMatchObject({
      server: "certificate-expired",
      client: "peer-alert",
      alert: CERTIFICATE_EXPIRED,
      detail: "certificate verify failed: certificate has expired",
    });
    expect(showing(certificates.clientNotYetValid)).toMatchObject({
      server: "certificate-not-yet-valid",
      alert: BAD_CERTIFICATE,
    });
  });

  it("is refused when nobody knows who signed it", () => {
    const refused = { server: "certificate-unknown-authority", alert: UNKNOWN_CA };
    expect(showing(certificates.clientUnknown)).toMatchObject(refused);
    expect(showing(certificates.otherCa)).toMatchObject(refused);
  });

  it("is refused when it was revoked, and only then", () => {
    const revoked = certificates.crl.text;
    expect(showing(certificates.clientRevoked)).toMatchObject(GOOD);
    expect(showing(certificates.client, { revoked })).toMatchObject(GOOD);
    expect(showing(certificates.clientRevoked, { revoked })).toMatchObject({
      server: "certificate-revoked",
      alert: CERTIFICATE_REVOKED,
    });
  });

  it("is refused when there is no list of its issuer to look at", () => {
    const revoked = certificates.crl.text;
    expect(showing(certificates.clientChained, { revoked })).toMatchObject({
      server: "certificate-revocation-unknown",
    });
    const both = revoked + certificates.intermediateCrl.text;
    expect(showing(certificates.clientChained, { revoked: both })).toMatchObject(GOOD);
  });

  it("is refused when its chain is too long or it was made for servers", () => {
    expect(showing(certificates.clientChained, { depth: 0 })).toMatchObject({
      server: "certificate-invalid",
    });
    expect(showing(certificates.clientWrongPurpose)).toMatchObject({
      server: "certificate-invalid",
      detail: expect.stringMatching(/purpose/),
    });
  });
});

describe("a server's certificate", () => {
  function seen(shown: Credentials, changes: Partial<TlsServerPlan> = {}): Outcome {
    const plan = serverPlan({ authorities: certificates.ca.cert, ...changes });
    return shakeHands(listenerPlan([shown]), plan);
  }

  it("is taken when it is good and has the name or the address", () => {
    expect(seen(certificates.server)).toMatchObject(GOOD);
    expect(seen(certificates.serverChained)).toMatchObject(GOOD);
    for (const serverName of ["127.0.0.1", "::1", "a.wild.fairlead.test", ""]) {
      expect(seen(certificates.server, { serverName }), serverName).toMatchObject(GOOD);
    }
  });

  it("is refused when it has neither", () => {
    for (const serverName of ["other.example", "127.0.0.2", "a.b.wild.fairlead.test"]) {
      expect(seen(certificates.server, { serverName }), serverName).toMatchObject({
        client: "server-certificate-name-mismatch",
        server: "peer-alert",
        alert: BAD_CERTIFICATE,
      });
    }
  });

  it("is refused when it is too old or a stranger's", () => {
    expect(seen(certificates.serverExpired).client).toBe("server-certificate-expired");
    const strangers = certificates.otherCa.cert;
    expect(seen(certificates.server, { authorities: strangers }).client).toBe(
      "server-certificate-unknown-authority",
    );
    expect(seen(certificates.client).client).toBe("server-certificate-invalid");
  });

  it("is not looked at when nobody asks", () => {
    const careless = { authorities: null, serverName: "whoever.example" };
    expect(seen(certificates.serverExpired, careless)).toMatchObject(GOOD);
  });
});

describe("two that do not agree", () => {
  it("on a version fail with version-unsupported", () => {
    const listener = listenerPlan([certificates.server], { versionMin: "1.3" });
    expect(shakeHands(listener, serverPlan({ versionMax: "1.2" }))).toMatchObject({
      server: "version-unsupported",
      client: "peer-alert",
      alert: PROTOCOL_VERSION,
    });
  });

  it("on a cipher fail with no-shared-cipher", () => {
    const listener = listenerPlan([certificates.server], { versionMax: "1.2" });
    const rsaOnly = serverPlan({ ciphers: "ECDHE-RSA-AES128-GCM-SHA256" });
    expect(shakeHands(listener, rsaOnly)).toMatchObject({
      server: "no-shared-cipher",
      alert: HANDSHAKE_FAILURE,
    });
    const chacha = listenerPlan([certificates.server], {
      versionMin: "1.3",
      cipherSuites: "TLS_CHACHA20_POLY1305_SHA256",
    });
    const aes = serverPlan({ cipherSuites: "TLS_AES_128_GCM_SHA256" });
    expect(shakeHands(chacha, aes)).toMatchObject({ server: "no-shared-cipher" });
  });
});

describe("a peer that speaks something else", () => {
  it("fails with bad-record or a failed handshake", () => {
    const contexts = new ServerContexts(listenerPlan([certificates.server]), tickets);
    const rude = [
      "GET / HTTP/1.1\r\n\r\n",
      "\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0",
      "\x16\x03\x01\0\x04\x02\0\0\0",
    ];
    const failures = rude.map((bytes) => {
      scene.server.engine.accept(0, contexts.choose("")!);
      scene.server.give(0, Buffer.from(bytes, "latin1"));
      const failure = scene.server.failure(0);
      scene.server.engine.free(0);
      return failure;
    });
    expect(failures).toEqual(["bad-record", "bad-record", "handshake-failed"]);
    contexts.free();
  });
});

describe("takeFailure", () => {
  const session = { isClient: false, isHandshaking: true, verifyResult: 0, verifyText: "ok" };

  it("has a name even when OpenSSL says nothing", () => {
    expect(takeFailure(session)).toEqual({ name: "handshake-failed", alert: 0, detail: "" });
    const later = takeFailure({ ...session, isHandshaking: false });
    expect(later.name).toBe("protocol-error");
  });

  it("draws on a closed set, each name once, by number", () => {
    expect(new Set(TLS_FAILURES).size).toBe(TLS_FAILURES.length);
    for (const [number, name] of TLS_FAILURES.entries()) expect(TLS_FAILURE[name]).toBe(number);
    expect(TLS_FAILURE.none).toBe(0);
  });
});
