import { expect, it } from "vitest";
import type { Ban } from "../supervisor/ban-watch.ts";
import { describeBan, describeBanChange, describeBans } from "./bans.ts";

const ban: Ban = {
  ...{ listener: "mqtt", by: "address", key: "192.0.2.7", failures: 12, cause: "not-mqtt" },
  untilMs: 600_000,
};

it("a ban is shown with when it ends and how long that is", () => {
  expect(describeBan(ban, 1_400)).toEqual({
    ...{ listener: "mqtt", by: "address", key: "192.0.2.7", failures: 12, cause: "not-mqtt" },
    ...{ until: "1970-01-01T00:10:00.000Z", remainingSeconds: 599 },
  });
  expect(describeBan(ban, 700_000).remainingSeconds).toBe(0);
});

it("a change says when, what and whose", () => {
  const shown = describeBanChange({ atMs: 1_000, state: "lifted", ban });
  expect(shown).toMatchObject({ at: "1970-01-01T00:00:01.000Z", state: "lifted", key: ban.key });
  expect(shown).not.toHaveProperty("remainingSeconds");
});

it("the page lists the dozen that end last", () => {
  const all = Array.from({ length: 20 }, (_, i) => ({ ...ban, key: `k${i}`, untilMs: i * 1_000 }));
  const watch = {
    bans: all,
    counts: [
      { listener: "mqtt", by: "address", count: 20 },
      { listener: "mqtt", by: "client-id", count: 12_000 },
    ],
  };
  const { isOn, count, longest } = describeBans({ bans: watch } as never, 0);
  expect([isOn, count, longest.length, longest[0]!.key]).toEqual([true, 12_020, 12, "k19"]);
  expect(describeBans({ bans: { bans: [], counts: [] } } as never, 0)).toMatchObject({
    isOn: false,
  });
});
