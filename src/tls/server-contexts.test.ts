import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import {
  certificatePlan,
  certificatesOfTest,
  listenerPlan,
  NO_CLIENT_CERTIFICATE,
  serverPlan,
  TlsScene,
} from "../../tests/tls/tls-scene.ts";
import type { CertificatePlan } from "../shm/plan.ts";
import { ServerContexts } from "./server-contexts.ts";
import { makeClientContext } from "./tls-context.ts";

let certificates: Certificates;
let scene: TlsScene;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  scene = new TlsScene();
});

afterAll(() => scene.destroy());

function named(names: readonly string[], of: Pick<CertificatePlan, "chain" | "key">) {
  return { ...of, names, ocsp: null };
}

describe("choose", () => {
  it("goes by exact name, then by the wildcard, then takes the first", () => {
    const first = named(["first.example"], certificatePlan(certificates.server));
    const exact = named(["a.example", "b.example"], certificatePlan(certificates.serverOther));
    const wild = named(["*.example", "b.example"], certificatePlan(certificates.serverChained));
    const contexts = new ServerContexts(listenerPlan([first, exact, wild]), null);
    const [ofFirst, ofExact, ofWild] = ["first.example", "a.example", "other.example"].map((name) =>
      contexts.choose(name),
    );
    expect(new Set([ofFirst, ofExact, ofWild]).size).toBe(3);
    expect(contexts.choose("b.example")).toBe(ofExact);
    for (const name of ["", "example", ".example", "deep.a.example", "elsewhere", "*.test"]) {
      expect(contexts.choose(name), name).toBe(ofFirst);
    }
    contexts.free();
  });

  it("gives null for strangers when the listener is strict", () => {
    const plan = listenerPlan([certificates.server], { strictServerName: true });
    const contexts = new ServerContexts(plan, null);
    expect(contexts.choose("localhost")).not.toBe(null);
    expect(contexts.choose("x.wild.fairlead.test")).not.toBe(null);
    expect(contexts.choose("")).toBe(null);
    expect(contexts.choose("wild.fairlead.test")).toBe(null);
    contexts.free();
  });

  it("takes a first certificate without names", () => {
    const nameless = named([], certificatePlan(certificates.server));
    const contexts = new ServerContexts(listenerPlan([nameless, certificates.serverOther]), null);
    expect(contexts.choose("other.fairlead.test")).not.toBe(contexts.choose(""));
    contexts.free();
  });
});

describe("certificates of two kinds for one name", () => {
  it("share a context that shows each client the one it can use", () => {
    const plan = listenerPlan([certificates.server, certificates.serverRsa]);
    const contexts = new ServerContexts(plan, null);
    const chosen = contexts.choose("localhost")!;
    const shown = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"].map(
      (ciphers) => {
        const authorities = certificates.ca.cert;
        const client = makeClientContext(serverPlan({ versionMax: "1.2", ciphers, authorities }));
        expect(scene.connect(0, client, chosen)).toBe(true);
        const { keyAlgorithm } = scene.client.engine.peerCertificate(0)!;
        expect(scene.server.engine.ownCertificate(0)!.keyAlgorithm).toBe(keyAlgorithm);
        scene.free(0);
        client.free();
        return keyAlgorithm;
      },
    );
    expect(shown).toEqual(["EC256", "RSA2048"]);
    contexts.free();
  });

  it("leave a second one of the same kind aside", () => {
    const again = { ...certificatePlan(certificates.serverOther), names: ["localhost"] };
    const contexts = new ServerContexts(listenerPlan([certificates.server, again]), null);
    const client = makeClientContext(serverPlan());
    expect(scene.connect(0, client, contexts.choose("localhost")!)).toBe(true);
    expect(scene.client.engine.peerCertificate(0)!.commonName).toBe("localhost");
    scene.free(0);
    client.free();
    contexts.free();
  });
});

describe("a listener that cannot be", () => {
  const make = (...changes: Parameters<typeof listenerPlan>) => {
    return () => new ServerContexts(listenerPlan(...changes), null);
  };

  it("has no certificates", () => {
    expect(make([])).toThrow("Cannot end TLS: there is no certificate");
  });

  it("has a certificate that is none", () => {
    const broken = named(["a.example"], { chain: "nothing", key: certificates.server.key });
    expect(make([broken])).toThrow('Cannot find a certificate in the certificate for "a.example"');
  });

  it("has a key of another certificate", () => {
    const mixed = named(["a.example"], {
      chain: certificates.server.cert,
      key: certificates.serverOther.key,
    });
    expect(make([mixed])).toThrow(
      'Cannot use certificate "/O=Fairlead/CN=localhost": its private key belongs to another',
    );
  });

  it("asks for client certificates of nobody", () => {
    const clientCertificate = { ...NO_CLIENT_CERTIFICATE, mode: "required" as const };
    expect(make([certificates.server], { clientCertificate })).toThrow(
      "Cannot find a certificate in the authorities of client certificates",
    );
  });
});
