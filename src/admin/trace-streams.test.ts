import { generate, type Packet } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { REASON } from "../shm/close-reason.ts";
import {
  FROM_CLIENT,
  FROM_SERVER,
  TRACE_CLOSED,
  TRACE_GARBAGE,
  TRACE_OPENED,
  TRACE_PACKET,
  TRACE_SERVER,
  type TraceEntry,
  TraceRingWriter,
} from "../shm/trace-ring.ts";
import type { ToWorker } from "../shm/worker-messages.ts";
import { OWN_HEADER } from "./access/access.ts";
import * as schemas from "./api/schemas.ts";

let scene: AdminScene;
beforeAll(async () => {
  scene = await AdminScene.start();
});
afterAll(() => scene.stop());

/** A reader of a trace. */
class Reader {
  text = "";
  isEnded = false;
  readonly end = new AbortController();

  static async open(query: string): Promise<Reader> {
    const reader = new Reader();
    const url = `${scene.admin.url}/api/v1/traces?${query}`;
    const headers = { [OWN_HEADER]: "test" };
    const response = await fetch(url, { headers, signal: reader.end.signal });
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
    ]);
    onTestFinished(() => reader.end.abort());
    void reader.read(response);
    await expect.poll(() => reader.text).toContain(": trace of Fairlead");
    return reader;
  }

  get events(): Record<string, unknown>[] {
    const lines = this.text.split("\n").filter((line) => line.startsWith("data: "));
    return lines.map((line) => schemas.traced.parse(JSON.parse(line.slice(6))));
  }

  private async read(response: Response): Promise<void> {
    try {
      for await (const bytes of response.body!) this.text += Buffer.from(bytes).toString();
    } catch (error) {
      if (!this.end.signal.aborted) throw error;
    }
    this.isEnded = true;
  }
}

function put(entry: Partial<TraceEntry>, bytes: Uint8Array | string = ""): void {
  const told = scene.told(0, "trace").at(-1) as ToWorker & { type: "trace" };
  const writer = new TraceRingWriter(told.order.ring);
  Object.assign(writer.entry, { connection: 0, serial: 1, level: 5, atMs: 1_700_000_000_123 });
  Object.assign(writer.entry, entry);
  const source = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  writer.push(source, 0, source.length);
}

function putPacket(packet: object, side = FROM_CLIENT): void {
  const bytes = generate(packet as Packet, { protocolVersion: 5 });
  put({ kind: TRACE_PACKET, side, packetSize: bytes.length }, bytes);
}

const PUBLISH = { cmd: "publish", topic: "a", payload: "top secret", qos: 1, messageId: 7 };

describe("GET /api/v1/traces", () => {
  it("tells of a client's packets until the client has gone, without payloads", async () => {
    const reader = await Reader.open("client=pump");
    put({ kind: TRACE_OPENED }, "pump");
    put({ kind: TRACE_SERVER, value: 1 });
    const password = Buffer.from("hunter2");
    putPacket({ cmd: "connect", clientId: "pump", username: "u", password, protocolVersion: 5 });
    putPacket({ cmd: "connack", reasonCode: 0, sessionPresent: false }, FROM_SERVER);
    putPacket(PUBLISH);
    put({ kind: TRACE_GARBAGE }, Uint8Array.of(0));
    put({ kind: TRACE_CLOSED, value: REASON["client-disconnected"] });
    await expect.poll(() => reader.isEnded).toBe(true);
    const of = { at: "2023-11-14T22:13:20.123Z", connection: "0-0-1" };
    expect(reader.events).toMatchObject([
      { event: "opened", ...of },
      { event: "server", ...of, pool: "brokers", server: "b" },
      { event: "packet", from: "client", type: "CONNECT", userName: "u", hasPassword: true },
      { event: "packet", from: "server", type: "CONNACK", reason: { code: 0, name: "success" } },
      { event: "packet", type: "PUBLISH", topic: "a", qos: 1, packetId: 7, payloadSize: 10 },
      { event: "packet", type: "RESERVED", isMalformed: true },
      { event: "closed", reason: "client-disconnected" },
    ]);
    for (const secret of ["hunter2", "secret", "payloadOffset"]) {
      expect(reader.text).not.toContain(secret);
    }
    expect(scene.supervisor.traces.count).toBe(0);
    expect(scene.lines.filter((line) => line["action"] === "trace")).toMatchObject([
      { by: "anonymous", target: "pump", detail: { payload: false } },
    ]);
  });

  it("shows payloads to who asks for them, and stays when it should", async () => {
    const reader = await Reader.open("client=pump&payload=true&follow=true");
    put({ kind: TRACE_OPENED }, "pump");
    putPacket(PUBLISH);
    put({ kind: TRACE_CLOSED, value: REASON["client-closed"] });
    put({ kind: TRACE_OPENED, serial: 2 }, "pump");
    const bytes = generate(PUBLISH as Packet).subarray(0, 9);
    put({ kind: TRACE_PACKET, serial: 2, level: 4, packetSize: 17 }, bytes);
    await expect.poll(() => reader.events).toHaveLength(5);
    const [, whole, , , cut] = reader.events;
    const payload = Buffer.from("top secret").toString("base64");
    expect(whole).toMatchObject({ payload, isPayloadCut: false, size: 18 });
    expect(cut).toMatchObject({ payload: Buffer.from("to").toString("base64"), size: 17 });
    expect([cut!["isPayloadCut"], reader.isEnded]).toEqual([true, false]);
    reader.end.abort();
    await expect.poll(() => scene.supervisor.traces.count).toBe(0);
  });

  it("counts what a reader was too slow for, and says what had no room", async () => {
    const reader = await Reader.open("client=pump&follow=true");
    put({ kind: TRACE_OPENED }, "pump");
    for (let i = 0; i < 5_000; i++) putPacket({ ...PUBLISH, topic: "x".repeat(500) });
    await expect.poll(() => reader.events.some(({ event }) => event === "lost")).toBe(true);
    const lost = reader.events.filter(({ event }) => event === "lost");
    expect(lost[0]).toMatchObject({ packets: expect.any(Number) });
  });
});
