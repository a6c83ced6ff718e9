// CONNECT packets for the recording of HAProxy's answers: 200 of 3.1, 3.1.1 and 5.0 from a seeded
// sequence, most of them valid, the others with one fault each.

const encoder = new TextEncoder();

const integer16 = (value) => [value >> 8, value & 0xff];
const integer32 = (value) => [
  value >>> 24,
  (value >>> 16) & 0xff,
  (value >>> 8) & 0xff,
  value & 255,
];
const variable = (value) =>
  value < 128 ? [value] : [(value & 127) | 128, ...variable(value >>> 7)];
const field = (content) => {
  const bytes = typeof content === "string" ? [...encoder.encode(content)] : content;
  return [...integer16(bytes.length), ...bytes];
};
const section = (properties) => [...variable(properties.flat().length), ...properties.flat()];

/** A small seeded sequence (mulberry32): the same packets each time. */
function makeRandom(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  return { below, chance: (share) => next() < share, pick: (list) => list[below(list.length)] };
}

const TEXTS = [
  "a",
  "dev-1",
  "sensors/7/state",
  "Größe",
  "温度",
  "😀",
  "with blank",
  "x".repeat(130),
];

function text(random) {
  return `${random.pick(TEXTS)}${random.chance(0.5) ? random.below(100_000) : ""}`;
}

const bytes = (random) => Array.from({ length: random.below(40) }, () => random.below(256));

function connectProperties(random) {
  const all = [
    () => [0x11, ...integer32(random.below(2 ** 31))],
    () => [0x21, ...integer16(1 + random.below(65_535))],
    () => [0x27, ...integer32(1 + random.below(2 ** 31))],
    () => [0x22, ...integer16(random.below(65_536))],
    () => [0x19, random.below(2)],
    () => [0x17, random.below(2)],
    () => [0x26, ...field(text(random)), ...field(text(random))],
    () => [0x15, ...field(text(random)), 0x16, ...field([1, ...bytes(random)])],
  ];
  return all.filter(() => random.chance(0.4)).map((make) => make());
}

function willProperties(random) {
  const all = [
    () => [0x18, ...integer32(random.below(2 ** 31))],
    () => [0x01, random.below(2)],
    () => [0x02, ...integer32(random.below(2 ** 31))],
    () => [0x03, ...field(text(random))],
    () => [0x08, ...field("reply/here")],
    () => [0x09, ...field([1, ...bytes(random)])],
    () => [0x26, ...field(text(random)), ...field(text(random))],
  ];
  return all.filter(() => random.chance(0.4)).map((make) => make());
}

/** What a packet is made of; faults change one of its parts. */
function draft(random) {
  const level = random.pick([3, 4, 4, 5, 5, 5]);
  const will = random.chance(0.4);
  const user = random.chance(0.5);
  const password = user && random.chance(0.7);
  const willBits = will ? 0x04 | (random.below(3) << 3) | (random.below(2) << 5) : 0;
  return {
    level,
    name: level === 3 ? "MQIsdp" : "MQTT",
    flags: 0x02 | willBits | (user ? 0x80 : 0) | (password ? 0x40 : 0),
    keepAlive: random.below(65_536),
    properties: level === 5 ? connectProperties(random) : null,
    clientId: text(random),
    willProperties: level === 5 && will ? willProperties(random) : null,
    willTopic: will ? "will/topic" : null,
    willPayload: will ? [1, ...bytes(random)] : null,
    userName: user ? text(random) : null,
    password: password ? [1, ...bytes(random)] : null,
    tail: [],
    remaining: 0,
  };
}

function encode(parts) {
  const optional = (value) => (value === null ? [] : field(value));
  const body = [
    ...field(parts.name),
    ...[parts.level, parts.flags, ...integer16(parts.keepAlive)],
    ...(parts.properties === null ? [] : section(parts.properties)),
    ...field(parts.clientId),
    ...(parts.willProperties === null ? [] : section(parts.willProperties)),
    ...optional(parts.willTopic),
    ...optional(parts.willPayload),
    ...optional(parts.userName),
    ...optional(parts.password),
    ...parts.tail,
  ];
  return Uint8Array.from([parts.type ?? 0x10, ...variable(body.length + parts.remaining), ...body]);
}

