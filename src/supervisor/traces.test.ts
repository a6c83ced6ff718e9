import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  FROM_SERVER,
  TRACE_CLOSED,
  TRACE_OPENED,
  TRACE_PACKET,
  TRACE_SERVER,
  type TraceEntry,
  TraceRingWriter,
} from "../shm/trace-ring.ts";
import type { ToWorker, TraceOrder } from "../shm/worker-messages.ts";
import { TRACES_MAX, type TraceEvent, Traces } from "./traces.ts";

const text = (name: string) => new TextEncoder().encode(name);

let traces: Traces;
/** By worker: the orders it was given. */
let orders: TraceOrder[][];
let open: Set<string>;

beforeEach(() => {
  orders = [[], []];
  open = new Set();
  traces = new Traces({
    workerCount: 2,
    tell: (worker: number, message: ToWorker) => {
      if (message.type === "trace") orders[worker]!.push(message.order);
    },
    isOpen: (connection) => open.has(connection),
  });
});

afterEach(() => traces.stop());

function watch(name: string, keepMax = 64) {
  const told: string[] = [];
  const onEvent = (event: TraceEvent) => {
    const { kind, connection } = event;
    const more = kind === "packet" ? ` ${event.from} ${Buffer.from(event.bytes)}` : "";
    told.push(`${kind} ${connection}${kind === "closed" ? ` ${event.reason}` : more}`);
  };
  const onLost = (what: string, count: number) => told.push(`lost ${count} ${what}`);
  const stop = traces.start({ clientId: text(name), keepMax, onEvent, onLost });
  return { told, stop };
}

function put(worker: number, entry: Partial<TraceEntry>, bytes = ""): void {
  const writer = new TraceRingWriter(orders[worker]!.at(-1)!.ring);
  Object.assign(writer.entry, { connection: 5, serial: 9, ...entry });
  writer.push(text(bytes), 0, bytes.length);
}

const lastIds = (worker: number) =>
  orders[worker]!.at(-1)!.clientIds.map((id) => Buffer.from(id).toString());

describe("Traces", () => {
  it("tells every worker whom to show, and whom no longer", () => {
    const [pump, valve, again] = [watch("pump"), watch("valve", 128), watch("pump")];
    expect([lastIds(0), lastIds(1)]).toEqual([
      ["pump", "valve"],
      ["pump", "valve"],
    ]);
    expect(orders[0]!.at(-1)!.keepMax).toBe(128);
    expect(new Set(orders[0]!.map(({ ring }) => ring)).size).toBe(1);
    pump.stop!();
    expect(lastIds(1)).toEqual(["valve", "pump"]);
    valve.stop!();
    valve.stop!();
    again.stop!();
    expect([lastIds(0), traces.count]).toEqual([[], 0]);
  });

  it("hands each what its client's connections say, and nothing else", () => {
    const [pump, valve] = [watch("pump", 3), watch("valve")];
    put(0, { kind: TRACE_OPENED }, "pump");
    put(0, { kind: TRACE_SERVER, value: 2 });
    put(0, { kind: TRACE_PACKET, side: FROM_SERVER }, "abcdef");
    put(1, { kind: TRACE_OPENED }, "valve");
    put(1, { kind: TRACE_PACKET }, "xyz");
    put(0, { kind: TRACE_CLOSED, value: 7 });
    put(0, { kind: TRACE_PACKET }, "of nobody");
    traces.collect();
    const id = "0-5-9";
    expect(pump.told).toEqual([
      `opened ${id}`,
      `server ${id}`,
      `packet ${id} server abc`,
      `closed ${id} 7`,
    ]);
    expect(valve.told).toEqual(["opened 1-5-9", "packet 1-5-9 client xyz"]);
  });

  it("tells a second one of a connection that is followed, and the first one not again", () => {
    const first = watch("pump");
    put(0, { kind: TRACE_OPENED }, "pump");
    traces.collect();
    const second = watch("pump");
    put(0, { kind: TRACE_OPENED }, "pump");
    traces.collect();
    expect([first.told, second.told]).toEqual([["opened 0-5-9"], ["opened 0-5-9"]]);
  });

  it("says what was lost, and whose end was among it", () => {
    const pump = watch("pump");
    put(0, { kind: TRACE_OPENED }, "pump");
    put(0, { kind: TRACE_OPENED, connection: 6 }, "pump");
    traces.collect();
    open.add("0-6-9");
    for (let i = 0; i < 100; i++) put(0, { kind: TRACE_PACKET, connection: 1 }, "x".repeat(8_192));
    const before = orders[0]!.length;
    traces.collect();
    expect(pump.told.slice(2)).toEqual([
      expect.stringMatching(/^lost \d+ packets$/),
      "closed 0-5-9 null",
    ]);
    expect(orders[0]).toHaveLength(before + 1);
    new TraceRingWriter(orders[1]!.at(-1)!.ring).countLeftOut();
    traces.collect();
    expect(pump.told.at(-1)).toBe("lost 1 connections");
  });

  it("ends the connections of a worker that has died, and tells its successor", () => {
    const pump = watch("pump");
    put(0, { kind: TRACE_OPENED }, "pump");
    put(1, { kind: TRACE_OPENED }, "pump");
    traces.collect();
    put(1, { kind: TRACE_PACKET }, "last");
    traces.forgetWorker(1);
    expect(pump.told.slice(2)).toEqual(["packet 1-5-9 client last", "closed 1-5-9 null"]);
    const before = orders[1]!.length;
    traces.renew(1);
    expect(orders[1]).toHaveLength(before + 1);
  });

  it("takes so many, and begins without what others left", () => {
    const all = Array.from({ length: TRACES_MAX }, (_, i) => watch(`c${i}`));
    expect(watch("one more").stop).toBeNull();
    for (const { stop } of all) stop!();
    put(0, { kind: TRACE_OPENED }, "pump");
    const pump = watch("pump");
    traces.collect();
    expect(pump.told).toEqual([]);
  });

  it("knows nobody while nobody asks", () => {
    traces.forgetWorker(0);
    traces.renew(0);
    expect(orders).toEqual([[], []]);
  });
});
