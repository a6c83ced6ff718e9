import { afterAll, expect, it } from "vitest";
import { TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { findBanTable, listBans } from "./bans.ts";

const { supervisor } = await startSupervised(TWO_POOLS);
afterAll(() => supervisor.stop(0));

it("there are no bans where no listener bans", () => {
  expect(listBans(supervisor, 1_000)).toEqual([]);
  expect(findBanTable(supervisor, "mqtt", "address")).toBeNull();
});
