import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import {
  certificatesOfTest,
  listenerPlan,
  serverPlan,
  TlsScene,
} from "../../tests/tls/tls-scene.ts";
import { AssertionFailure } from "../assert.ts";
import type { TlsVersion } from "../shm/plan.ts";
import { ERR_peek_error } from "./libssl.ts";
import { ServerContexts } from "./server-contexts.ts";
import { TicketKeys } from "./ticket-keys.ts";
import { makeClientContext, type TlsContext } from "./tls-context.ts";
import { TLS_ENDED, TLS_FAILED, TLS_FREE, TLS_HANDSHAKING, TLS_OPEN } from "./tls-engine.ts";

const VERSIONS: readonly TlsVersion[] = ["1.2", "1.3"];

let certificates: Certificates;
let scene: TlsScene;
let contexts: ServerContexts;
let server: TlsContext;
let client: TlsContext;
const tickets = new TicketKeys();

beforeAll(async () => {
  certificates = await certificatesOfTest();
  scene = new TlsScene();
  contexts = new ServerContexts(listenerPlan([certificates.server]), tickets);
  server = contexts.choose("localhost")!;
  client = makeClientContext(serverPlan({ authorities: certificates.ca.cert }));
});

afterEach(() => {
  scene.server.heard.length = 0;
  expect(ERR_peek_error(), "no error is left for the next session").toBe(0);
  for (let slot = 0; slot < 64; slot++) {
    for (const { engine } of [scene.client, scene.server]) {
      if (engine.state(slot) !== TLS_FREE) engine.free(slot);
    }
  }
  expect([scene.client.engine.liveSessions, scene.server.engine.liveSessions]).toEqual([0, 0]);
});

afterAll(() => {
  contexts.free();
  client.free();
  scene.destroy();
});

function context(version: TlsVersion): TlsContext {
  const plan = serverPlan({ versionMax: version, authorities: certificates.ca.cert });
  return makeClientContext(plan);
}

describe("a session", () => {
  it.each(VERSIONS)("of TLS %s carries bytes both ways", (version) => {
    const limited = context(version);
    expect(scene.connect(1, limited, server)).toBe(true);
    expect(scene.server.engine.version(1)).toBe(`TLSv${version}`);
    expect(scene.server.give(1, scene.client.seal(1, "hello"))).toEqual(Buffer.from("hello"));
    expect(scene.client.give(1, scene.server.seal(1, "there"))).toEqual(Buffer.from("there"));
    limited.free();
  });

  it("begins with a ClientHello in the client's output", () => {
    scene.client.engine.connect(2, client);
    expect(scene.client.engine.state(2)).toBe(TLS_HANDSHAKING);
    const hello = scene.client.take(2);
    expect([hello[0], hello[5]]).toEqual([0x16, 1]);
  });

  it("carries as much as one call takes, in several records", () => {
    expect(scene.connect(0, client, server)).toBe(true);
    const bytes = randomBytes(64 * 1024);
    const sealed = scene.client.seal(0, bytes);
    expect(sealed.length).toBeGreaterThan(bytes.length);
    expect(scene.server.give(0, sealed).equals(bytes)).toBe(true);
  });

  it("takes output in pieces", () => {
    expect(scene.connect(0, client, server)).toBe(true);
    const bytes = randomBytes(40_000);
    scene.client.memory.bytes.set(bytes, 0);
    expect(scene.client.engine.send(0, 0, bytes.length)).toBe(0);
    const sealed = scene.client.take(0, 1000);
    expect(scene.server.give(0, sealed).equals(bytes)).toBe(true);
  });

  it("opens records that come in pieces, at every split", () => {
    expect(scene.connect(0, client, server)).toBe(true);
    for (let split = 0; split <= 2 * (5 + 5 + 17); split++) {
      const sealed = Buffer.concat([scene.client.seal(0, "first"), scene.client.seal(0, "other")]);
      scene.server.give(0, sealed.subarray(0, split));
      scene.server.give(0, sealed.subarray(split));
    }
    expect(scene.server.heard[0]!.toString()).toMatch(/^(firstother)+$/);
  });

  it("shakes hands byte by byte", () => {
    scene.server.engine.accept(0, server);
    scene.client.engine.connect(0, client);
    let receiver = scene.server;
    let bytes = scene.client.take(0);
    while (bytes.length > 0) {
      const answers: Buffer[] = [];
      for (const byte of bytes) {
        receiver.give(0, Uint8Array.of(byte));
        answers.push(receiver.take(0));
      }
      bytes = Buffer.concat(answers);
      receiver = receiver === scene.server ? scene.client : scene.server;
    }
    expect(scene.isOpen(0)).toBe(true);
  });

  it("takes plaintext that comes with the end of the handshake", () => {
    scene.server.engine.accept(0, server);
    scene.client.engine.connect(0, client);
    scene.server.give(0, scene.client.take(0));
    scene.client.give(0, scene.server.take(0));
    const finished = scene.client.take(0);
    expect(scene.client.engine.state(0)).toBe(TLS_OPEN);
    const early = scene.client.seal(0, "CONNECT");
    expect(scene.server.give(0, Buffer.concat([finished, early])).toString()).toBe("CONNECT");
    expect(scene.server.engine.state(0)).toBe(TLS_OPEN);
  });

  it("never sees the bytes of another, however they are mixed", () => {
    const slots = Array.from({ length: 20 }, (_, slot) => slot);
    for (const slot of slots) expect(scene.connect(slot, client, server)).toBe(true);
    const sent = slots.map(() => randomBytes(3000));
    const pieces = slots.flatMap((slot) => {
      const sealed = scene.client.seal(slot, sent[slot]!);
      const size = 700;
      return Array.from({ length: Math.ceil(sealed.length / size) }, (_, index) => ({
        slot,
        index,
        bytes: sealed.subarray(index * size, (index + 1) * size),
      }));
    });
    pieces.sort((a, b) => a.index - b.index || ((a.slot * 7) % 20) - ((b.slot * 7) % 20));
    for (const { slot, bytes } of pieces) scene.server.give(slot, bytes);
    for (const slot of slots) expect(scene.server.heard[slot]!.equals(sent[slot]!)).toBe(true);
  });
});

