import { afterAll, describe, expect, it } from "vitest";
import { startSupervised } from "../../../tests/fixtures/supervised.ts";
import { findListener, findPool, findServer, findTable, toFilter } from "./finders.ts";

const { supervisor } = await startSupervised();
afterAll(() => supervisor.stop(0));

describe("finders", () => {
  it("find what the operator's names stand for", () => {
    expect(findListener(supervisor, "plain")).toBe(1);
    expect(findPool(supervisor, "spare")).toBe(1);
    expect(findServer(supervisor, "spare", "c")).toBe(2);
    expect(findTable(supervisor, "brokers").kind).toBe("stick");
  });

  it("say what there is not", () => {
    expect(() => findListener(supervisor, "x")).toThrow('There is no listener "x"');
    expect(() => findServer(supervisor, "spare", "a")).toThrow('"a" in pool "spare"');
    expect(() => findTable(supervisor, "spare")).toThrow('There is no table "spare"');
    expect(() => toFilter(supervisor, { server: "x" })).toThrow('There is no server "x"');
    expect(() => toFilter(supervisor, { listener: "x" })).toThrow('There is no listener "x"');
  });

  it("compare no beginning that is longer than what is kept of client ids", () => {
    const prefix = "ü".repeat(20);
    expect(toFilter(supervisor, { client: prefix }).clientIdPrefix).toHaveLength(40);
    expect(() => toFilter(supervisor, { client: `${prefix}x` })).toThrow(
      "Client ids are compared by their first 40 bytes, and these are 41",
    );
  });

  it("make filters of names", () => {
    expect(toFilter(supervisor, {})).toEqual({});
    expect(toFilter(supervisor, { server: "b" }).servers).toEqual(new Set([1]));
    expect(toFilter(supervisor, { server: "spare/c" }).servers).toEqual(new Set([2]));
    expect(toFilter(supervisor, { pool: "brokers" }).servers).toEqual(new Set([0, 1]));
    expect(toFilter(supervisor, { pool: "brokers", server: "a" }).servers).toEqual(new Set([0]));
    expect(toFilter(supervisor, { listener: "mqtt" }).listeners).toEqual(new Set([0]));
    expect(toFilter(supervisor, { address: "::1" }).address).toHaveLength(18);
  });
});
