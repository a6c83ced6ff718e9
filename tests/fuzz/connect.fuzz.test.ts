// CONNECT inspection against random and mutated packets, and against another parser.
// A failing case names its seed; CASE_SEED=<seed> runs that one alone.

import fc from "fast-check";
import * as mqttPacket from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { ConnectInspector, NEED_MORE } from "../../src/mqtt/connect.ts";
import { ABSENT } from "../../src/mqtt/connect-fields.ts";
import { RULES } from "../../src/mqtt/rule.ts";
import { REFUSED, SIZE_MAX, VALID, variableLength } from "./connect-corpus.ts";
import { Random } from "./random.ts";

const CASES = 100_000;
const PROTOCOL_BYTES = [0, 1, 2, 3, 4, 5, 6, 0x10, 0x11, 0x15, 0x16, 0x17, 0x21, 0x26, 0x80, 0xff];

const seeds: readonly (readonly number[])[] = [
  ...VALID.map(([, bytes]) => bytes),
  ...REFUSED.map(({ bytes }) => bytes),
].filter((bytes) => bytes.length < 2_000);
const large = VALID.map(([, bytes]) => bytes).filter((bytes) => bytes.length >= 2_000);

function mutateOnce(random: Random, bytes: number[]): void {
  const at = random.below(bytes.length + 1);
  switch (random.below(7)) {
    case 0:
      bytes[Math.min(at, bytes.length - 1)] = random.below(256);
      break;
    case 1:
      bytes[Math.min(at, bytes.length - 1)] = random.pick(PROTOCOL_BYTES);
      break;
    case 2:
      bytes[Math.min(at, bytes.length - 1)]! ^= 1 << random.below(8);
      break;
    case 3:
      bytes.splice(at, random.below(4));
      break;
    case 4:
      bytes.splice(at, 0, ...random.bytes(random.below(4)));
      break;
    case 5: {
      const other = random.pick(seeds);
      bytes.splice(at, bytes.length, ...other.slice(random.below(other.length)));
      break;
    }
    case 6:
      bytes.splice(at, 0, ...bytes.slice(at, at + random.below(16)));
      break;
  }
  if (bytes.length === 0) bytes.push(random.below(256));
}

/** Mutations behind the fixed header are of use only when the length is right again. */
function withLengthRight(bytes: readonly number[]): number[] {
  let start = 1;
  while (start < 5 && start < bytes.length && bytes[start]! >= 0x80) start += 1;
  const body = bytes.slice(start + 1);
  return [bytes[0]!, ...variableLength(body.length), ...body];
}

function makeCase(random: Random): number[] {
  if (random.oneIn(50)) return [0x10, ...random.bytes(1 + random.below(64))];
  const bytes = [...random.pick(random.oneIn(2_000) ? large : seeds)];
  const rounds = random.below(4);
  for (let round = 0; round < rounds; round++) mutateOnce(random, bytes);
  return random.oneIn(4) ? bytes : withLengthRight(bytes);
}

/** `expect` is too slow to be asked a million times what is nearly always so. */
function same(actual: unknown, expected: unknown): void {
  if (actual !== expected) expect(actual).toBe(expected);
}

const inspector = new ConnectInspector();
const incremental = new ConnectInspector();

/** The verdict about a prefix, with other bytes around it than last time. */
function inspectPrefix(bytes: readonly number[], seen: number, filler: number): number {
  const arena = new Uint8Array(bytes.length + 8).fill(filler);
  arena.set(bytes.slice(0, seen), 3);
  return incremental.inspect(arena, 3, seen, SIZE_MAX);
}

function checkPrefixes(random: Random, bytes: readonly number[], verdict: number): void {
  let last = NEED_MORE;
  const places = Array.from({ length: 6 }, () => random.below(bytes.length + 1));
  for (const seen of [...places, 1, 2, 9, 10, bytes.length].sort((a, b) => a - b)) {
    const now = inspectPrefix(bytes, Math.min(seen, bytes.length), random.below(256));
    if (now > seen) throw new Error(`A packet of ${now} bytes was complete after ${seen}`);
    // Once judged, judged for good; until then the answer is to wait.
    if (last !== NEED_MORE) same(now, last);
    else if (now !== NEED_MORE) same(now, verdict);
    last = now;
  }
  same(last, verdict);
}