describe("the end of a session", () => {
  it.each(VERSIONS)("of TLS %s is told by close_notify, after the plaintext", (version) => {
    const limited = context(version);
    expect(scene.connect(0, limited, server)).toBe(true);
    const last = scene.client.seal(0, "last");
    scene.client.engine.end(0);
    const bytes = Buffer.concat([last, scene.client.take(0)]);
    expect(scene.server.give(0, bytes).toString()).toBe("last");
    expect(scene.server.engine.state(0)).toBe(TLS_ENDED);
    limited.free();
  });

  it("leaves the other direction open", () => {
    expect(scene.connect(0, client, server)).toBe(true);
    scene.client.engine.end(0);
    scene.server.give(0, scene.client.take(0));
    expect(scene.client.give(0, scene.server.seal(0, "still")).toString()).toBe("still");
    scene.server.engine.end(0);
    scene.client.give(0, scene.server.take(0));
    expect(scene.client.engine.state(0)).toBe(TLS_ENDED);
  });

  it("makes what follows it unheard", () => {
    expect(scene.connect(0, client, server)).toBe(true);
    scene.client.engine.end(0);
    const late = Buffer.from("whatever that is");
    scene.server.give(0, Buffer.concat([scene.client.take(0), late]));
    expect(scene.server.give(0, late)).toHaveLength(0);
    expect(scene.server.engine.state(0)).toBe(TLS_ENDED);
    expect(scene.connect(1, client, server)).toBe(true);
  });

  it("is said once, and by open sessions only", () => {
    scene.server.engine.accept(0, server);
    scene.server.engine.end(0);
    expect(scene.server.take(0)).toHaveLength(0);
    expect(scene.connect(1, client, server)).toBe(true);
    scene.client.engine.end(1);
    const first = scene.client.take(1);
    scene.client.engine.end(1);
    expect(first.length).toBeGreaterThan(0);
    expect(scene.client.take(1)).toHaveLength(0);
  });
});

