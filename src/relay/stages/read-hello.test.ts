import { beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../../tests/certificates.ts";
import { CONNECT, Scene } from "../../../tests/relay/relay-scene.ts";
import { helloMessage, records, serverNameExtension } from "../../../tests/tls/hello-bytes.ts";
import { certificatesOfTest, listenerPlan } from "../../../tests/tls/tls-scene.ts";
import { parseRule } from "../../rules/parse-rule.ts";
import type { ListenerPlan, TlsListenerPlan } from "../../shm/plan.ts";
import { poolFor } from "./read-hello.ts";

const DEADLINE_MS = 3_000;

let certificates: Certificates;

beforeAll(async () => {
  certificates = await certificatesOfTest();
});

function hello(name: string, version = 0x0303): Uint8Array {
  const extensions = name === "" ? null : serverNameExtension(name);
  return records(helloMessage({ version, extensions }));
}

/** A listener whose TLS ends at the broker. */
function passing(): Scene {
  return new Scene({ listener: { protocol: "tls", connectDeadlineMs: DEADLINE_MS } });
}

/** A listener where TLS ends. */
function ending(changes: Partial<TlsListenerPlan> = {}): Scene {
  const own = { handshakeDeadlineMs: DEADLINE_MS, ...changes };
  return new Scene({ listener: { tls: listenerPlan([certificates.server], own) } });
}

describe("poolFor", () => {
  const listener = {
    pool: 0,
    serverNames: [
      { name: "a.example", pool: 1 },
      { name: "*.example", pool: 2 },
      { name: "*.b.example", pool: 3 },
    ],
  } as Partial<ListenerPlan> as ListenerPlan;

  it.each([
    ["a.example", 1],
    ["c.example", 2],
    ["a.b.example", 3],
    ["a.a.b.example", 0],
    ["example", 0],
    ["nobody", 0],
    ["", 0],
  ])("of %j is %i", (name, pool) => {
    expect(poolFor(listener, name)).toBe(pool);
  });
});

describe("onHelloBytes, where TLS ends at the broker", () => {
  it("passes the hello on as it came, split at any byte, and what follows", () => {
    const bytes = hello("a.example");
    for (let at = 1; at < bytes.length; at++) {
      const scene = passing();
      const slot = scene.io.accept();
      scene.io.bring(slot, bytes.subarray(0, at));
      scene.io.bring(slot, bytes.subarray(at));
      scene.io.establish(slot ^ 1);
      expect(scene.io.taken(slot ^ 1)).toEqual(bytes);
      scene.io.bring(slot, [1, 2, 3]);
      expect([...scene.io.taken(slot ^ 1)]).toEqual([1, 2, 3]);
    }
  });

  it("tells rules the name that the client asks for", () => {
    const rules = [parseRule("reject if { req.ssl_sni -m beg bad }", "content").plan!];
    const scene = new Scene({ listener: { protocol: "tls", rules } });
    scene.client(hello("bad.example"));
    expect(scene.reasons()).toEqual(["refused-by-rule"]);
    scene.client(hello("good.example"));
    scene.client(hello(""));
    expect(scene.io.dials.length).toBe(2);
    expect(scene.context.helloNames.size).toBe(2);
  });

  it("does not care for versions", () => {
    const scene = passing();
    scene.client(hello("a.example", 0x0301));
    expect(scene.io.dials.length).toBe(1);
  });
});

describe("onHelloBytes", () => {
  it.each([
    ["a CONNECT", CONNECT, "not-tls"],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n"), "not-tls"],
    ["a broken hello", Uint8Array.of(0x16, 3, 1, 0, 4, 1, 0, 0, 0), "tls-hello-malformed"],
    ["SSL 3.0", hello("", 0x0300), "tls-version-unsupported"],
  ])("ends what is none before it costs a session: %s", (_, bytes, reason) => {
    for (const scene of [ending(), passing()]) {
      scene.client(bytes);
      expect(scene.reasons()).toEqual([reason]);
      expect([scene.context.transport.tlsSessions, ...scene.leftovers()]).toEqual([0]);
    }
  });

  it("begins a session with the whole hello", () => {
    const scene = ending();
    const slot = scene.client(hello("localhost").subarray(0, 20));
    expect(scene.context.transport.tlsSessions).toBe(0);
    scene.io.bring(slot, hello("localhost").subarray(20));
    // OpenSSL has looked at it, and found neither groups nor signature algorithms.
    scene.io.end(slot);
    expect(scene.reasons()).toEqual(["tls-no-shared-cipher"]);
  });

  it.each(["nobody.test", ""])("refuses the name %j where names are strict", (name) => {
    const scene = ending({ strictServerName: true });
    const slot = scene.client(hello(name));
    expect([...scene.io.taken(slot)]).toEqual([0x15, 3, 3, 0, 2, 2, 112]);
    scene.io.end(slot);
    expect(scene.reasons()).toEqual(["tls-name-unknown"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("waits for the rest of a hello for as long as the deadline says", () => {
    for (const scene of [ending(), passing()]) {
      scene.client(hello("a.example").subarray(0, 30));
      scene.io.pass(DEADLINE_MS + 1);
      expect(scene.reasons()).toEqual(["tls-deadline"]);
      expect(scene.leftovers()).toEqual([]);
    }
  });

  it("takes a client that leaves in the middle for what it is", () => {
    const scene = ending();
    scene.io.end(scene.client(hello("a.example").subarray(0, 30)));
    expect(scene.reasons()).toEqual(["tls-abandoned"]);
    expect(scene.leftovers()).toEqual([]);
  });
});
