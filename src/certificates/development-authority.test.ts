import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureDevelopmentCertificate, listMachineNames } from "./development-authority.ts";

const DAY_MS = 86_400_000;
const NOW = Date.parse("2026-06-01");
const MACHINE = { names: ["localhost", "box"], addresses: ["127.0.0.1", "::1", "192.0.2.7"] };

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "fairlead-state-")), "fairlead");
});

afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

function ensure(nowMs = NOW, machine = MACHINE) {
  const { authorityFile, certificateFile } = ensureDevelopmentCertificate(folder, machine, nowMs);
  const authority = new X509Certificate(readFileSync(authorityFile));
  const certificate = new X509Certificate(readFileSync(certificateFile));
  expect(certificate.checkIssued(authority)).toBe(true);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  return { authority: authority.fingerprint256, certificate: certificate.fingerprint256 };
}

describe("ensureDevelopmentCertificate", () => {
  it("makes an authority and a certificate for every name and address", () => {
    ensure();
    const certificate = new X509Certificate(readFileSync(join(folder, "server.pem")));
    for (const name of MACHINE.names) expect(certificate.checkHost(name)).toBe(name);
    for (const address of MACHINE.addresses) expect(certificate.checkIP(address)).toBe(address);
    expect(Date.parse(certificate.validTo) - NOW).toBeLessThanOrEqual(397 * DAY_MS);
  });

  it("keeps keys to their owner and lets everyone read the authority's certificate", () => {
    ensure();
    const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o777;
    expect(["ca.key", "server.pem"].map(modeOf)).toEqual([0o600, 0o600]);
    expect(modeOf("ca.pem") & 0o400).toBe(0o400);
  });

  it("finds them again", () => {
    expect(ensure()).toEqual(ensure(NOW + 300 * DAY_MS));
  });

  it("renews the certificate before its end and for new addresses, by the same authority", () => {
    const first = ensure();
    const renewed = ensure(NOW + 370 * DAY_MS);
    expect(renewed.authority).toBe(first.authority);
    expect(renewed.certificate).not.toBe(first.certificate);
    const moved = ensure(NOW + 371 * DAY_MS, { ...MACHINE, addresses: ["198.51.100.1"] });
    expect(moved.authority).toBe(first.authority);
    expect(moved.certificate).not.toBe(renewed.certificate);
  });

  it("makes everything anew where the authority is lost, broken or near its end", () => {
    const first = ensure();
    rmSync(join(folder, "ca.key"));
    const second = ensure();
    expect(second.authority).not.toBe(first.authority);
    writeFileSync(join(folder, "ca.pem"), "rubbish");
    const third = ensure();
    expect(third.authority).not.toBe(second.authority);
    expect(ensure(NOW + 3_600 * DAY_MS).authority).not.toBe(third.authority);
  });

  it("says which folder cannot be written", () => {
    writeFileSync(folder, "a file");
    expect(() => ensure()).toThrow(
      `Cannot keep a certificate in "${folder}": something else has that name`,
    );
  });
});

describe("listMachineNames", () => {
  it("has at least the loopback ones, each once", () => {
    const { names, addresses } = listMachineNames();
    expect(names).toContain("localhost");
    expect(addresses).toEqual(expect.arrayContaining(["127.0.0.1", "::1"]));
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(addresses.some((address) => address.startsWith("fe80:"))).toBe(false);
  });
});
