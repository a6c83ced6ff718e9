import { describe, expect, it } from "vitest";
import { ConnectedIds, createConnectedIds, NO_PLACE } from "./connected-ids.ts";
import {
  createConnectionColumns,
  forgetConnections,
  openConnectionColumns,
} from "./connection-columns.ts";

describe("openConnectionColumns", () => {
  it.each([1, 3, 1000])("gives %i rows to each column, none over another", (max) => {
    const columns = openConnectionColumns(createConnectionColumns(max), max);
    const arrays = Object.values(columns).filter((column) => ArrayBuffer.isView(column));
    for (const [i, column] of arrays.entries()) (column as Uint8Array).fill(i + 1);
    for (const [i, column] of arrays.entries()) {
      expect(new Set(column as Uint8Array)).toEqual(new Set([i + 1]));
    }
  });

  it("refuses memory of another table", () => {
    const buffer = createConnectionColumns(3);
    expect(() => openConnectionColumns(buffer, 4)).toThrow("columns have the size of their table");
  });
});

describe("forgetConnections", () => {
  it("frees every row and keeps the serials, so that no id is used twice", () => {
    const columns = openConnectionColumns(createConnectionColumns(4), 4);
    columns.end[0] = 2;
    columns.state.fill(8, 0, 2);
    columns.serial.fill(7, 0, 2);
    columns.clientIdLengths.fill(5, 0, 2);
    columns.idPlace.fill(NO_PLACE, 0, 2);
    const ids = new ConnectedIds(createConnectedIds(4, 1));
    const id = new TextEncoder().encode("device");
    columns.idPlace[1] = ids.enter(0, id, 0, id.length);
    forgetConnections(columns, ids);
    expect(ids.has(0, id, 0, id.length)).toBe(false);
    expect([...columns.state]).toEqual([0, 0, 0, 0]);
    expect([...columns.clientIdLengths]).toEqual([0, 0, 0, 0]);
    expect([...columns.serial]).toEqual([7, 7, 0, 0]);
    expect(columns.end[0]).toBe(0);
  });
});
