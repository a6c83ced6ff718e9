import fc from "fast-check";
import mqttPacket from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { encodeText } from "../bytes/utf8.ts";
import { ConnectInspector } from "./connect.ts";
import { type ConnectChanges, rewriteConnect } from "./connect-rewriter.ts";
import { Rule } from "./rule.ts";

const inspector = new ConnectInspector();
const again = new ConnectInspector();

const name = fc
  .string({ minLength: 1, maxLength: 40 })
  .filter((text) => !/[\0\ud800-\udfff]/.test(text));
const version = fc.constantFrom(3 as const, 4 as const, 5 as const);
const will = fc.record({
  topic: fc.constantFrom("a", "dev/7/state", "ä/ö"),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  retain: fc.boolean(),
});

const packets = fc
  .record({
    version,
    clean: fc.boolean(),
    clientId: name,
    keepalive: fc.integer({ min: 0, max: 65_535 }),
    username: fc.option(name, { nil: undefined }),
    password: fc.option(name, { nil: undefined }),
    will: fc.option(will, { nil: undefined }),
    sessionExpiry: fc.integer({ min: 0, max: 0xffffffff }),
    userProperty: fc.option(name, { nil: undefined }),
  })
  .map(({ version, sessionExpiry, userProperty, username, password, will, ...rest }) => {
    const withUser = username === undefined ? {} : { username };
    const withPassword =
      password === undefined || username === undefined ? {} : { password: Buffer.from(password) };
    const properties =
      version === 5
        ? {
            properties: {
              sessionExpiryInterval: sessionExpiry,
              ...(userProperty === undefined ? {} : { userProperties: { key: userProperty } }),
            },
          }
        : {};
    return {
      ...{ ...rest, ...withUser, ...withPassword, ...properties },
      ...(will === undefined ? {} : { will }),
      ...{ cmd: "connect" as const, protocolVersion: version },
      protocolId: version === 3 ? ("MQIsdp" as const) : ("MQTT" as const),
    };
  });

type Connect = mqttPacket.IConnectPacket;

function rewrite(packet: Uint8Array, changes: ConnectChanges, lead = 7) {
  const bytes = new Uint8Array(lead + packet.length + 3);
  bytes.set(packet, lead);
  const size = inspector.inspect(bytes, lead, packet.length, 1_000_000);
  expect(size).toBe(packet.length);
  const target = { bytes: new Uint8Array(300_000), offset: 11 };
  const written = rewriteConnect({ bytes, offset: lead }, inspector, changes, target);
  return { written, bytes: target.bytes.slice(11, 11 + Math.max(0, written)) };
}

function parse(bytes: Uint8Array): Connect {
  let parsed: Connect | undefined;
  const parser = mqttPacket.parser();
  parser.on("packet", (packet) => {
    parsed = packet as Connect;
  });
  expect(parser.parse(Buffer.from(bytes))).toBe(0);
  return parsed!;
}

// What the two ends of a rewriting have in common once the changes are made to one of them.
function comparable({ length: _, ...packet }: Connect) {
  return JSON.parse(JSON.stringify(packet)) as Record<string, unknown>;
}

describe("rewriteConnect", () => {
  it("leaves a packet as it is when nothing changes", () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const source = mqttPacket.generate(packet);
        expect(Buffer.from(rewrite(source, {}).bytes).equals(source)).toBe(true);
      }),
    );
  });

  it("changes what it is told and nothing else, as mqtt-packet reads it", () => {
    fc.assert(
      fc.property(packets, fc.string({ minLength: 1, maxLength: 9000 }), name, name, (...given) => {
        const [packet, , userName, password] = given;
        const clientId = given[1].replace(/[\0\ud800-\udfff]/g, "x");
        const source = mqttPacket.generate(packet);
        const { written, bytes } = rewrite(source, {
          clientId: encodeText(clientId),
          userName: encodeText(userName),
          password: encodeText(password),
        });
        expect(again.inspect(bytes, 0, bytes.length, 1_000_000)).toBe(written);
        const expected = {
          ...comparable(parse(source)),
          ...{ clientId, username: userName },
          password: JSON.parse(JSON.stringify(Buffer.from(password))) as unknown,
        };
        expect(comparable(parse(bytes))).toEqual(expected);
      }),
    );
  });

  it("takes user name and password away, and adds user properties in 5.0 alone", () => {
    fc.assert(
      fc.property(packets, name, (packet, value) => {
        const source = mqttPacket.generate(packet);
        const userProperties = [{ name: "client", value }];
        const { bytes } = rewrite(source, { userName: null, password: null, userProperties });
        const size = again.inspect(bytes, 0, bytes.length, 1_000_000);
        expect(size).toBe(bytes.length);
        expect([again.userName(), again.passwordOffset]).toEqual([null, -1]);
        if (packet.protocolVersion === 5) {
          expect(again.userProperties().at(-1)).toEqual({ name: "client", value });
        } else expect(again.userProperties()).toEqual([]);
        expect(again.clientId()).toBe(packet.clientId);
      }),
    );
  });

  const small = mqttPacket.generate({
    ...{ cmd: "connect", protocolId: "MQTT", protocolVersion: 4 },
    ...{ clientId: "dev", clean: false, keepalive: 60 },
  });

  it("grows the length field with the packet", () => {
    const { written, bytes } = rewrite(small, { clientId: new Uint8Array(20_000).fill(0x61) });
    expect(written).toBe(1 + 3 + 10 + 2 + 20_000);
    expect(again.inspect(bytes, 0, written, 100_000)).toBe(written);
  });

  it("refuses what MQTT 3.1.1 would not be", () => {
    const text = (...bytes: number[]) => Uint8Array.from(bytes);
    const cases: [ConnectChanges, number][] = [
      [{ password: text(1) }, Rule.passwordWithoutUserName],
      [{ clientId: text() }, Rule.clientIdEmpty],
      [{ clientId: text(0xff) }, Rule.textNotUtf8],
      [{ userName: text(0x61, 0) }, Rule.textHasNul],
      [{ userName: new Uint8Array(65_536).fill(0x61) }, Rule.sizeOverLimit],
    ];
    for (const [changes, rule] of cases) expect(rewrite(small, changes).written).toBe(-rule);
  });

  it("refuses when the target has no room, and writes nothing then", () => {
    const source = { bytes: Uint8Array.from(small), offset: 0 };
    inspector.inspect(source.bytes, 0, small.length, 1000);
    const target = { bytes: new Uint8Array(small.length + 2), offset: 0 };
    const clientId = encodeText("longer-id");
    const written = rewriteConnect(source, inspector, { clientId }, target);
    expect([written, target.bytes.some((byte) => byte !== 0)]).toEqual([
      -Rule.sizeOverLimit,
      false,
    ]);
  });
});
