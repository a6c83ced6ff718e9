import { beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../../tests/certificates.ts";
import { makeFrame } from "../../../tests/fixtures/frames.ts";
import { closeAtEnd } from "../../../tests/process/close-at-end.ts";
import { CONNACK, CONNECT, Scene } from "../../../tests/relay/relay-scene.ts";
import { TlsPeer } from "../../../tests/relay/tls-peer.ts";
import { certificatesOfTest, listenerPlan, serverPlan } from "../../../tests/tls/tls-scene.ts";
import type { WebSocketListenerPlan } from "../../shm/plan.ts";
import { makeClientContext } from "../../tls/tls-context.ts";

const DEADLINE_MS = 3_000;
const BINARY = 2;
const END_OF_HEAD = "\r\n\r\n";

let certificates: Certificates;

beforeAll(async () => {
  certificates = await certificatesOfTest();
});

function plan(changes: Partial<WebSocketListenerPlan> = {}): WebSocketListenerPlan {
  const sizes = { frameSizeMaxBytes: 1024, deadlineMs: DEADLINE_MS };
  return { paths: ["/mqtt"], origins: [], ...sizes, ...changes };
}

function scene(changes: Partial<WebSocketListenerPlan> = {}): Scene {
  return new Scene({ listener: { websocket: plan(changes) } });
}

function request(path = "/mqtt", ...more: readonly string[]): Uint8Array {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: broker.example",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: mqtt",
    ...more,
  ];
  return Buffer.from(lines.join("\r\n") + END_OF_HEAD);
}

const join = (...pieces: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(pieces));
const inFrame = (payload: Uint8Array) => makeFrame({ opcode: BINARY, payload });
const answerOf = (it: Scene, slot: number) => Buffer.from(it.io.taken(slot)).toString("latin1");

describe("onUpgradeBytes", () => {
  it("upgrades a client, whose CONNECT then comes in frames, as its CONNACK does", () => {
    const it = scene();
    const slot = it.client(request());
    const answer = answerOf(it, slot);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    // The example of RFC 6455, 1.3.
    expect(answer).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    expect(answer).toContain("Sec-WebSocket-Protocol: mqtt\r\n");
    it.io.bring(slot, inFrame(CONNECT));
    it.io.establish(slot ^ 1);
    expect(it.io.taken(slot ^ 1)).toEqual(CONNECT);
    it.io.bring(slot ^ 1, CONNACK);
    expect([...it.io.taken(slot)]).toEqual([0x82, CONNACK.length, ...CONNACK]);
    expect(it.count("websocketUpgrades")).toBe(1);
  });

  it("puts a request together that is split at any byte, with frames behind it", () => {
    const all = join(request(), inFrame(CONNECT));
    for (let at = 1; at < all.length; at++) {
      const it = scene();
      const slot = it.client(all.subarray(0, at));
      it.io.bring(slot, all.subarray(at));
      it.io.establish(slot ^ 1);
      expect(it.io.taken(slot ^ 1)).toEqual(CONNECT);
    }
  });

  it.each([
    ["another path", request("/other"), 404],
    ["another origin", request("/mqtt", "Origin: https://evil.example"), 403],
    ["no upgrade", Buffer.from(`GET /mqtt HTTP/1.1\r\nHost: a${END_OF_HEAD}`), 426],
    ["no HTTP", Buffer.from(`${"\x10\x20"}${END_OF_HEAD}`), 400],
    ["a request that is too large", request("/mqtt", `X: ${"x".repeat(9_000)}`), 431],
  ])("answers what it does not serve, in HTTP: %s", (_, bytes, status) => {
    const it = scene({ origins: ["https://app.example"] });
    const slot = it.client(bytes);
    expect(answerOf(it, slot)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(it.io.socket(slot).finished).toBe(true);
    it.io.end(slot);
    expect(it.reasons()).toEqual(["http-refused"]);
    expect(it.leftovers()).toEqual([]);
  });

  it("refuses a request that grows and grows, whatever it is", () => {
    const it = scene();
    const slot = it.client(Buffer.from("GET /mqtt HTTP/1.1\r\n"));
    for (let i = 0; i < 10 && !it.io.socket(slot).finished; i++) {
      it.io.bring(slot, Buffer.from(`X-${i}: ${"x".repeat(1_000)}\r\n`));
    }
    expect(answerOf(it, slot)).toMatch(/^HTTP\/1\.1 431 /);
    it.io.end(slot);
    expect(it.leftovers()).toEqual([]);
  });

  it("ends who breaks a rule of frames behind the request, with its code", () => {
    const it = scene();
    const slot = it.client(join(request(), makeFrame({ opcode: 1 })));
    expect(answerOf(it, slot).slice(-4)).toBe("\x88\x02\x03\xeb");
    it.io.end(slot);
    expect(it.reasons()).toEqual(["websocket-violation"]);
    expect(it.leftovers()).toEqual([]);
  });

  it("ends who closes behind the request, and who says nothing", () => {
    const gone = scene();
    const slot = gone.client(join(request(), makeFrame({ opcode: 8 })));
    gone.io.end(slot);
    expect([gone.reasons(), gone.leftovers()]).toEqual([["closed-before-connect"], []]);
    const late = scene();
    const waiting = late.client(request().subarray(0, 50));
    late.io.pass(DEADLINE_MS + 1);
    if (late.io.openSlots.includes(waiting)) late.io.end(waiting);
    expect([late.reasons(), late.leftovers()]).toEqual([["upgrade-deadline"], []]);
  });

  it("comes behind TLS where the listener has both", () => {
    const tls = listenerPlan([certificates.server]);
    const it = new Scene({ listener: { tls, websocket: plan() } });
    const slot = it.io.accept();
    const context = makeClientContext(serverPlan({ authorities: certificates.ca.cert }));
    const peer = closeAtEnd(TlsPeer.client(it.io, slot, context));
    peer.shakeHands();
    peer.say(join(request(), inFrame(CONNECT)));
    expect(`${peer.listen()}`).toMatch(/^HTTP\/1\.1 101 /);
    it.io.establish(slot ^ 1);
    expect(it.io.taken(slot ^ 1)).toEqual(CONNECT);
    context.free();
  });
});

describe("the end of a client before its CONNECT", () => {
  it("is the end when its wire has ended, with nothing to wait for", () => {
    for (const leave of ["end", "break"] as const) {
      const it = scene();
      const slot = it.client(request());
      it.io.taken(slot);
      if (leave === "end") it.io.end(slot);
      else it.io.break(slot, 104);
      expect(it.reasons()).toEqual(["closed-before-connect"]);
      expect([...it.io.taken(slot), ...it.leftovers()]).toEqual([]);
    }
  });

  it("is told with the code of its own fault, not of somebody else's", () => {
    const it = scene();
    const faulty = it.client(join(request(), makeFrame({ opcode: 1 })));
    it.io.end(faulty);
    const slow = it.client(request());
    it.io.taken(slow);
    it.io.pass(60_000);
    // 1001: going away.
    expect([...it.io.taken(slow)].slice(0, 4)).toEqual([0x88, 2, 0x03, 0xe9]);
    expect(it.leftovers()).toEqual([]);
  });
});
