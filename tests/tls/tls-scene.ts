// Two engines in one process, each with an arena of its own, and what passes between them: real
// OpenSSL against itself, without sockets. Slot n of one is connected to slot n of the other.

import { X509Certificate } from "node:crypto";
import { mapMemory, type NativeMemory, unmapMemory } from "../../src/linux/native-memory.ts";
import type {
  CertificatePlan,
  ClientCertificatePlan,
  TlsListenerPlan,
  TlsServerPlan,
} from "../../src/shm/plan.ts";
import type { TlsContext } from "../../src/tls/tls-context.ts";
import { TLS_OPEN, TlsEngine } from "../../src/tls/tls-engine.ts";
import { TLS_FAILURES } from "../../src/tls/tls-failure.ts";
import { type Certificates, type Credentials, makeCertificates } from "../certificates.ts";
import { folderOfTest } from "../fixtures/folder-of-test.ts";

/** Makes the certificates of one test file in a folder that goes with it. */
export function certificatesOfTest(): Promise<Certificates> {
  return makeCertificates(folderOfTest("tls"));
}

export function certificatePlan({ cert, key }: Credentials, ocsp?: Uint8Array): CertificatePlan {
  const names = new X509Certificate(cert).subjectAltName?.split(", ") ?? [];
  return {
    chain: cert,
    key,
    names: names.filter((name) => name.startsWith("DNS:")).map((name) => name.slice(4)),
    ocsp: ocsp ?? null,
  };
}

export const NO_CLIENT_CERTIFICATE: ClientCertificatePlan = {
  mode: "none",
  authorities: "",
  revoked: "",
  depth: 2,
};

export function listenerPlan(
  certificates: readonly (Credentials | CertificatePlan)[],
  changes: Partial<TlsListenerPlan> = {},
): TlsListenerPlan {
  return {
    certificates: certificates.map((each) => ("names" in each ? each : certificatePlan(each))),
    strictServerName: false,
    versionMin: "1.2",
    versionMax: "1.3",
    ciphers: "",
    cipherSuites: "",
    groups: "",
    alpn: [],
    clientCertificate: NO_CLIENT_CERTIFICATE,
    handshakeDeadlineMs: 15_000,
    tickets: true,
    ...changes,
  };
}

export function serverPlan(changes: Partial<TlsServerPlan> = {}): TlsServerPlan {
  return {
    authorities: null,
    serverName: "localhost",
    certificate: null,
    alpn: [],
    versionMin: "1.2",
    versionMax: "1.3",
    ciphers: "",
    cipherSuites: "",
    ...changes,
  };
}

const INPUT = 0;
const TARGET = 256 * 1024;
const OUTPUT = 512 * 1024;
const AREA_SIZE = 256 * 1024;
const SLOTS_MAX = 64;

/** One engine, its arena, and what it has opened and sealed. */
export class TlsEnd {
  readonly memory: NativeMemory = mapMemory(1024 * 1024);
  readonly engine = new TlsEngine(this.memory, SLOTS_MAX);
  /** Plaintext by slot. */
  readonly heard: Buffer[] = [];

  /** @returns ciphertext that waits for a slot; in pieces, so that the last one is looked for */
  take(slot: number, pieceMax = AREA_SIZE): Buffer {
    const pieces: Buffer[] = [];
    for (;;) {
      const size = this.engine.output(slot, OUTPUT, pieceMax);
      pieces.push(Buffer.from(this.memory.bytes.subarray(OUTPUT, OUTPUT + size)));
      if (size < pieceMax) return Buffer.concat(pieces);
    }
  }

  /** Gives ciphertext to a slot. @returns the plaintext that came of it */
  give(slot: number, bytes: Uint8Array): Buffer {
    this.memory.bytes.set(bytes, INPUT);
    const { engine, memory } = this;
    const target = engine.opensInPlace(slot) ? INPUT : TARGET;
    const room = target === INPUT ? bytes.length : AREA_SIZE;
    const size = engine.receive(slot, INPUT, bytes.length, target, room);
    const plain = Buffer.from(memory.bytes.subarray(target, target + size));
    this.heard[slot] = Buffer.concat([this.heard[slot] ?? Buffer.alloc(0), plain]);
    return plain;
  }

  /** Seals a text. @returns the ciphertext */
  seal(slot: number, bytes: Uint8Array | string): Buffer {
    const plain = Buffer.from(bytes);
    this.memory.bytes.set(plain, INPUT);
    if (this.engine.send(slot, INPUT, plain.length) < 0) throw new Error("Cannot seal");
    return this.take(slot);
  }

  /** The name of a slot's failure. */
  failure(slot: number): string {
    return TLS_FAILURES[this.engine.failure(slot)]!;
  }

  destroy(): void {
    unmapMemory(this.memory);
  }
}

export class TlsScene {
  readonly client = new TlsEnd();
  readonly server = new TlsEnd();

  /** Shakes hands until nobody has anything left to say. @returns whether both are open */
  connect(slot: number, clientContext: TlsContext, serverContext: TlsContext): boolean {
    this.server.engine.accept(slot, serverContext);
    this.client.engine.connect(slot, clientContext);
    this.pump(slot, this.client.take(slot), this.server);
    return this.isOpen(slot);
  }

  /** Passes bytes on, and the answers to them, and so on. */
  pump(slot: number, bytes: Buffer, to: TlsEnd): void {
    let receiver = to;
    let passing = bytes;
    while (passing.length > 0) {
      receiver.give(slot, passing);
      passing = receiver.take(slot);
      receiver = receiver === this.server ? this.client : this.server;
    }
  }

  isOpen(slot: number): boolean {
    const states = [this.client.engine.state(slot), this.server.engine.state(slot)];
    return states.every((state) => state === TLS_OPEN);
  }

  free(slot: number): void {
    this.client.engine.free(slot);
    this.server.engine.free(slot);
  }

  destroy(): void {
    this.client.destroy();
    this.server.destroy();
  }
}
