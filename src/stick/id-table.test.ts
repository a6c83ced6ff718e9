import { describe, expect, it } from "vitest";
import { createIdTable, NO_TIME, nameConnection, workerOfName } from "./id-table.ts";
import { makeStickKey } from "./stick-key.ts";
import { StickTable } from "./stick-table.ts";

describe("a table of connected ids", () => {
  it("tells every connection of every worker apart, and knows whose it is", () => {
    const names = [0, 1, 127, 255].flatMap((worker) =>
      [0, 1, 2 ** 24 - 1].map((row) => {
        expect(workerOfName(nameConnection(worker, row))).toBe(worker);
        return nameConnection(worker, row);
      }),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it("keeps what it has, and drops the first to come when it is full", () => {
    const table = new StickTable(createIdTable(3, 1), 0);
    const keyOf = (text: string) => {
      const bytes = new TextEncoder().encode(text);
      return Object.assign(makeStickKey(), { bytes, length: bytes.length });
    };
    for (const [i, id] of ["a", "b", "c", "d"].entries()) {
      table.store(keyOf(id), { server: i, identity: i }, NO_TIME);
    }
    const known = ["a", "b", "c", "d"].filter((id) => table.lookup(keyOf(id), NO_TIME));
    expect(known).toEqual(["b", "c", "d"]);
    expect(table.evictions()).toBe(1);
  });
});
