import { describe, expect, it } from "vitest";
import { CONNACK, CONNECT, Scene } from "../../tests/relay/relay-scene.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";

/** Of CONNECT's flags, in an MQTT 3.1.1 packet whose size takes one byte. */
const RESERVED_FLAG_AT = 9;

const text = (value: string) => new TextEncoder().encode(value);

const faultOf = (scene: Scene) => scene.shared.errors.ofListener(0)?.faultOffset;

function captured(scene: Scene) {
  const { errors } = scene.shared;
  const of = (found: ReturnType<typeof errors.ofListener>) =>
    found === null ? null : [CLOSE_REASONS[found.reason]!.name, [...found.bytes]];
  return { listener: of(errors.ofListener(0)), pool: of(errors.ofPool(0)), count: errors.count() };
}

describe("ErrorCapture", () => {
  it("keeps what came instead of a CONNECT, its pieces together", () => {
    const http = text("GET /mqtt HTTP/1.1\r\n");
    const scene = new Scene();
    scene.client(http);
    expect(captured(scene)).toEqual({
      listener: ["http-on-mqtt-port", [...http]],
      pool: null,
      count: 1,
    });
    const broken = Uint8Array.from(CONNECT);
    broken[RESERVED_FLAG_AT]! |= 1;
    for (let at = 1; at <= RESERVED_FLAG_AT; at++) {
      const split = new Scene();
      const slot = split.client(broken.subarray(0, at));
      split.io.bring(slot, broken.subarray(at));
      expect(captured(split).listener).toEqual(["connect-malformed", [...broken]]);
      expect(faultOf(split)).toBe(RESERVED_FLAG_AT);
    }
  });

  it("says where a CONNECT broke its rule, and of nothing else", () => {
    const scene = new Scene();
    scene.client(Uint8Array.of(0x16, 0x03, 0x01));
    expect([captured(scene).listener?.[0], faultOf(scene)]).toEqual(["tls-on-plain-port", 0]);
    const large = new Scene();
    large.client(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f));
    expect([captured(large).listener?.[0], faultOf(large)]).toEqual(["connect-too-large", 1]);
    const later = new Scene();
    const slot = later.relayed();
    later.io.bring(slot ^ 1, CONNACK);
    later.io.bring(slot, Uint8Array.of(0x00, 0x00));
    expect(faultOf(later)).toBe(-1);
  });

  it("keeps packets of clients and servers that are none, by listener and by pool", () => {
    const scene = new Scene();
    const slot = scene.relayed();
    scene.io.bring(slot ^ 1, CONNACK);
    scene.io.bring(slot, Uint8Array.of(0x00, 0x00));
    expect(captured(scene)).toMatchObject({ listener: ["malformed-from-client", [0, 0]] });
    const other = new Scene();
    const faulty = other.relayed() ^ 1;
    other.io.bring(faulty, CONNACK);
    other.io.bring(faulty, Uint8Array.of(0x0f, 0x01));
    expect(captured(other)).toMatchObject({
      listener: null,
      pool: ["malformed-from-server", [0x0f, 0x01]],
    });
  });

  it("keeps nothing of those who say nothing wrong", () => {
    const scene = new Scene();
    scene.io.end(scene.client(CONNECT.subarray(0, 5)));
    scene.io.bring(scene.relayed(), Uint8Array.of(0xe0, 0x00));
    expect(captured(scene)).toEqual({ listener: null, pool: null, count: 0 });
  });
});
