import { fstatSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { connectTo } from "../../tests/fixtures/connect-to.ts";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { endpointPort, makeEndpoint } from "../bytes/endpoint.ts";
import type { Settings } from "../config/settings.ts";
import { OpenListeners } from "./open-listeners.ts";
import { placesFor } from "./places.ts";
import { makeRoster } from "./roster.ts";

const file = await settingsFrom(TWO_POOLS);
const places = placesFor(file);
const first = makeRoster(file, places, null);
let listeners = new OpenListeners(2);

afterEach(() => {
  listeners.close();
  listeners = new OpenListeners(2);
});

function withListeners(count: number): Settings {
  return { ...file, listeners: file.listeners.slice(0, count) };
}

describe("OpenListeners", () => {
  it("opens a socket for each listener and worker", () => {
    listeners.use(first, listeners.openMissing(first));
    const fds = [...listeners.fdsOf(0), ...listeners.fdsOf(1)];
    expect(new Set(fds).size).toBe(4);
  });

  it("keeps the sockets of those who stay, and closes others when it is told to", async () => {
    listeners.use(first, listeners.openMissing(first));
    const [kept, gone] = listeners.fdsOf(1);
    const port = endpointPort(listeners.endpointOf(1)!, 0);
    const second = makeRoster(withListeners(1), places, first);
    const close = listeners.use(second, listeners.openMissing(second));
    expect(listeners.fdsOf(1)).toEqual([kept]);
    expect(listeners.endpointOf(1)).toBeNull();
    expect(await connectTo(port)).toBe("connected");
    close();
    expect(() => fstatSync(gone!)).toThrow("EBADF");
    expect(await connectTo(port)).toBe("ECONNREFUSED");
  });

  it("opens none when one cannot be bound, and what runs is as before", () => {
    const one = makeRoster(withListeners(1), places, null);
    listeners.use(one, listeners.openMissing(one));
    const before = listeners.fdsOf(0);
    const foreign = makeEndpoint("192.0.2.1", 1883)!;
    const bad = {
      ...file.listeners[1]!,
      listen: { ...file.listeners[1]!.listen, endpoint: foreign },
    };
    const wanted = { ...file, listeners: [...file.listeners, bad] };
    expect(() => listeners.openMissing(makeRoster(wanted, places, one))).toThrow("Cannot bind");
    expect(listeners.fdsOf(0)).toEqual(before);
  });

  it("opens a listener anew that returns before it was closed", async () => {
    listeners.use(first, listeners.openMissing(first));
    const less = makeRoster(withListeners(1), places, first);
    const close = listeners.use(less, listeners.openMissing(less));
    const again = makeRoster(file, places, less);
    listeners.use(again, listeners.openMissing(again));
    close();
    expect(await connectTo(endpointPort(listeners.endpointOf(1)!, 0))).toBe("connected");
  });
});
