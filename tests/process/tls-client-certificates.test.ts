// Certificates of clients: who is let in, as configured, and how everybody else is told: the alert
// that the client gets, the reason in the log, the counter.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates, Credentials } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchEnded } from "./balancer.ts";
import { mosquittoPub } from "./clients.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { tryTls } from "./tls-clients.ts";

type Shown = "none" | Extract<keyof Certificates, `client${string}`>;
type Listener = "noClients" | "optional" | "required" | "plain";

/** Certificates that are no good where one is looked at: why, and the alert (RFC 8446, 6). */
const REFUSED = [
  ["clientUnknown", "tls-certificate-unknown-authority", 48],
  ["clientExpired", "tls-certificate-expired", 45],
  ["clientNotYetValid", "tls-certificate-not-yet-valid", 42],
  ["clientRevoked", "tls-certificate-revoked", 44],
  ["clientWrongPurpose", "tls-certificate-invalid", 43],
] as const;

const GOOD = ["client", "clientRsa", "clientChained"] as const;
const DEVICES = { client: "device-1", clientRsa: "device-rsa", clientChained: "device-chained" };
const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

let certificates: Certificates;
let broker: Mosquitto;
let scene: ManyListeners<Listener>;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  broker = await Mosquitto.start();
  const { ca, server, crl, intermediateCrl } = certificates;
  const { writeFile } = await import("node:fs/promises");
  const revoked = `${crl.file}.all`;
  await writeFile(revoked, crl.text + intermediateCrl.text);
  const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
  const asking = (mode: string) => {
    return { tls: { ...tls, clientCertificate: { mode, authorities: ca.certFile, revoked } } };
  };
  scene = await ManyListeners.start({
    listeners: {
      noClients: { tls },
      optional: asking("optional"),
      required: asking("required"),
      plain: {},
    },
    pools: { brokers: { servers: [broker.address] } },
  });
});

afterAll(async () => {
  await scene.end();
  await broker.close();
});

function shown(name: Shown): Partial<Pick<Credentials, "cert" | "key">> {
  if (name === "none") return {};
  const { cert, key } = certificates[name];
  return { cert, key };
}

function files(name: Shown): string[] {
  if (name === "none") return [];
  return ["--cert", certificates[name].certFile, "--key", certificates[name].keyFile];
}

/** Runs mosquitto_pub as an operator would. @returns what it printed; rejects when it fails */
async function publish(listener: Listener, ...args: readonly string[]): Promise<string> {
  const message = ["-t", "aa", "-m", "bb", "-d"];
  const { output } = await mosquittoPub(
    scene.ports[listener],
    "-h",
    "localhost",
    ...args,
    ...message,
  );
  return output;
}

/** Runs it, expects it to fail and one more connection to have ended for a reason. */
async function expectRefusedPublish(
  reason: string,
  listener: Listener,
  ...args: readonly string[]
): Promise<void> {
  const before = await fetchEnded(scene.fairlead, reason);
  await expect(publish(listener, ...args)).rejects.toThrow();
  await scene.waitForEnded(reason, before + 1);
}

const trusting = () => ["--cafile", certificates.ca.certFile];

describe("mosquitto_pub", () => {
  it("publishes over TLS that it verifies", async () => {
    expect(await publish("noClients", ...trusting())).toMatch(/received CONNACK \(0\)/);
  });

  it("publishes with --insecure, whatever the name is", async () => {
    const port = scene.ports.noClients;
    const args = [...trusting(), "-t", "aa", "-m", "bb", "-d"];
    await expect(mosquittoPub(port, "-h", "127.0.0.2", ...args)).rejects.toThrow();
    expect(await publish("noClients", ...trusting(), "--insecure")).toMatch(/CONNACK \(0\)/);
  });

  it("refuses us, with an alert that the log names, if our authority is unknown", async () => {
    const { otherCa } = certificates;
    await expectRefusedPublish("tls-alert", "noClients", "--cafile", otherCa.certFile);
    const line = await scene.fairlead.waitForLog("the alert", (entry) => {
      return entry["reason"] === "tls-alert";
    });
    expect(JSON.stringify(line["tls"])).toMatch(/unknown ca/i);
  });

  it.each(GOOD)("is let in with a good certificate: %s", async (name) => {
    const outputs = await Promise.all([
      publish("required", ...trusting(), ...files(name)),
      publish("optional", ...trusting(), ...files(name)),
      publish("noClients", ...trusting(), ...files(name)),
    ]);
    for (const output of outputs) expect(output).toMatch(/received CONNACK \(0\)/);
  });

  it("is let in without one where it may", async () => {
    expect(await publish("optional", ...trusting())).toMatch(/received CONNACK \(0\)/);
    await expectRefusedPublish("tls-certificate-required", "required", ...trusting());
  });

  it.each(REFUSED)("is refused with %s: %s", async (name, reason) => {
    await expectRefusedPublish(reason, "required", ...trusting(), ...files(name));
    await expectRefusedPublish(reason, "optional", ...trusting(), ...files(name));
    expect(await publish("noClients", ...trusting(), ...files(name))).toMatch(/CONNACK \(0\)/);
  });

  it("is told nothing on the plain port, where TLS is out of place", async () => {
    await expectRefusedPublish("tls-on-plain-port", "plain", ...trusting());
  });
});

describe.each(VERSIONS)("a client of %s", (version) => {
  const only = { minVersion: version, maxVersion: version };

  it.each(GOOD)("is let in with %s, and the log has its name", async (name) => {
    const port = scene.ports.required;
    const outcome = await tryTls({ port, ...only, ...shown(name) });
    expect(outcome).toMatchObject({ accepted: true, protocol: version });
    const line = await scene.waitForClientAt(outcome);
    expect(line["tls"]).toMatchObject({
      version,
      serverName: "localhost",
      clientCertificate: { commonName: DEVICES[name] },
    });
  });

  it.each(REFUSED)("gets the alert that %s deserves: %s, %i", async (name, reason, alert) => {
    for (const listener of ["required", "optional"] as const) {
      const outcome = await tryTls({ port: scene.ports[listener], ...only, ...shown(name) });
      expect(outcome).toMatchObject({ accepted: false, alert });
      const line = await scene.waitForClientAt(outcome);
      expect(line).toMatchObject({ reason, side: "client", server: null, listener });
      expect(line["tls"]).toMatchObject({ error: expect.stringMatching(/./) });
    }
  });

  it("gets certificate_required, or handshake_failure before 1.3, when it shows none", async () => {
    const outcome = await tryTls({ port: scene.ports.required, ...only });
    expect(outcome).toMatchObject({ accepted: false, alert: version === "TLSv1.3" ? 116 : 40 });
    const line = await scene.waitForClientAt(outcome);
    expect(line).toMatchObject({ reason: "tls-certificate-required" });
  });

  it("need not show a certificate where it may be without", async () => {
    for (const listener of ["noClients", "optional"] as const) {
      const outcome = await tryTls({ port: scene.ports[listener], ...only });
      expect(outcome).toMatchObject({ accepted: true, alert: null });
      const line = await scene.waitForClientAt(outcome);
      expect(line["tls"]).not.toHaveProperty("clientCertificate");
    }
  });
});