describe("a broken session", () => {
  it("fails with bad-record and an alert when a record was changed", () => {
    expect(scene.connect(0, client, server)).toBe(true);
    const good = scene.client.seal(0, "good");
    const bad = scene.client.seal(0, "bad");
    bad[bad.length - 1]! ^= 1;
    expect(scene.server.give(0, Buffer.concat([good, bad])).toString()).toBe("good");
    expect(scene.server.engine.state(0)).toBe(TLS_FAILED);
    expect(scene.server.failure(0)).toBe("bad-record");
    expect(scene.server.engine.failureDetail()).toContain("bad record mac");
    scene.client.give(0, scene.server.take(0));
    expect(scene.client.failure(0)).toBe("peer-alert");
    expect(scene.client.engine.alert(0)).toBe(20);
  });

  it("leaves the sessions beside it alone", () => {
    for (const slot of [0, 1]) expect(scene.connect(slot, client, server)).toBe(true);
    scene.server.give(0, Buffer.from("garbage that is no record"));
    expect(scene.server.engine.state(0)).toBe(TLS_FAILED);
    scene.server.take(0);
    expect(scene.server.give(1, scene.client.seal(1, "fine")).toString()).toBe("fine");
    expect(scene.server.engine.state(1)).toBe(TLS_OPEN);
  });

  it("comes of any bytes in a handshake, or it waits for more", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })), (pieces) => {
        scene.server.engine.accept(0, server);
        for (const piece of pieces) {
          scene.server.give(0, piece);
          scene.server.take(0);
        }
        expect([TLS_HANDSHAKING, TLS_FAILED]).toContain(scene.server.engine.state(0));
        scene.server.engine.free(0);
      }),
    );
  });

  it("comes of any change in what was sealed, and never a wrong byte", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (where, change) => {
        expect(scene.connect(0, client, server)).toBe(true);
        scene.server.heard.length = 0;
        const sealed = Buffer.concat([scene.client.seal(0, "one"), scene.client.seal(0, "two")]);
        sealed[where % sealed.length]! ^= change;
        scene.server.give(0, sealed);
        scene.server.take(0);
        expect(["", "one"]).toContain(scene.server.heard[0]!.toString());
        scene.free(0);
      }),
    );
  });

  it("hears nothing any more", () => {
    expect(scene.connect(0, client, server)).toBe(true);
    scene.server.give(0, Buffer.alloc(100));
    expect(scene.server.give(0, scene.client.seal(0, "late"))).toHaveLength(0);
    expect(() => scene.server.seal(0, "no")).toThrow(AssertionFailure);
  });
});

describe("liveSessions", () => {
  it("comes back to 0 after handshakes abandoned at every step", () => {
    const steps = [0, 1, 2, 3, 4];
    for (let round = 0; round < 1000; round++) {
      const slot = round % 64;
      const step = steps[round % steps.length]!;
      abandon(slot, step);
    }
    expect(scene.server.engine.liveSessions).toBe(0);
    expect(scene.client.engine.liveSessions).toBe(0);
  });

  it("counts sessions from accept to free", () => {
    scene.server.engine.accept(0, server);
    scene.server.engine.accept(5, server);
    expect(scene.server.engine.liveSessions).toBe(2);
    scene.server.engine.free(0);
    expect(scene.server.engine.liveSessions).toBe(1);
  });

  it("outlives a context that is freed under a handshake", () => {
    const renewed = new ServerContexts(listenerPlan([certificates.server]), tickets);
    const chosen = renewed.choose("")!;
    scene.server.engine.accept(0, chosen);
    scene.client.engine.connect(0, client);
    renewed.free();
    scene.pump(0, scene.client.take(0), scene.server);
    expect(scene.isOpen(0)).toBe(true);
  });
});

describe("facts of a session", () => {
  it("name version, cipher, server name and both certificates", () => {
    expect(scene.connect(0, client, server)).toBe(true);
    const { engine } = scene.server;
    expect(engine.version(0)).toBe("TLSv1.3");
    expect(engine.cipher(0)).toMatch(/^TLS_(AES|CHACHA20)/);
    expect(engine.serverName(0)).toBe("localhost");
    expect(engine.alpn(0)).toBe("");
    expect(engine.verifyResult(0)).toBe(0);
    expect(engine.peerCertificate(0)).toBe(null);
    expect(engine.ownCertificate(0)).toMatchObject({
      commonName: "localhost",
      keyAlgorithm: "EC256",
      signatureAlgorithm: "ecdsa-with-SHA256",
    });
    expect(scene.client.engine.peerCertificate(0)?.commonName).toBe("localhost");
  });
});

// 0: at once; 1: the hello received; 2: and half of the answer; 3: and all of it; 4: done.
function abandon(slot: number, step: number): void {
  scene.server.engine.accept(slot, server);
  scene.client.engine.connect(slot, client);
  const hello = scene.client.take(slot);
  if (step >= 1) scene.server.give(slot, step === 1 ? hello.subarray(0, 100) : hello);
  const answer = scene.server.take(slot);
  if (step >= 2) scene.client.give(slot, step === 2 ? answer.subarray(0, 300) : answer);
  if (step === 4) scene.pump(slot, scene.client.take(slot), scene.server);
  scene.free(slot);
}