/** One broken rule each; the first ones are those that HAProxy lets pass, or should not refuse. */
const FAULTS = [
  ["lower-case protocol name", (parts) => ({ ...parts, name: parts.name.toLowerCase() })],
  ["client id that is no UTF-8", (parts) => ({ ...parts, clientId: [0x61, 0xff, 0xfe] })],
  [
    "user name with U+0000",
    (parts) => ({ ...parts, flags: parts.flags | 0x80, userName: [97, 0] }),
  ],
  [
    "will QoS 3",
    (parts) => ({ ...parts, ...withWill(parts), flags: withWill(parts).flags | 0x18 }),
  ],
  [
    "will retain without a will",
    (parts) => ({ ...withoutWill(parts), flags: noWill(parts) | 0x20 }),
  ],
  ["3.1.1 name with the level of 3.1", (parts) => ({ ...of(parts, 3), name: "MQTT" })],
  ["3.1 name with the level of 3.1.1", (parts) => ({ ...of(parts, 4), name: "MQIsdp" })],
  ["password without user name in 3.1.1", (parts) => passwordAlone(of(parts, 4))],
  ["will topic with a wildcard", (parts) => ({ ...withWill(parts), willTopic: "a/#" })],
  ["reserved flag", (parts) => ({ ...of(parts, 4), flags: parts.flags | 0x01 })],
  ["will QoS without a will", (parts) => ({ ...withoutWill(parts), flags: noWill(parts) | 0x08 })],
  ["level 6", (parts) => ({ ...parts, level: 6 })],
  ["protocol name of something else", (parts) => ({ ...parts, name: "AMQP" })],
  ["fixed header with flags", (parts) => ({ ...parts, type: 0x12 })],
  ["byte left over", (parts) => ({ ...parts, tail: [0] })],
  ["a SUBSCRIBE first", (parts) => ({ ...parts, type: 0x82 })],
  ["property twice", (parts) => twice(of(parts, 5))],
  ["property of a will", (parts) => ({ ...of(parts, 5), properties: [[0x18, 0, 0, 0, 1]] })],
  ["Receive Maximum 0", (parts) => ({ ...of(parts, 5), properties: [[0x21, 0, 0]] })],
  ["authentication data alone", (parts) => ({ ...of(parts, 5), properties: [[0x16, 0, 1, 1]] })],
];

const noWill = ({ flags }) => flags & ~0x3c;
const withoutWill = (parts) => ({
  ...parts,
  ...{ flags: noWill(parts), willProperties: null, willTopic: null, willPayload: null },
});
const withWill = (parts) => ({
  ...parts,
  flags: parts.flags | 0x04,
  willProperties: parts.level === 5 ? (parts.willProperties ?? []) : null,
  willTopic: parts.willTopic ?? "t",
  willPayload: parts.willPayload ?? [1],
});
const of = (parts, level) => ({
  ...parts,
  ...{ level, name: level === 3 ? "MQIsdp" : "MQTT" },
  properties: level === 5 ? (parts.properties ?? []) : null,
  willProperties: level === 5 && parts.willTopic !== null ? (parts.willProperties ?? []) : null,
});
const passwordAlone = (parts) => ({
  ...parts,
  ...{ flags: (parts.flags & ~0x80) | 0x40, userName: null, password: [1, 2] },
});
const twice = (parts) => ({
  ...parts,
  properties: [
    [0x17, 1],
    [0x17, 1],
  ],
});

/** @returns `count` packets: name, and bytes in hex */
export function makeConnectPackets(count) {
  const random = makeRandom(20_260_7);
  const packets = [];
  for (let i = 0; i < count; i++) {
    const parts = draft(random);
    const [fault, change] = i % 5 === 4 ? FAULTS[((i - 4) / 5) % FAULTS.length] : ["", (p) => p];
    const hex = Buffer.from(encode(change(parts))).toString("hex");
    packets.push({ name: fault === "" ? `valid, level ${parts.level}` : fault, hex });
  }
  return packets;
}
