// How TLS is spoken with clients: versions, ciphers, names, protocols, stapling; and that what the
// client's certificate says may decide where its client goes.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { waitForReason } from "./balancer.ts";
import { ManyListeners, type Section } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { findProgram } from "./peer-program.ts";
import { tryTls } from "./tls-clients.ts";

type Listener =
  | "names"
  | "strict"
  | "both"
  | "only12"
  | "only13"
  | "oneCipher"
  | "oneSuite"
  | "alpn"
  | "stapling"
  | "sticky";

let certificates: Certificates;
let brokers: Mosquitto[];
let scene: ManyListeners<Listener>;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  brokers = await Promise.all([Mosquitto.start(), Mosquitto.start()]);
  const [server, rsa, other] = filesOf("server", "serverRsa", "serverOther");
  const servers = brokers.map(({ address }) => address);
  const authorities = certificates.ca.certFile;
  const listener = (certificate: readonly unknown[], more: Section = {}) => {
    return { tls: { certificates: certificate, ...more } };
  };
  scene = await ManyListeners.start({
    listeners: {
      names: listener([other, server]),
      strict: listener([server, other], { strictServerName: true }),
      both: listener([server, rsa]),
      only12: listener([server], { maxVersion: "1.2" }),
      only13: listener([server], { minVersion: "1.3" }),
      oneCipher: listener([server], { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" }),
      oneSuite: listener([server], { cipherSuites: "TLS_CHACHA20_POLY1305_SHA256" }),
      alpn: listener([server], { alpn: ["mqtt", "x-amzn-mqtt-ca"] }),
      stapling: listener([{ ...server, ocsp: certificates.ocspFile }]),
      sticky: {
        ...listener([server], { clientCertificate: { mode: "optional", authorities } }),
        pool: "sticky",
      },
    },
    pools: {
      brokers: { servers },
      sticky: { servers, stick: { by: "certificate-name" } },
    },
  });
});

afterAll(async () => {
  await scene.end();
  for (const broker of brokers) await broker.close();
});

function filesOf(...names: readonly ("server" | "serverRsa" | "serverOther")[]) {
  return names.map((name) => {
    const { certFile, keyFile } = certificates[name];
    return { certificate: certFile, key: keyFile };
  }) as { certificate: string; key: string }[] & { 0: object; 1: object; 2: object };
}

const to = (listener: Listener) => ({ port: scene.ports[listener] });
const ONLY_12 = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
const ONLY_13 = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" } as const;
const RSA_ONLY = { sigalgs: "rsa_pss_rsae_sha256:RSA+SHA256" };

describe("the certificate", () => {
  it.each([
    ["other.fairlead.test", "other.fairlead.test"],
    ["localhost", "localhost"],
    ["mqtt.fairlead.test", "localhost"],
    ["a.wild.fairlead.test", "localhost"],
    ["A.WILD.Fairlead.Test", "localhost"],
    // A wildcard stands for one label; nobody's name gets the first certificate.
    ["a.b.wild.fairlead.test", "other.fairlead.test"],
    ["nobody.test", "other.fairlead.test"],
    ["", "other.fairlead.test"],
  ])("for the name %j is that of %s", async (servername, expected) => {
    const outcome = await tryTls({ ...to("names"), servername });
    expect(outcome).toMatchObject({ accepted: true, serverCertificate: expected });
  });

  it.each([
    ["a.wild.fairlead.test", true],
    ["other.fairlead.test", true],
    ["nobody.test", false],
    ["", false],
  ])("is given to strangers nowhere where names are strict: %j", async (servername, accepted) => {
    const outcome = await tryTls({ ...to("strict"), servername });
    // unrecognized_name (RFC 6066, 3)
    expect(outcome).toMatchObject({ accepted, alert: accepted ? null : 112 });
    const line = await scene.waitForClientAt(outcome);
    if (!accepted) expect(line).toMatchObject({ reason: "tls-name-unknown" });
    else expect(line["tls"]).toMatchObject({ serverName: servername });
  });

  it.each([
    ["ECDSA, TLS 1.3", ONLY_13, "ec"],
    ["ECDSA, TLS 1.2", ONLY_12, "ec"],
    ["RSA, TLS 1.3", { ...ONLY_13, ...RSA_ONLY }, "rsa"],
    ["RSA, TLS 1.2", { ...ONLY_12, ciphers: "ECDHE-RSA-AES128-GCM-SHA256" }, "rsa"],
  ])("is of the kind that the client can verify: %s", async (_, options, serverKeyType) => {
    const outcome = await tryTls({ ...to("both"), ...options });
    expect(outcome).toMatchObject({ accepted: true, serverKeyType });
  });

  it("is good for a client that verifies it", async () => {
    const verifying = { ca: certificates.ca.cert, rejectUnauthorized: true };
    for (const name of ["localhost", "x.wild.fairlead.test"]) {
      const outcome = await tryTls({ ...to("both"), ...verifying, servername: name });
      expect(outcome).toMatchObject({ accepted: true, error: "" });
    }
  });
});

