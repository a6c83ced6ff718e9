import { generate, type Packet } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Supervised, startSupervised } from "../../tests/fixtures/supervised.ts";
import type { TraceEvent } from "../supervisor/traces.ts";
import { describeTrace } from "./trace-events.ts";

let supervised: Supervised;
beforeAll(async () => {
  supervised = await startSupervised();
});
afterAll(() => supervised.supervisor.stop(0));

const TOLD = { atMs: 1_700_000_000_000, connection: "0-1-2" };

function describeIt(event: TraceEvent, withPayload = false) {
  return describeTrace(supervised.supervisor, event, withPayload);
}

function publish(kept: number): TraceEvent {
  const whole = generate({ cmd: "publish", topic: "a", payload: "hello", qos: 0 } as Packet);
  const facts = { from: "client", level: 4, packetSize: whole.length, isGarbage: false } as const;
  return { ...TOLD, kind: "packet", ...facts, bytes: whole.subarray(0, kept) };
}

describe("describeTrace", () => {
  it("names servers and reasons, and what is not there any more as such", () => {
    const at = "2023-11-14T22:13:20.000Z";
    expect(describeIt({ ...TOLD, kind: "server", server: 2 })).toEqual({
      ...{ at, connection: "0-1-2", event: "server", pool: "spare", server: "c" },
    });
    expect(describeIt({ ...TOLD, kind: "server", server: 99 })).toMatchObject({ server: "-" });
    expect(describeIt({ ...TOLD, kind: "closed", reason: null })).toMatchObject({ reason: null });
    expect(describeIt({ ...TOLD, kind: "closed", reason: 0 })).toMatchObject({
      sentence: expect.stringMatching(/./),
    });
    expect(describeIt({ ...TOLD, kind: "opened" })).toMatchObject({ client: null, listener: null });
  });

  it("gives payloads to who asks, as far as they were kept", () => {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    expect(describeIt(publish(10))).not.toHaveProperty("payload");
    expect(describeIt(publish(10), true)).toMatchObject({
      ...{ size: 10, payload: base64("hello"), isPayloadCut: false },
    });
    expect(describeIt(publish(7), true)).toMatchObject({
      ...{ size: 10, payloadSize: 5, payload: base64("he"), isPayloadCut: true },
    });
    expect(describeIt(publish(3), true)).toMatchObject({ size: 10, isCut: true });
    expect(describeIt(publish(3), true)).not.toHaveProperty("payload");
  });

  it("calls garbage malformed", () => {
    const bytes = Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff);
    const facts = { from: "server", level: 4, packetSize: 0, isGarbage: true, bytes } as const;
    expect(describeIt({ ...TOLD, kind: "packet", ...facts })).toMatchObject({
      ...{ from: "server", type: "PUBLISH", isMalformed: true, size: 5 },
    });
  });
});
