import { describe, expect, it } from "vitest";
import { type Delivery, DeliveryQueue } from "./delivery-queue.ts";
import { Message, NOTHING } from "./message.ts";

const LIMITS = { queueMax: 100, queueMaxBytes: 10_000 };

function delivery(text: string): Delivery {
  const fields = { topic: "t", payload: Buffer.from(text), passedOn: NOTHING, publisher: "" };
  const message = new Message({ ...fields, qos: 1, retain: false, expiresAtMs: Infinity });
  return { message, qos: 1, retain: false, subscriptionIds: null };
}

function budget(maxBytes = 1_000_000) {
  return { maxBytes, usedBytes: 0 };
}

describe("DeliveryQueue", () => {
  it("gives back in order what was put in, while being filled and emptied", () => {
    const queue = new DeliveryQueue(LIMITS, budget());
    const taken: string[] = [];
    for (let i = 0; i < 50; i++) {
      queue.push(delivery(`${2 * i}`));
      queue.push(delivery(`${2 * i + 1}`));
      expect(queue.first).toBeDefined();
      taken.push(queue.shift()!.message.payload.toString());
    }
    expect(queue.count).toBe(50);
    while (queue.count > 0) taken.push(queue.shift()!.message.payload.toString());
    expect(taken).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
    expect(queue.shift()).toBeUndefined();
    expect(queue.first).toBeUndefined();
  });

  it("takes no more messages than it may", () => {
    const queue = new DeliveryQueue({ ...LIMITS, queueMax: 2 }, budget());
    expect([1, 2, 3].map((i) => queue.push(delivery(`${i}`)))).toEqual([true, true, false]);
    queue.shift();
    expect(queue.push(delivery("4"))).toBe(true);
  });

  it("takes no more bytes than it may", () => {
    const queue = new DeliveryQueue({ ...LIMITS, queueMaxBytes: 1000 }, budget());
    expect(queue.push(delivery("x".repeat(800)))).toBe(true);
    expect(queue.push(delivery("x".repeat(800)))).toBe(false);
    expect(queue.push(delivery("x"))).toBe(false);
  });

  it("shares a budget with other queues and gives everything back", () => {
    const shared = budget(1000);
    const one = new DeliveryQueue(LIMITS, shared);
    const two = new DeliveryQueue(LIMITS, shared);
    expect(one.push(delivery("x".repeat(500)))).toBe(true);
    expect(two.push(delivery("x".repeat(500)))).toBe(false);
    one.shift();
    expect(shared.usedBytes).toBe(0);
    expect(two.push(delivery("x".repeat(500)))).toBe(true);
    two.clear();
    expect(shared.usedBytes).toBe(0);
    expect(two.count).toBe(0);
  });
});
