import { describe, expect, it } from "vitest";
import { CONNECT, Scene, type SceneOptions } from "../../../tests/relay/relay-scene.ts";
import { ENDPOINT_SIZE, formatEndpoint, makeEndpoint } from "../../bytes/endpoint.ts";
import { PROXY_HEADER_SIZE_MAX } from "../../proxy-protocol/wire.ts";
import { ProxyV2Writer } from "../../proxy-protocol/write-v2.ts";
import type { ProxyHeaderInPlan } from "../../shm/plan.ts";

const DEADLINE_MS = 3_000;
const DEVICE = makeEndpoint("203.0.113.7", 40_000)!;
const PUBLIC = makeEndpoint("198.51.100.1", 8883)!;
const PROXY = makeEndpoint("10.1.2.3", 33_333)!;

function scene(plan: Partial<ProxyHeaderInPlan> = {}, options: SceneOptions = {}): Scene {
  const proxyProtocol = { mode: "required", from: [], deadlineMs: DEADLINE_MS, ...plan } as const;
  return new Scene({ ...options, listener: { proxyProtocol, ...options.listener } });
}

function header(isLocal = false): Uint8Array {
  const bytes = new Uint8Array(PROXY_HEADER_SIZE_MAX);
  const writer = new ProxyV2Writer();
  writer.begin(bytes, 0, isLocal, DEVICE, 0, PUBLIC, 0);
  return bytes.subarray(0, writer.finish(true));
}

function join(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

function clientOf({ context }: Scene): string {
  return formatEndpoint(context.connections.endpoints.slice(0, ENDPOINT_SIZE), 0);
}

const TEN = { endpoint: makeEndpoint("10.0.0.0", 0)!, prefixBits: 96 + 8 };

describe("onProxyHeaderBytes", () => {
  it("takes the client's address from the header and passes on what lies behind it", () => {
    const proxied = scene();
    const slot = proxied.client(join(header(), CONNECT), PROXY);
    expect(clientOf(proxied)).toBe("203.0.113.7:40000");
    proxied.io.establish(slot ^ 1);
    expect(proxied.io.taken(slot ^ 1)).toEqual(CONNECT);
  });

  it("passes on what lies behind it where a listener is tcp", () => {
    const proxied = scene({}, { listener: { protocol: "tcp" } });
    const slot = proxied.client(join(header(), CONNECT), PROXY);
    proxied.io.establish(slot ^ 1);
    expect(proxied.io.taken(slot ^ 1)).toEqual(CONNECT);
  });

  it("puts a header together that is split at any byte", () => {
    const all = join(header(), CONNECT);
    for (let at = 1; at < all.length; at++) {
      const proxied = scene();
      const slot = proxied.client(all.subarray(0, at), PROXY);
      proxied.io.bring(slot, all.subarray(at));
      expect(clientOf(proxied)).toBe("203.0.113.7:40000");
      proxied.io.establish(slot ^ 1);
      expect(proxied.io.taken(slot ^ 1)).toEqual(CONNECT);
    }
  });

  it("keeps the socket's own address for a header that names none", () => {
    const proxied = scene();
    proxied.client(join(header(true), CONNECT), PROXY);
    expect(clientOf(proxied)).toBe("10.1.2.3:33333");
  });

  it("refuses a client without a header, where one is required", () => {
    const proxied = scene();
    proxied.client(CONNECT);
    expect(proxied.reasons()).toEqual(["proxy-header-missing"]);
    expect(proxied.leftovers()).toEqual([]);
  });

  it("takes a client without a header as it is, where one is optional", () => {
    const proxied = scene({ mode: "optional" });
    const slot = proxied.client(CONNECT, PROXY);
    expect(clientOf(proxied)).toBe("10.1.2.3:33333");
    proxied.io.establish(slot ^ 1);
    expect(proxied.io.taken(slot ^ 1)).toEqual(CONNECT);
  });

  it("believes those who may send headers and nobody else", () => {
    const believed = scene({ from: [TEN] });
    believed.client(join(header(), CONNECT), PROXY);
    expect(clientOf(believed)).toBe("203.0.113.7:40000");
    for (const mode of ["required", "optional"] as const) {
      const forged = scene({ mode, from: [TEN] });
      forged.client(join(header(), CONNECT), makeEndpoint("11.1.2.3", 33_333)!);
      expect(forged.reasons()).toEqual(["proxy-header-forbidden"]);
      expect(forged.leftovers()).toEqual([]);
    }
  });

  it("refuses a header that breaks the protocol, and one whose length lies", () => {
    const bad = header();
    bad[13] = 0x31;
    const long = header();
    long[14] = 0xff;
    for (const bytes of [bad, long]) {
      const proxied = scene();
      proxied.client(bytes);
      expect(proxied.reasons()).toEqual(["proxy-header-malformed"]);
      expect(proxied.leftovers()).toEqual([]);
    }
  });

  it("ends a client whose header does not come in time, or that leaves before", () => {
    const slow = scene();
    const slot = slow.client(header().subarray(0, 5));
    slow.io.pass(DEADLINE_MS + 1);
    expect(slow.reasons()).toEqual(["proxy-header-deadline"]);
    const gone = scene();
    gone.io.end(gone.client(header().subarray(0, 5)));
    expect(gone.reasons()).toEqual(["closed-before-connect"]);
    expect([slot, ...slow.leftovers(), ...gone.leftovers()]).toEqual([slot]);
  });
});
