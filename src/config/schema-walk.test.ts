import { describe, expect, test } from "vitest";
import { rows } from "./field.ts";
import { documentSchema } from "./schema.ts";
import { findRow, keysOf, listKeys, schemaAt } from "./schema-walk.ts";

describe("the schema", () => {
  const keys = listKeys(documentSchema);

  test("gives every key a row with words for what it takes and what it is for", () => {
    expect(keys.length).toBeGreaterThan(40);
    for (const { row } of keys) {
      expect(row.expected.length).toBeGreaterThan(3);
      expect(row.doc).toMatch(/^[A-Z`].*\.$/s);
    }
  });

  test("gives durations and sizes a unit and bounds", () => {
    for (const { row } of keys) {
      if (row.kind !== "duration" && row.kind !== "size") continue;
      expect(row.unit).toBe(row.kind === "duration" ? "ms" : "bytes");
      expect(row.bounds).toMatch(/^\S+ to \S+?(, or `never`)?$/);
    }
  });

  test("lists keys of listeners, pools and servers", () => {
    const paths = keys.map(({ path }) => path.join("."));
    expect(paths).toContain("listeners.<name>.connectSize");
    expect(paths).toContain("pools.<name>.check.clientIdPrefix");
    expect(paths).toContain("pools.<name>.servers.[].weight");
    expect(paths).toContain("admin.listen");
  });
});

describe("findRow", () => {
  test("looks through defaults, unions, names and indexes", () => {
    const row = findRow(documentSchema, ["pools", "any", "servers", 3, "weight"]);
    expect(row?.expected).toBe("a whole number from 0 to 256");
  });

  test("falls back to the nearest key above", () => {
    const listen = findRow(documentSchema, ["listeners", "a", "listen"]);
    expect(findRow(documentSchema, ["listeners", "a", "listen", 2])).toEqual(listen);
    expect(findRow(documentSchema, ["nothing"])).toBeNull();
    expect(findRow(documentSchema, ["__proto__", "constructor"])).toBeNull();
  });
});

test("keysOf names the keys of a section, and none where names are the operator's", () => {
  expect(keysOf(schemaAt(documentSchema, ["shutdown"])!)).toEqual(["grace"]);
  expect(keysOf(schemaAt(documentSchema, ["pools"])!)).toEqual([]);
  expect(rows.has(schemaAt(documentSchema, ["shutdown", "grace"])!)).toBe(true);
});