function checkBounds(verdict: number, length: number): void {
  if (verdict === NEED_MORE) return;
  if (verdict < 0) {
    expect(RULES[-verdict - 1]).toBeDefined();
    expect(inspector.refusedAt).toBeGreaterThanOrEqual(0);
    expect(inspector.refusedAt).toBeLessThanOrEqual(length);
    return;
  }
  for (const [offset, size] of [
    [inspector.clientIdOffset, inspector.clientIdLength],
    [inspector.userNameOffset, inspector.userNameLength],
    [inspector.passwordOffset, inspector.passwordLength],
    [inspector.willTopicOffset, inspector.willTopicLength],
    [inspector.willPayloadOffset, inspector.willPayloadLength],
    [inspector.propertiesOffset, inspector.propertiesLength],
    [inspector.willPropertiesOffset, inspector.willPropertiesLength],
    [inspector.authenticationMethodOffset, inspector.authenticationMethodLength],
    [inspector.authenticationDataOffset, inspector.authenticationDataLength],
  ] as const) {
    if (offset === ABSENT) same(size, 0);
    else same(offset >= 12 && offset + size <= verdict, true);
  }
}

type Parsed = mqttPacket.IConnectPacket & { bridgeMode?: boolean };

function parseWithMqttPacket(bytes: Uint8Array): Parsed | Error {
  const parser = mqttPacket.parser();
  let found: Parsed | Error = new Error("Nothing was parsed");
  parser.on("packet", (packet) => {
    found = packet as Parsed;
  });
  parser.on("error", (error) => {
    found = error as Error;
  });
  parser.parse(Buffer.from(bytes));
  return found;
}

/** What 3.1 allows, not mqtt-packet: flags that mean nothing, fields left out at the end. */
function isOldLeniency(): boolean {
  if (inspector.level !== 3) return false;
  const { flags } = inspector;
  const will = (flags & 0x04) !== 0;
  const omitted =
    ((flags & 0x80) !== 0 && inspector.userNameOffset === ABSENT) ||
    ((flags & 0x40) !== 0 && inspector.passwordOffset === ABSENT);
  return (flags & 0x01) !== 0 || (!will && (flags & 0x38) !== 0) || omitted;
}

function slice(bytes: Uint8Array, offset: number, length: number): Buffer | undefined {
  return offset === ABSENT ? undefined : Buffer.from(bytes.subarray(offset, offset + length));
}

/** Whatever we take, mqtt-packet takes as well, and reads the same out of it. */
function checkAgainstMqttPacket(packet: Uint8Array): void {
  if (isOldLeniency()) return;
  const theirs = parseWithMqttPacket(packet);
  if (theirs instanceof Error) throw theirs;
  const { properties, will } = theirs;
  same(theirs.protocolVersion, inspector.level);
  same(theirs.bridgeMode ?? false, inspector.bridge);
  same(theirs.clean, inspector.cleanStart);
  same(theirs.keepalive, inspector.keepAliveSeconds);
  same(theirs.clientId, inspector.clientId());
  same(theirs.username ?? null, inspector.userName());
  expect(theirs.password).toEqual(
    slice(packet, inspector.passwordOffset, inspector.passwordLength),
  );
  same(will?.topic ?? null, inspector.willTopic());
  const payload = slice(packet, inspector.willPayloadOffset, inspector.willPayloadLength);
  expect(will?.payload).toEqual(payload);
  same(will?.qos ?? 0, inspector.willQos);
  same(will?.retain ?? false, inspector.willRetain);
  same(properties?.sessionExpiryInterval ?? 0, inspector.sessionExpirySeconds);
  same(properties?.receiveMaximum ?? 65_535, inspector.receiveMaximum);
  same(properties?.maximumPacketSize ?? 0, inspector.maximumPacketSize);
  same(properties?.topicAliasMaximum ?? 0, inspector.topicAliasMaximum);
  same(properties?.requestResponseInformation ?? false, inspector.requestResponseInformation);
  same(properties?.requestProblemInformation ?? true, inspector.requestProblemInformation);
  same(properties?.authenticationMethod ?? null, inspector.authenticationMethod());
}