describe("versions and ciphers", () => {
  it.each([
    ["only12", ONLY_12, "TLSv1.2"],
    ["only12", {}, "TLSv1.2"],
    ["only13", ONLY_13, "TLSv1.3"],
    ["only13", {}, "TLSv1.3"],
    ["names", {}, "TLSv1.3"],
  ] as const)("are as %s has them", async (listener, options, protocol) => {
    expect(await tryTls({ ...to(listener), ...options })).toMatchObject({
      accepted: true,
      protocol,
    });
  });

  it.each([
    ["only12", ONLY_13],
    ["only13", ONLY_12],
  ] as const)("that %s has not are refused", async (listener, options) => {
    const outcome = await tryTls({ ...to(listener), ...options });
    // protocol_version
    expect(outcome).toMatchObject({ accepted: false, alert: 70 });
    const line = await scene.waitForClientAt(outcome);
    expect(line).toMatchObject({ reason: "tls-version-unsupported", listener });
  });

  it("are chosen as the listener likes", async () => {
    const chosen = await tryTls({ ...to("oneCipher"), ...ONLY_12 });
    expect(chosen).toMatchObject({ accepted: true, cipher: "ECDHE-ECDSA-AES256-GCM-SHA384" });
    const suite = await tryTls({ ...to("oneSuite"), ...ONLY_13 });
    expect(suite).toMatchObject({ accepted: true, cipher: "TLS_CHACHA20_POLY1305_SHA256" });
    const line = await scene.waitForClientAt(suite);
    expect(line["tls"]).toMatchObject({ version: "TLSv1.3", cipher: suite.cipher });
  });

  it.each([
    ["oneCipher", { ...ONLY_12, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }],
    ["oneSuite", { ...ONLY_13, ciphers: "TLS_AES_128_GCM_SHA256" }],
    // An ECDSA certificate alone is of no use to who speaks RSA only.
    ["names", { ...ONLY_12, ciphers: "ECDHE-RSA-AES128-GCM-SHA256" }],
  ] as const)("that nobody shares end the handshake at %s", async (listener, options) => {
    const outcome = await tryTls({ ...to(listener), ...options });
    // handshake_failure
    expect(outcome).toMatchObject({ accepted: false, alert: 40 });
    const line = await scene.waitForClientAt(outcome);
    expect(line).toMatchObject({ reason: "tls-no-shared-cipher" });
  });

  it("of years ago are told by their own reason", async () => {
    const args = ["s_client", "-connect", `127.0.0.1:${scene.ports.names}`, "-tls1_1"];
    const old = spawnSync("openssl", [...args, "-cipher", "ALL:@SECLEVEL=0"], { input: "" });
    expect(`${old.stderr}`).toMatch(/alert protocol version/);
    await waitForReason(scene.fairlead, "tls-version-unsupported");
  });
});

describe("ALPN", () => {
  it.each([
    [["mqtt"], "mqtt"],
    [["x-amzn-mqtt-ca", "mqtt"], "mqtt"],
    [["h2", "x-amzn-mqtt-ca"], "x-amzn-mqtt-ca"],
    [undefined, false],
  ])("of %j is answered with %j", async (offered, alpn) => {
    const ALPNProtocols = offered === undefined ? {} : { ALPNProtocols: offered };
    const outcome = await tryTls({ ...to("alpn"), ...ALPNProtocols });
    expect(outcome).toMatchObject({ accepted: true, alpn });
  });

  it("that is not spoken here is passed over, as HAProxy does", async () => {
    const outcome = await tryTls({ ...to("alpn"), ALPNProtocols: ["h2"] });
    expect(outcome).toMatchObject({ accepted: true, alpn: false });
  });

  it("is left alone where it is not configured", async () => {
    const outcome = await tryTls({ ...to("names"), ALPNProtocols: ["h2"] });
    expect(outcome).toMatchObject({ accepted: true, alpn: false });
  });
});

describe("OCSP stapling", () => {
  it("gives the response to clients that ask for it, and only where there is one", async () => {
    const asked = await tryTls({ ...to("stapling"), requestOCSP: true });
    expect(asked.ocsp?.equals(readFileSync(certificates.ocspFile))).toBe(true);
    expect((await tryTls({ ...to("names"), requestOCSP: true })).ocsp).toBeNull();
  });

  it("satisfies openssl s_client", () => {
    const args = ["s_client", "-connect", `127.0.0.1:${scene.ports.stapling}`, "-status"];
    const trust = ["-CAfile", certificates.ca.certFile, "-verify_return_error"];
    const { stdout } = spawnSync(findProgram("openssl"), [...args, ...trust], { input: "" });
    expect(`${stdout}`).toMatch(/OCSP Response Status: successful/);
    expect(`${stdout}`).toMatch(/Cert Status: good/);
    expect(`${stdout}`).toMatch(/Secure Renegotiation IS supported|TLSv1.3/);
  });
});

describe("renegotiation", () => {
  it("is refused", () => {
    const args = ["s_client", "-connect", `127.0.0.1:${scene.ports.only12}`];
    const { stdout, stderr } = spawnSync("openssl", [...args], { input: "R\n", timeout: 120_000 });
    expect(`${stdout}${stderr}`).toMatch(/RENEGOTIATING[\s\S]*(no renegotiation|unexpected)/i);
  });
});

describe("the name in a client's certificate", () => {
  it("leads the client to the server it had, whatever its client id is", async () => {
    const serversOf = async (name: "client" | "clientRsa") => {
      const { cert, key } = certificates[name];
      const servers = new Set<unknown>();
      for (let i = 0; i < 4; i++) {
        const outcome = await tryTls({ ...to("sticky"), clientId: `${name}-${i}`, cert, key });
        expect(outcome.accepted).toBe(true);
        servers.add((await scene.waitForClientAt(outcome))["server"]);
      }
      return servers;
    };
    expect((await serversOf("client")).size).toBe(1);
    expect((await serversOf("clientRsa")).size).toBe(1);
    // Those without a certificate have no key, and are balanced.
    const strangers = new Set<unknown>();
    for (let i = 0; i < 2; i++) {
      const outcome = await tryTls({ ...to("sticky") });
      strangers.add((await scene.waitForClientAt(outcome))["server"]);
    }
    expect(strangers.size).toBe(2);
  });
});
