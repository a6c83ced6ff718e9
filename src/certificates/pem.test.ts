import { describe, expect, it } from "vitest";
import {
  isCertificate,
  isEncrypted,
  isPrivateKey,
  isRevocationList,
  pemBytes,
  readPem,
} from "./pem.ts";
import { pemOf } from "./x509-writer.ts";

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);

describe("readPem", () => {
  it("finds every block in its order, with whatever stands between", () => {
    const [first, second] = [pemOf("CERTIFICATE", bytes), pemOf("EC PRIVATE KEY", bytes)];
    const text = `subject=a\n${first}\nissuer=b\n${second}`;
    const blocks = readPem(text);
    expect(blocks.map(({ label }) => label)).toEqual(["CERTIFICATE", "EC PRIVATE KEY"]);
    expect([...pemBytes(blocks[0]!)]).toEqual([...bytes]);
  });

  it("finds none in other text, nor in a block that does not end", () => {
    expect(readPem("no PEM at all")).toEqual([]);
    expect(readPem(pemOf("CERTIFICATE", bytes).slice(0, -10))).toEqual([]);
  });

  it("takes lines as Windows ends them", () => {
    const [block] = readPem(pemOf("X509 CRL", bytes).replaceAll("\n", "\r\n"));
    expect([...pemBytes(block!)]).toEqual([...bytes]);
  });
});

describe("kinds of blocks", () => {
  const block = (label: string, text = "") => ({ label, text });

  it("are told by their labels", () => {
    expect(isCertificate(block("TRUSTED CERTIFICATE"))).toBe(true);
    expect(isCertificate(block("CERTIFICATE REQUEST"))).toBe(false);
    expect(isPrivateKey(block("PRIVATE KEY"))).toBe(true);
    expect(isPrivateKey(block("PUBLIC KEY"))).toBe(false);
    expect(isRevocationList(block("X509 CRL"))).toBe(true);
  });

  it("are encrypted by label or by header", () => {
    expect(isEncrypted(block("ENCRYPTED PRIVATE KEY"))).toBe(true);
    const old =
      "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n";
    expect(isEncrypted(block("EC PRIVATE KEY", old))).toBe(true);
    expect(isEncrypted(block("EC PRIVATE KEY", "-----BEGIN EC PRIVATE KEY-----\n"))).toBe(false);
  });
});
