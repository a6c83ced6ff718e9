import { describe, expect, it } from "vitest";
import { CONNECT, Scene } from "../../tests/relay/relay-scene.ts";
import { ADDRESS_SIZE, makeEndpoint } from "../bytes/endpoint.ts";
import { counterNumber } from "../rules/counter-fields.ts";
import { parseRule } from "../rules/parse-rule.ts";
import { createCounterTable } from "../stick/counter-table.ts";

const PEER = makeEndpoint("192.0.2.9", 4_000)!;

describe("RuleMachine", () => {
  it("lets the keys of a connection go when it has ended, with what it has moved", () => {
    const fields = ["conn_cur", "conn_cnt", "bytes_in_cnt"] as const;
    const counters = fields.map((field) => ({ field, periodMs: 0 }));
    const settings = { entriesMax: 10, expiryMs: 60_000, seed: 1, counters };
    const tables = createCounterTable(settings);
    const rules = [parseRule("track-sc0 src table clients", "connection").plan!];
    const scene = new Scene({
      listener: { rules },
      counterTables: [{ name: "clients", keyType: "address", ...tables }],
    });
    const [table] = scene.context.counterTables;
    const key = { bytes: PEER, offset: 0, length: ADDRESS_SIZE };
    const read = (field: (typeof fields)[number]) =>
      table!.read(key, counterNumber(field), scene.io.now);
    const slot = scene.relayed(CONNECT, PEER);
    expect([read("conn_cur"), read("conn_cnt")]).toEqual([1, 1]);
    scene.io.break(slot, 104);
    expect([read("conn_cur"), read("conn_cnt")]).toEqual([0, 1]);
    expect(read("bytes_in_cnt")).toBe(CONNECT.length);
  });
});
