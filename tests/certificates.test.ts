import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "./certificates.ts";

describe("makeCertificates", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-certificates-"));
  let made: Certificates;
  beforeAll(async () => {
    made = await makeCertificates(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("makes authorities that sign", () => {
    const root = new X509Certificate(made.ca.cert);
    expect(root.ca).toBe(true);
    const middle = new X509Certificate(made.intermediate.cert);
    expect(middle.ca).toBe(true);
    expect(middle.verify(root.publicKey)).toBe(true);
    expect(new X509Certificate(made.server.cert).verify(root.publicKey)).toBe(true);
    expect(new X509Certificate(made.clientChained.cert).verify(middle.publicKey)).toBe(true);
    const unknown = new X509Certificate(made.clientUnknown.cert);
    expect(unknown.verify(root.publicKey)).toBe(false);
  });

  it("gives servers their names", () => {
    const server = new X509Certificate(made.server.cert);
    expect(server.checkHost("localhost")).toBe("localhost");
    expect(server.checkHost("a.wild.fairlead.test")).toBe("*.wild.fairlead.test");
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.checkHost("other.fairlead.test")).toBe(undefined);
    expect(new X509Certificate(made.serverRsa.cert).publicKey.asymmetricKeyType).toBe("rsa");
  });

  it("makes clients of the past and of the future", () => {
    expect(new X509Certificate(made.clientExpired.cert).validTo).toContain("2020");
    expect(new X509Certificate(made.clientNotYetValid.cert).validFrom).toContain("2090");
    expect(new X509Certificate(made.client.cert).subject).toBe(
      "C=DE\nO=Fairlead\nOU=Devices\nCN=device-1",
    );
  });

  it("lists what is revoked and vouches for the server", () => {
    expect(made.crl.text).toContain("BEGIN X509 CRL");
    expect(readFileSync(made.ocspFile)[0]).toBe(0x30);
    expect(readFileSync(made.clientChained.certFile, "utf8")).toBe(made.clientChained.cert);
  });
});
