import { expect, test } from "vitest";
import { loadRuled } from "../../tests/fixtures/ruled-settings.ts";

test("tables with names come first, those of one pool behind them", async () => {
  const { settings } = await loadRuled({
    top: ["stickTables: { t: { size: 9, expire: 1h } }"],
    pool: [
      "stickRules: [{ by: client-id, table: t }, { by: src, use: store, if: TRUE, table: t }]",
    ],
  });
  expect(settings?.stickTables).toEqual([
    { name: "t", isShared: true, sizeMax: 9, expireMs: 3_600_000, followsSession: false },
  ]);
  expect(settings?.pools[0]?.stick).toEqual([
    {
      ...{ by: "client-id", expression: null, condition: null },
      ...{ matches: true, stores: true, table: 0 },
    },
    {
      ...{ by: "expression", expression: expect.objectContaining({ text: "src" }) },
      ...{ condition: expect.objectContaining({ text: "TRUE" }) },
      ...{ matches: false, stores: true, table: 0 },
    },
  ]);
});

test("a pool's own table has its name", async () => {
  const { settings } = await loadRuled({
    pool: ["stick: { by: client-id, size: 7, followSession: true }"],
  });
  expect(settings?.stickTables).toMatchObject([
    { name: "p", isShared: false, sizeMax: 7, followsSession: true },
  ]);
  expect(settings?.pools[0]?.stick).toMatchObject([{ by: "client-id", table: 0 }]);
});
