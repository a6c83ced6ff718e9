import { describe, expect, it } from "vitest";
import { ConnectedIds, createConnectedIds, NO_PLACE } from "./connected-ids.ts";

const encoder = new TextEncoder();

function table(idsMax = 64) {
  const ids = new ConnectedIds(createConnectedIds(idsMax, 7));
  const bytesOf = (id: string) => encoder.encode(`..${id}`);
  const enter = (id: string, pool = 0) => ids.enter(pool, bytesOf(id), 2, id.length);
  const has = (id: string, pool = 0) => ids.has(pool, bytesOf(id), 2, id.length);
  return { ids, enter, has };
}

describe("ConnectedIds", () => {
  it("knows who is connected until the last one of an id has left", () => {
    const { ids, enter, has } = table();
    expect(has("a")).toBe(false);
    const first = enter("a");
    expect([ids.wasThere, has("a")]).toEqual([false, true]);
    const second = enter("a");
    expect(ids.wasThere).toBe(true);
    ids.leave(first);
    expect(has("a")).toBe(true);
    ids.leave(second);
    expect(has("a")).toBe(false);
    enter("a");
    expect(ids.wasThere).toBe(false);
  });

  it("keeps pools apart", () => {
    const { ids, enter, has } = table();
    enter("a", 0);
    expect([has("a", 0), has("a", 1)]).toEqual([true, false]);
    enter("a", 1);
    expect(ids.wasThere).toBe(false);
  });

  it("has room for nearly all ids that may be connected, and mistakes none for another", () => {
    const count = 50_000;
    const { ids, enter, has } = table(count);
    const places = Array.from({ length: count }, (_, i) => {
      const place = enter(`device-${i}`);
      expect(ids.wasThere).toBe(false);
      return place;
    });
    expect(places.filter((place) => place === NO_PLACE).length).toBeLessThan(count / 2_000);
    const strangers = Array.from({ length: count }, (_, i) => has(`stranger-${i}`));
    expect(strangers.filter(Boolean)).toEqual([]);
    for (const place of places) if (place !== NO_PLACE) ids.leave(place);
    expect(Array.from({ length: count }, (_, i) => has(`device-${i}`)).some(Boolean)).toBe(false);
  });

  it("takes nobody in where there is no room, and no 256th of one id", () => {
    const { ids, enter, has } = table(1);
    const crowd = Array.from({ length: 9 }, (_, i) => enter(`${i}`));
    expect(crowd.filter((place) => place === NO_PLACE)).toHaveLength(1);
    expect(has("8")).toBe(false);
    const same = table(1);
    for (let i = 0; i < 255; i++) expect(same.enter("x")).not.toBe(NO_PLACE);
    expect([same.enter("x"), same.ids.wasThere]).toEqual([NO_PLACE, true]);
    ids.leave(crowd[0]!);
    expect(enter("8")).not.toBe(NO_PLACE);
  });
});
