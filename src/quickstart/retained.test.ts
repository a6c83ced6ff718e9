import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matches } from "../../tests/fixtures/topic-matching.ts";
import { Message, NOTHING } from "./message.ts";
import { RetainedStore } from "./retained.ts";

function message(topic: string, text: string, expiresAtMs = Infinity): Message {
  const payload = Buffer.from(text);
  const rest = { qos: 0, retain: true, passedOn: NOTHING, publisher: "" } as const;
  return new Message({ topic, payload, expiresAtMs, ...rest });
}

function topicsOf(store: RetainedStore, filter: string, nowMs = 0): string[] {
  return store
    .match(filter, nowMs)
    .map(({ topic }) => topic)
    .sort();
}

describe("RetainedStore", () => {
  it("finds for a filter what comparing every topic finds", () => {
    const level = fc.constantFrom("a", "b", "", "$x");
    const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const filter = fc.constantFrom("#", "+", "+/#", "a/#", "+/+", "a/+/b", "/#", "$x/#", "a", "//");
    fc.assert(
      fc.property(fc.uniqueArray(topic, { maxLength: 20 }), filter, (topics, wanted) => {
        const store = new RetainedStore(100);
        for (const name of topics) store.store(message(name, "x"));
        const expected = topics.filter((name) => matches(wanted, name)).sort();
        expect(topicsOf(store, wanted)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps the last message of a topic and drops it for an empty one", () => {
    const store = new RetainedStore(10);
    store.store(message("a", "first"));
    store.store(message("a", "second"));
    expect(store.count).toBe(1);
    expect(store.match("a", 0)[0]!.payload.toString()).toBe("second");
    store.store(message("a", ""));
    store.store(message("never/there", ""));
    expect(store.count).toBe(0);
    expect(topicsOf(store, "#")).toEqual([]);
  });

  it("takes no further topic when it is full, but still replaces", () => {
    const store = new RetainedStore(2);
    expect(store.store(message("a", "1"))).toBe(true);
    expect(store.store(message("a/b", "1"))).toBe(true);
    expect(store.store(message("c", "1"))).toBe(false);
    expect(store.store(message("a", "2"))).toBe(true);
    expect(topicsOf(store, "#")).toEqual(["a", "a/b"]);
  });

  it("gives out no message past its expiry, and forgets it when asked to", () => {
    const store = new RetainedStore(10);
    store.store(message("short", "x", 1000));
    store.store(message("long", "x"));
    expect(topicsOf(store, "#", 999)).toEqual(["long", "short"]);
    expect(topicsOf(store, "#", 1000)).toEqual(["long"]);
    expect(store.count).toBe(2);
    store.dropExpired(1000);
    expect(store.count).toBe(1);
  });

  it("holds bytes of its own", () => {
    const store = new RetainedStore(10);
    const receiveBuffer = Buffer.from("hello");
    const fields = { topic: "a", payload: receiveBuffer, passedOn: NOTHING, publisher: "" };
    store.store(new Message({ ...fields, qos: 0, retain: true, expiresAtMs: Infinity }));
    receiveBuffer.fill(0);
    expect(store.match("a", 0)[0]!.payload.toString()).toBe("hello");
  });
});
