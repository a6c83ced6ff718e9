import { describe, expect, it } from "vitest";
import type { ShownPacket } from "../admin/trace-events.ts";
import { formatTrace } from "./format-trace.ts";

const at = new Date(2026, 10, 21, 9, 5, 7, 42).toISOString();
const TOLD = { at, connection: "0-1-2" };

function packet(of: Partial<ShownPacket>): string[] {
  const facts = { event: "packet", from: "client", size: 9, isCut: false } as const;
  return formatTrace({ ...TOLD, ...facts, isMalformed: false, type: "PINGREQ", ...of });
}

describe("formatTrace", () => {
  it("says what happened to a connection", () => {
    const opened = {
      ...TOLD,
      event: "opened",
      client: "10.0.0.9:50000",
      listener: "mqtt",
    } as const;
    expect(formatTrace(opened)).toEqual([
      "09:05:07.042 = connection 0-1-2 from 10.0.0.9:50000 at listener mqtt",
    ]);
    const server = { ...TOLD, event: "server", pool: "brokers", server: "b1" } as const;
    expect(formatTrace(server)).toEqual(["09:05:07.042 = server brokers/b1"]);
    const closed = { ...TOLD, event: "closed", reason: "client-closed", sentence: "x" } as const;
    expect(formatTrace(closed)[0]).toContain("0-1-2 has ended: client-closed, x");
    expect(formatTrace({ at, event: "lost", packets: 7 })[0]).toContain("= 7 packets had no room");
  });

  it("shows which way a packet went, and who wrote it", () => {
    expect(packet({})).toEqual(["09:05:07.042 > PINGREQ [9 bytes]"]);
    expect(packet({ from: "server", type: "PINGRESP" })[0]).toContain("< PINGRESP");
    expect(packet({ from: "fairlead", type: "DISCONNECT" })[0]).toContain(
      "< DISCONNECT by Fairlead",
    );
    expect(packet({ from: "fairlead", type: "CONNECT" })[0]).toContain("> CONNECT by Fairlead");
    expect(packet({ type: "RESERVED", isMalformed: true })[0]).toContain(
      "> bytes that are no MQTT malformed",
    );
  });

  it("spells out what each type has", () => {
    const line = (of: Partial<ShownPacket>) => packet(of)[0]!.slice("09:05:07.042 > ".length);
    const connect = { level: 5, clientId: "pump\u001b[31m", userName: "u", hasPassword: true };
    const will = { topic: "gone", qos: 1, retain: true, payloadSize: 4 };
    expect(
      line({ type: "CONNECT", ...connect, cleanStart: true, keepAliveSeconds: 60, will }),
    ).toBe(
      'CONNECT 5.0, client id "pump\u{fffd}[31m", keep alive 60 s, clean start, user name "u", ' +
        'password (hidden), will "gone" QoS 1 retain 4 bytes [9 bytes]',
    );
    expect(
      line({
        type: "PUBLISH",
        topic: "a",
        qos: 1,
        packetId: 3,
        retain: true,
        dup: true,
        isCut: true,
      }),
    ).toBe('PUBLISH "a", QoS 1, id 3, retain, dup, … [9 bytes]');
    const filters = [{ filter: "a/#", qos: 1, noLocal: true, retainHandling: 2 }];
    expect(line({ type: "SUBSCRIBE", packetId: 3, filters })).toBe(
      'SUBSCRIBE id 3, "a/#" QoS 1 no local retain handling 2 [9 bytes]',
    );
    const reasons = [{ code: 1, name: "granted QoS 1" }];
    expect(line({ type: "SUBACK", reasons })).toBe("SUBACK 0x01 granted QoS 1 [9 bytes]");
    const properties = [["receiveMaximum", 9] as const];
    const reason = { code: 0x87, name: "not authorized" };
    expect(line({ type: "CONNACK", sessionPresent: true, reason, properties })).toBe(
      "CONNACK session present, 0x87 not authorized, receiveMaximum 9 [9 bytes]",
    );
  });

  it("shows payloads as text where they are, and else in hex", () => {
    const payload = (bytes: Uint8Array | string, isPayloadCut = false) =>
      packet({ payload: Buffer.from(bytes).toString("base64"), isPayloadCut }).slice(1);
    const indent = " ".repeat(15);
    expect(payload("it works\nwell")).toEqual([`${indent}it works\n${indent}well`]);
    expect(payload(Uint8Array.of(0, 1, 255))).toEqual([`${indent}hex 0001ff`]);
    expect(payload("\u001b[2J")).toEqual([`${indent}hex 1b5b324a`]);
    expect(payload(Uint8Array.of(0x61, 0xc3), true)).toEqual([`${indent}a …`]);
    expect(payload("")).toEqual([]);
  });
});
