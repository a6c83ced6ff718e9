import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEYS_KEPT_MAX, TICKET_KEY_SIZE, TicketKeys } from "./ticket-keys.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("TicketKeys", () => {
  it("has a key from the start, and a new first one after each rotation", () => {
    const told: (readonly Uint8Array[])[] = [];
    const keys = new TicketKeys({ rotateMs: 1000, onChange: (all) => told.push(all) });
    const [first] = keys.keys;
    expect(first).toHaveLength(TICKET_KEY_SIZE);
    keys.start();
    vi.advanceTimersByTime(1000);
    expect(told).toHaveLength(1);
    expect(keys.keys).toHaveLength(2);
    expect(keys.keys[0]).not.toEqual(first);
    expect(keys.keys[1]).toBe(first);
    vi.advanceTimersByTime(10_000);
    expect(keys.keys).toHaveLength(KEYS_KEPT_MAX);
    expect(keys.keys).not.toContain(first);
    keys.stop();
    vi.advanceTimersByTime(10_000);
    expect(told).toHaveLength(11);
  });
});