function runCase(seed: number): number {
  const random = new Random(seed);
  const bytes = makeCase(random);
  const arena = Uint8Array.from(bytes);
  const verdict = inspector.inspect(arena, 0, arena.length, SIZE_MAX);
  checkBounds(verdict, bytes.length);
  checkPrefixes(random, bytes, verdict);
  if (verdict > 0) checkAgainstMqttPacket(arena.slice(0, verdict));
  return verdict;
}

describe("CONNECT inspection under fuzz", () => {
  test(`${CASES} random and mutated packets`, () => {
    const only = process.env["CASE_SEED"];
    const verdicts = new Map<number, number>();
    for (let seed = Number(only ?? 1); seed <= Number(only ?? CASES); seed++) {
      try {
        const verdict = Math.min(runCase(seed), 1);
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      } catch (error) {
        throw new Error(`Cannot pass fuzz case: CASE_SEED=${seed}`, { cause: error });
      }
    }
    if (only !== undefined) return;
    // The cases are worth their name only when they reach everything.
    expect(verdicts.get(1)).toBeGreaterThan(CASES / 20);
    expect(verdicts.get(NEED_MORE)).toBeGreaterThan(0);
    for (const { number, name } of RULES)
      expect([name, verdicts.has(-number)]).toEqual([name, true]);
  });

  // U+0000 is no text of MQTT, lone surrogates are no text at all.
  const text = (maxLength: number) =>
    fc.string({ unit: "binary", maxLength }).filter((value) => !value.includes("\0"));
  const topic = text(20).filter((value) => value !== "" && !/[+#]/.test(value));
  const payload = fc.uint8Array({ maxLength: 200 }).map((value) => Buffer.from(value));
  const fieldsOfAll = {
    cmd: fc.constant("connect" as const),
    clean: fc.boolean(),
    keepalive: fc.nat(65_535),
    clientId: text(200).filter((value) => value !== ""),
    username: text(200),
  };
  const will = fc.record({ topic, payload, qos: fc.constantFrom(0, 1, 2), retain: fc.boolean() });
  const maybe = <T extends object>(key: string, value: fc.Arbitrary<T>) =>
    fc.option(value.map((inner) => ({ [key]: inner }))).map((inner) => inner ?? {});
  const properties = fc.record(
    {
      sessionExpiryInterval: fc.nat(0xffffffff),
      receiveMaximum: fc.integer({ min: 1, max: 65_535 }),
      maximumPacketSize: fc.integer({ min: 1, max: 0xffffffff }),
      topicAliasMaximum: fc.nat(65_535),
      requestResponseInformation: fc.boolean(),
      requestProblemInformation: fc.boolean(),
      authenticationMethod: text(20),
      userProperties: fc.dictionary(text(10), fc.array(text(10), { minLength: 1, maxLength: 3 }), {
        minKeys: 1,
      }),
    },
    { requiredKeys: [] },
  );
  const versions = fc.constantFrom(
    { protocolId: "MQIsdp", protocolVersion: 3 },
    { protocolId: "MQTT", protocolVersion: 4 },
    { protocolId: "MQTT", protocolVersion: 5 },
  );

  test("whatever mqtt-packet generates from valid fields is taken, and read alike", () => {
    const connects = fc
      .tuple(
        fc.record(fieldsOfAll),
        versions,
        maybe("will", will),
        maybe("password", payload),
        properties,
      )
      .map(([fields, version, willed, password, props]) => ({
        ...fields,
        ...version,
        ...willed,
        ...password,
        ...(version.protocolVersion === 5 && { properties: props }),
      }));
    fc.assert(
      fc.property(connects, (fields) => {
        const bytes = mqttPacket.generate(fields as unknown as mqttPacket.IConnectPacket);
        for (let seen = 0; seen < bytes.length; seen++) {
          same(inspector.inspect(bytes, 0, seen, SIZE_MAX), NEED_MORE);
        }
        expect(inspector.inspect(bytes, 0, bytes.length, SIZE_MAX)).toBe(bytes.length);
        checkAgainstMqttPacket(bytes);
      }),
      { numRuns: 2_000, seed: 1883 },
    );
  });
});
