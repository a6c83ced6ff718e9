import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import {
  certificatesOfTest,
  listenerPlan,
  NO_CLIENT_CERTIFICATE,
  serverPlan,
  TlsEnd,
  TlsScene,
} from "../../tests/tls/tls-scene.ts";
import { AssertionFailure } from "../assert.ts";
import type { TlsListenerPlan, TlsServerPlan, TlsVersion } from "../shm/plan.ts";
import { ServerContexts } from "./server-contexts.ts";
import { TICKET_KEY_SIZE, TicketKeys } from "./ticket-keys.ts";
import { makeClientContext, type TlsContext } from "./tls-context.ts";

const VERSIONS: readonly TlsVersion[] = ["1.2", "1.3"];
const newKey = () => new Uint8Array(randomBytes(TICKET_KEY_SIZE));

let certificates: Certificates;
let scene: TlsScene;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  scene = new TlsScene();
});

afterAll(() => scene.destroy());

/** One handshake. @returns whether it resumed an earlier one */
function resumes(client: TlsContext, contexts: ServerContexts): boolean {
  expect(scene.connect(0, client, contexts.choose("")!)).toBe(true);
  const resumed = scene.server.engine.wasResumed(0);
  expect(scene.client.engine.wasResumed(0)).toBe(resumed);
  scene.free(0);
  return resumed;
}

function listener(tickets: TicketKeys | null, changes?: Partial<TlsListenerPlan>): ServerContexts {
  return new ServerContexts(listenerPlan([certificates.server], changes), tickets);
}

function client(versionMax: TlsVersion = "1.3", changes: Partial<TlsServerPlan> = {}): TlsContext {
  const { cert: authorities } = certificates.ca;
  return makeClientContext(serverPlan({ authorities, versionMax, ...changes }));
}

describe.each(VERSIONS)("tickets of TLS %s", (version) => {
  it("resume at any worker that has the key", () => {
    const key = newKey();
    const [one, other] = [new TicketKeys(), new TicketKeys()];
    for (const keys of [one, other]) keys.useKeys([key]);
    const [here, there] = [listener(one), listener(other)];
    const device = client(version);
    expect([here, there, here].map((each) => resumes(device, each))).toEqual([false, true, true]);
    for (const each of [here, there, device]) each.free();
  });

  it("of an older key are taken and replaced", () => {
    const [old, young] = [newKey(), newKey()];
    const keys = new TicketKeys();
    keys.useKeys([old]);
    const contexts = listener(keys);
    const device = client(version);
    expect(resumes(device, contexts)).toBe(false);
    keys.useKeys([young, old]);
    expect(resumes(device, contexts)).toBe(true);
    keys.useKeys([young]);
    // OpenSSL's client does not tell of a ticket that replaces one of TLS 1.2.
    expect(resumes(device, contexts)).toBe(version === "1.3");
    for (const each of [contexts, device]) each.free();
  });

  it("of any of eight keys are taken, and of none when it is gone", () => {
    const all = Array.from({ length: 8 }, newKey);
    const [keys, sealer] = [new TicketKeys(), new TicketKeys()];
    keys.useKeys(all);
    sealer.useKeys(all.slice(-1));
    const [here, there] = [listener(sealer), listener(keys)];
    const device = client(version);
    expect([here, there].map((each) => resumes(device, each))).toEqual([false, true]);
    const another = client(version);
    resumes(another, here);
    keys.useKeys(all.slice(0, -1));
    expect(resumes(another, there)).toBe(false);
    for (const each of [here, there, device, another]) each.free();
  });

  it("of a forgotten key lead to a full handshake", () => {
    const keys = new TicketKeys();
    keys.useKeys([newKey()]);
    const contexts = listener(keys);
    const device = client(version);
    resumes(device, contexts);
    keys.useKeys([newKey()]);
    expect(resumes(device, contexts)).toBe(false);
    for (const each of [contexts, device]) each.free();
  });

  it("are sealed with a key of this worker's own until there are others", () => {
    const contexts = listener(new TicketKeys());
    const device = client(version);
    expect([1, 2].map(() => resumes(device, contexts))).toEqual([false, true]);
    for (const each of [contexts, device]) each.free();
  });

  it("are not given when they are off", () => {
    const contexts = listener(null, { tickets: false });
    const device = client(version);
    expect([1, 2].map(() => resumes(device, contexts))).toEqual([false, false]);
    for (const each of [contexts, device]) each.free();
  });

  it("keep who the client is, and end with whom the listener trusts", () => {
    const keys = new TicketKeys();
    const clientCertificate = {
      ...NO_CLIENT_CERTIFICATE,
      mode: "required" as const,
      authorities: certificates.ca.cert,
    };
    const contexts = listener(keys, { clientCertificate });
    const { cert: chain, key } = certificates.client;
    const device = client(version, { certificate: { chain, key } });
    resumes(device, contexts);
    expect(scene.connect(0, device, contexts.choose("")!)).toBe(true);
    expect(scene.server.engine.wasResumed(0)).toBe(true);
    expect(scene.server.engine.peerCertificate(0)?.commonName).toBe("device-1");
    expect(scene.server.engine.verifyResult(0)).toBe(0);
    scene.free(0);
    const revoked = certificates.crl.text;
    const stricter = listener(keys, { clientCertificate: { ...clientCertificate, revoked } });
    expect(resumes(device, stricter)).toBe(false);
    for (const each of [contexts, stricter, device]) each.free();
  });
});

describe("a session towards a server", () => {
  it("resumes for as long as its context lives, also without a close_notify", () => {
    const keys = new TicketKeys();
    const contexts = listener(keys);
    const device = client();
    expect([1, 2, 3].map(() => resumes(device, contexts))).toEqual([false, true, true]);
    device.free();
    const another = client();
    expect(resumes(another, contexts)).toBe(false);
    for (const each of [contexts, another]) each.free();
  });

  it("that tells of a ticket after its context was freed is let go", () => {
    const contexts = listener(new TicketKeys());
    const device = client();
    const end = new TlsEnd();
    end.engine.connect(0, device);
    scene.server.engine.accept(0, contexts.choose("")!);
    scene.server.give(0, end.take(0));
    end.give(0, scene.server.take(0));
    device.free();
    scene.server.give(0, end.take(0));
    end.give(0, scene.server.take(0));
    expect(end.give(0, scene.server.seal(0, "on")).toString()).toBe("on");
    end.engine.free(0);
    scene.server.engine.free(0);
    contexts.free();
    end.destroy();
  });
});

describe("useKeys", () => {
  it("wants keys of 80 bytes, and some", () => {
    const keys = new TicketKeys();
    expect(() => keys.useKeys([])).toThrow(AssertionFailure);
    expect(() => keys.useKeys([new Uint8Array(48)])).toThrow(AssertionFailure);
    expect(() => keys.useKeys(new Array(9).fill(newKey()))).toThrow(AssertionFailure);
  });

  it("is over once they are freed", () => {
    const keys = new TicketKeys();
    expect(keys.callbackAddress).toBeGreaterThan(0);
    expect(keys.callbackAddress).toBe(keys.callbackAddress);
    keys.free();
  });
});
