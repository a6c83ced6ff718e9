import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { REASON } from "../shm/close-reason.ts";
import {
  TRACE_CLOSED,
  TRACE_OPENED,
  TRACE_PACKET,
  type TraceEntry,
  TraceRingWriter,
} from "../shm/trace-ring.ts";
import type { ToWorker } from "../shm/worker-messages.ts";
import { runProgram } from "./program.ts";

let scene: AdminScene;
beforeAll(async () => {
  scene = await AdminScene.start();
});
afterAll(() => scene.stop());

/** Runs `ctl trace` until it ends by itself. @param show is called when the trace has begun */
async function trace(args: readonly string[], show: () => void = () => {}) {
  const printer = new KeptPrinter();
  const running = runProgram(["ctl", "--url", scene.admin.url, "trace", ...args], printer);
  const { traces } = scene.supervisor;
  await expect.poll(() => traces.count).toBe(1);
  show();
  const code = await running;
  await expect.poll(() => traces.count).toBe(0);
  return { code, out: printer.printed, err: printer.complaints };
}

function put(entry: Partial<TraceEntry>, bytes: readonly number[] = []): void {
  const { order } = scene.told(0, "trace").at(-1) as ToWorker & { type: "trace" };
  const writer = new TraceRingWriter(order.ring);
  Object.assign(writer.entry, { connection: 0, serial: 1, level: 4, atMs: Date.now(), ...entry });
  writer.push(Uint8Array.from(bytes), 0, bytes.length);
}

const PUMP = [...Buffer.from("pump")];
const putPing = () => put({ kind: TRACE_PACKET, packetSize: 2 }, [0xc0, 0]);

describe("fairlead ctl trace", () => {
  it("prints packets until the client has gone", async () => {
    const { code, out, err } = await trace(["pump"], () => {
      put({ kind: TRACE_OPENED }, PUMP);
      putPing();
      put({ kind: TRACE_CLOSED, value: REASON["client-closed"] });
    });
    expect(code).toBe(0);
    expect(out.map((line) => line.slice(13))).toEqual([
      "= connection 0-0-1",
      "> PINGREQ [2 bytes]",
      expect.stringContaining("= connection 0-0-1 has ended: client-closed, "),
    ]);
    expect(err).toEqual(['No client "pump" is connected: its packets are shown when it comes']);
  });

  it("ends after so many packets, or after so long", async () => {
    const counted = await trace(["pump", "--count", "2", "--json"], () => {
      put({ kind: TRACE_OPENED }, PUMP);
      for (let i = 0; i < 5; i++) putPing();
    });
    expect(counted.code).toBe(0);
    expect(counted.out.map((line) => JSON.parse(line).event)).toEqual([
      "opened",
      "packet",
      "packet",
    ]);
    expect(await trace(["pump", "--for", "300ms"])).toMatchObject({ code: 0, out: [] });
  });

  it("ends with 1 when Fairlead ends it, and with 2 for a time that is none", async () => {
    const cut = await AdminScene.start();
    const printer = new KeptPrinter();
    const running = runProgram(["ctl", "--url", cut.admin.url, "trace", "pump"], printer);
    await expect.poll(() => cut.supervisor.traces.count).toBe(1);
    await cut.stop();
    expect(await running).toBe(1);
    for (const args of [
      ["--for", "5"],
      ["--count", "0"],
      ["--for", "8d"],
    ]) {
      expect(await runProgram(["ctl", "trace", "pump", ...args], new KeptPrinter())).toBe(2);
    }
  });
});
