import { describe, expect, test } from "vitest";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import {
  areSameKeys,
  nameTicketKeys,
  readTicketKeys,
  TICKET_KEYS_MAX,
} from "./ticket-key-files.ts";

const keyOf = (byte: number, size = 80) => new Uint8Array(size).fill(byte);
const lineOf = (byte: number, size = 80) => Buffer.from(keyOf(byte, size)).toString("base64");
const linesOf = (...bytes: number[]) => bytes.map((byte) => `${lineOf(byte)}\n`).join("");

/** The first byte of each key, which tells them apart here. */
async function keysIn(...contents: (string | Uint8Array)[]): Promise<number[] | undefined> {
  const { keys, findings } = await read(...contents);
  expect(findings).toEqual([]);
  return keys?.map((key) => key[0]!);
}

function read(...contents: (string | Uint8Array)[]) {
  const entries = contents.map((content, index) => [`/${index}.keys`, content]);
  const files = new MemoryFiles(Object.fromEntries(entries));
  return readTicketKeys([...files.texts.keys()], files);
}

async function mistakesIn(...contents: (string | Uint8Array)[]): Promise<string[]> {
  const { keys, findings } = await read(...contents);
  expect(keys).toBeNull();
  return findings.map(({ index, message, expected }) => {
    return `${index}: ${message}${expected === null ? "" : `, expected ${expected}`}`;
  });
}

describe("a file of 80 bytes", () => {
  test("is one key, as it stands", async () => {
    const { keys } = await read(keyOf(7));
    expect(keys).toEqual([keyOf(7)]);
  });

  test("is the key that seals, before those of the files behind it", async () => {
    expect(await keysIn(keyOf(3), keyOf(2), keyOf(1))).toEqual([3, 2, 1]);
  });
});

describe("a file of lines", () => {
  test("seals with the last but one, and opens with the last and the one before, too", async () => {
    expect(await keysIn(linesOf(1, 2, 3))).toEqual([2, 3, 1]);
  });

  test("counts by its last three lines, whatever stands before them", async () => {
    expect(await keysIn(linesOf(1, 2, 3, 4, 5))).toEqual([4, 5, 3]);
  });

  test("has its keys for AES before those for HMAC, unlike a file of 80 bytes", async () => {
    const [name, one, other] = [keyOf(1, 16), keyOf(2, 32), keyOf(3, 32)];
    const line = `${Buffer.concat([name, one, other]).toString("base64")}\n`;
    const { keys } = await read(line.repeat(3));
    expect(keys?.[0]).toEqual(new Uint8Array(Buffer.concat([name, other, one])));
    const plain = await read(new Uint8Array(Buffer.concat([name, one, other])));
    expect(plain.keys?.[0]).toEqual(new Uint8Array(Buffer.concat([name, one, other])));
  });

  test("may lack the end of its last line, and have empty ones and those of Windows", async () => {
    expect(await keysIn(`${lineOf(1)}\r\n\n${lineOf(2)}\r\n${lineOf(3)}`)).toEqual([2, 3, 1]);
  });

  test("may stand beside other files", async () => {
    expect(await keysIn(keyOf(9), linesOf(1, 2, 3))).toEqual([9, 2, 3, 1]);
  });

  test("has three at least", async () => {
    expect(await mistakesIn(linesOf(1, 2))).toEqual([
      '0: "/0.keys" holds too few lines: 2, expected 3 at least, of which the last but one seals',
    ]);
  });
});

describe("what is no key", () => {
  const oneKey = "80 bytes, as `openssl rand 80` makes them";
  const lines = "lines as `openssl rand 80 | openssl base64 -A` makes them";

  test("of AES-128 is told how to make one that is taken", async () => {
    const short = "a ticket key of 48 bytes, for AES-128";
    expect(await mistakesIn(keyOf(1, 48), linesOf(1, 2, 3) + lineOf(4, 48))).toEqual([
      `0: "/0.keys" holds ${short}, expected ${oneKey}`,
      `1: line 4 of "/1.keys" holds ${short}, expected ${lines}`,
    ]);
  });

  test.each([
    ["", `"/0.keys" holds no ticket key, expected ${oneKey}`],
    [
      keyOf(200, 81),
      `"/0.keys" holds no ticket key: 81 bytes that are no base64, expected ${oneKey}, or ${lines}`,
    ],
    [`${linesOf(1, 2, 3)}# end`, `line 4 of "/0.keys" is no base64, expected ${lines}`],
    [`${lineOf(1)}\n${lineOf(2, 79)}`, `line 2 of "/0.keys" holds 79 bytes, expected ${lines}`],
  ])("is told without a word of what is there: %#", async (content, told) => {
    expect(await mistakesIn(content)).toEqual([`0: ${told}`]);
  });

  test("is told of each file", async () => {
    const files = new MemoryFiles({ "/b": "" });
    const { findings } = await readTicketKeys(["/a", "/b"], files);
    expect(findings.map(({ message }) => message)).toEqual([
      '"/a" cannot be read: no such file',
      '"/b" holds no ticket key',
    ]);
  });
});

test("there are no more keys than workers hold", async () => {
  const eight = Array.from({ length: TICKET_KEYS_MAX }, (_, index) => keyOf(index));
  expect(await keysIn(...eight)).toHaveLength(TICKET_KEYS_MAX);
  expect(await mistakesIn(...eight, keyOf(9))).toEqual([
    "8: these files hold 9 ticket keys, expected at most 8; of a file of lines three count",
  ]);
});

test("keys are named by what every ticket shows of them", () => {
  const key = Uint8Array.from({ length: 80 }, (_, index) => index);
  expect(nameTicketKeys([key])).toEqual(["000102030405060708090a0b0c0d0e0f"]);
});

test("keys are the same when they are in the same order", () => {
  expect(areSameKeys([keyOf(1), keyOf(2)], [keyOf(1), keyOf(2)])).toBe(true);
  expect(areSameKeys([keyOf(1), keyOf(2)], [keyOf(2), keyOf(1)])).toBe(false);
  expect(areSameKeys([keyOf(1)], [keyOf(1), keyOf(2)])).toBe(false);
});
