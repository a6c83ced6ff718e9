import { describe, expect, it } from "vitest";
import { TLS } from "../transport/transport.ts";
import { keepCertificateKey } from "./certificate-key.ts";
import { clientSlot } from "./connections.ts";
import { KeyStore, LENGTH_MAX } from "./key-store.ts";
import type { RelayContext } from "./relay-context.ts";

const CONNECTION = 1;

/** A context in which one client has shown a certificate, or none. */
function contextOf(certificate: { commonName: string; subject: string } | null, layers = TLS) {
  const transport = { layers: new Uint8Array(8), tls: { peerCertificate: () => certificate } };
  transport.layers[clientSlot(CONNECTION)] = layers;
  return { transport } as unknown as RelayContext;
}

function keyOf(context: RelayContext, by: string): string | null {
  const store = new KeyStore(2);
  keepCertificateKey(context, CONNECTION, by, store);
  // Asked again at the next server: the first answer counts.
  keepCertificateKey(context, CONNECTION, by, store);
  const [offset, length] = [store.offsetOf(CONNECTION), store.lengthOf(CONNECTION)];
  const bytes = store.bytesOf(CONNECTION).subarray(offset, offset + length);
  return length === 0 ? null : Buffer.from(bytes).toString();
}

describe("keepCertificateKey", () => {
  const device = { commonName: "device-ü", subject: "CN=device-ü,O=Fairlead" };

  it("keeps the common name or the subject, as UTF-8", () => {
    expect(keyOf(contextOf(device), "certificate-name")).toBe("device-ü");
    expect(keyOf(contextOf(device), "certificate-subject")).toBe("CN=device-ü,O=Fairlead");
  });

  it("keeps nothing without TLS, without a certificate and for other keys", () => {
    expect(keyOf(contextOf(device, 0), "certificate-name")).toBeNull();
    expect(keyOf(contextOf(null), "certificate-name")).toBeNull();
    expect(keyOf(contextOf(device), "user-name")).toBeNull();
    expect(keyOf(contextOf({ ...device, commonName: "" }), "certificate-name")).toBeNull();
  });

  it("keeps the beginning of what is too long for a key", () => {
    const subject = "x".repeat(LENGTH_MAX + 1);
    expect(keyOf(contextOf({ ...device, subject }), "certificate-subject")).toHaveLength(
      LENGTH_MAX,
    );
  });
});
