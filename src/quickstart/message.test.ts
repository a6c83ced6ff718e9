import { describe, expect, it } from "vitest";
import { lowerQos, Message, type MessageFields, NOTHING } from "./message.ts";

function make(fields: Partial<MessageFields>): Message {
  const defaults = { topic: "t", payload: NOTHING, qos: 0, retain: false } as const;
  const rest = { passedOn: NOTHING, expiresAtMs: Infinity, publisher: "" };
  return new Message({ ...defaults, ...rest, ...fields });
}

describe("Message", () => {
  it("keeps its bytes once they have been moved out of the receive buffer", () => {
    const buffer = Buffer.from("payload and properties");
    const message = make({ payload: buffer.subarray(0, 7), passedOn: buffer.subarray(12) });
    expect(message.keep()).toBe(message);
    const { payload } = message;
    buffer.fill(0);
    expect(message.payload.toString()).toBe("payload");
    expect(message.passedOn.toString()).toBe("properties");
    expect(message.keep().payload).toBe(payload);
  });

  it("tells a receiver the seconds left, rounded up, and none when there is no expiry", () => {
    const message = make({ expiresAtMs: 10_000 });
    expect(message.secondsLeft(0)).toBe(10);
    expect(message.secondsLeft(8_999)).toBe(2);
    expect(message.secondsLeft(11_000)).toBe(0);
    expect(make({}).secondsLeft(5)).toBeNull();
  });

  it("is expired from the moment its interval has passed", () => {
    const message = make({ expiresAtMs: 10_000 });
    expect(message.isExpired(9_999)).toBe(false);
    expect(message.isExpired(10_000)).toBe(true);
    expect(make({}).isExpired(Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it("counts all its bytes", () => {
    const empty = make({}).size;
    const full = make({ payload: Buffer.alloc(100), passedOn: Buffer.alloc(20), topic: "tt" });
    expect(full.size - empty).toBe(121);
  });
});

describe("lowerQos", () => {
  it("gives the lower of the two", () => {
    expect(lowerQos(2, 1)).toBe(1);
    expect(lowerQos(0, 1)).toBe(0);
    expect(lowerQos(2, 2)).toBe(2);
  });
});
