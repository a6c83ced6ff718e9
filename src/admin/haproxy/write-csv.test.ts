import { afterAll, describe, expect, it } from "vitest";
import { startSupervised } from "../../../tests/fixtures/supervised.ts";
import { COLUMNS } from "./columns.ts";
import { writeCsv } from "./write-csv.ts";

const { supervisor } = await startSupervised();
afterAll(() => supervisor.stop(0));

const rowsOf = (csv: string) => {
  const [head = "", ...lines] = csv.trimEnd().split("\n");
  const names = head.replace("# ", "").split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, i) => [name, cells[i]]));
  });
};

describe("COLUMNS", () => {
  it("are HAProxy's 119, in HAProxy's places", () => {
    expect([COLUMNS.length, new Set(COLUMNS).size]).toEqual([119, 119]);
    for (const [place, name] of [
      [0, "pxname"],
      [17, "status"],
      [32, "type"],
      [36, "check_status"],
      [55, "lastsess"],
      [73, "addr"],
      [84, "connect"],
      [99, "uweight"],
      [118, "cache_hint_hits"],
    ] as const) {
      expect(COLUMNS[place]).toBe(name);
    }
  });
});

describe("writeCsv", () => {
  it("has a line for each listener, server and pool, every line as long as the head", () => {
    const lines = writeCsv(supervisor).trimEnd().split("\n");
    expect(lines[0]).toMatch(/^# pxname,svname,qcur,/);
    expect(lines.map((line) => line.split(",").length)).toEqual(lines.map(() => 120));
    const rows = rowsOf(writeCsv(supervisor));
    expect(rows.map(({ pxname, svname, type }) => `${pxname}/${svname} ${type}`)).toEqual([
      "mqtt/FRONTEND 0",
      "plain/FRONTEND 0",
      "brokers/a 2",
      "brokers/b 2",
      "brokers/BACKEND 1",
      "spare/c 2",
      "spare/BACKEND 1",
    ]);
    expect(rows[3]).toMatchObject({ slim: "50", weight: "1", status: "no check", sid: "2" });
  });

  it("selects as `show stat` does", () => {
    const names = (iid: number, types: number, sid: number) =>
      rowsOf(writeCsv(supervisor, null, { iid, types, sid })).map(({ svname }) => svname);
    expect(names(-1, 1, -1)).toEqual(["FRONTEND", "FRONTEND"]);
    expect(names(-1, 2, -1)).toEqual(["BACKEND", "BACKEND"]);
    expect(names(4, -1, -1)).toEqual(["a", "b", "BACKEND"]);
    expect(names(4, 4, 2)).toEqual(["b"]);
  });
});
