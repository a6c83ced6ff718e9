// What expressions compute: HAProxy's sample types, and which becomes which.
//
// A value is immutable. Two answers are no values: ABSENT, there is nothing to be had, and NOT_YET,
// more bytes are needed to tell. Casts are those of HAProxy's matrix; a cast that fails is ABSENT.
// Pure; bounded by the text that a value was made of.

import { ADDRESS_SIZE, formatAddress, isIpv4Mapped, makeEndpoint } from "../bytes/endpoint.ts";
import { byteTextOf } from "./byte-text.ts";

export interface BooleanValue {
  readonly type: "boolean";
  readonly boolean: boolean;
}

/** 64 bits with a sign; arithmetic stops at the ends. */
export interface IntegerValue {
  readonly type: "integer";
  readonly integer: bigint;
}

/** 16 bytes; IPv4 as the mapped IPv6 address. */
export interface AddressValue {
  readonly type: "address";
  readonly address: Uint8Array;
}

/** A byte text. Text ends at a null byte when it was binary before; binary does not. */
export interface TextValue {
  readonly type: "text" | "binary";
  readonly text: string;
}

export type Value = BooleanValue | IntegerValue | AddressValue | TextValue;
/** `any`: known only when evaluated, as of a variable. */
export type ValueType = Value["type"] | "any";

export const ABSENT = null;
export const NOT_YET = { type: "not-yet" } as const;
export type Answer = Value | typeof ABSENT | typeof NOT_YET;

export const TRUE: BooleanValue = { type: "boolean", boolean: true };
export const FALSE: BooleanValue = { type: "boolean", boolean: false };

export const INTEGER_MAX = 2n ** 63n - 1n;
export const INTEGER_MIN = -(2n ** 63n);

export function booleanValue(boolean: boolean): BooleanValue {
  return boolean ? TRUE : FALSE;
}

/** Beyond 64 bits the nearest end. */
export function integerValue(integer: bigint | number): IntegerValue {
  const exact = BigInt(integer);
  if (exact > INTEGER_MAX) return { type: "integer", integer: INTEGER_MAX };
  if (exact < INTEGER_MIN) return { type: "integer", integer: INTEGER_MIN };
  return { type: "integer", integer: exact };
}

/** @param text a byte text */
export function textValue(text: string): TextValue {
  return { type: "text", text };
}

/** @param text a byte text */
export function binaryValue(text: string): TextValue {
  return { type: "binary", text };
}

/** Copies ADDRESS_SIZE bytes at `at`. */
export function addressValue(bytes: Uint8Array, at: number): AddressValue {
  return { type: "address", address: bytes.slice(at, at + ADDRESS_SIZE) };
}

const CASTS: Readonly<Record<Value["type"], readonly ValueType[]>> = {
  boolean: ["boolean", "integer", "text", "binary"],
  integer: ["boolean", "integer", "address", "text", "binary"],
  address: ["integer", "address", "text", "binary"],
  text: ["boolean", "integer", "address", "text", "binary"],
  binary: ["text", "binary"],
};

/** Whether values of one type can become another; some of them may still turn out not to. */
export function canCast(from: ValueType, to: ValueType): boolean {
  return from === "any" || to === "any" || CASTS[from].includes(to);
}

/** @returns the value as one of type `to`, or ABSENT */
export function cast(value: Value, to: ValueType): Value | typeof ABSENT {
  if (to === "any" || value.type === to) return value;
  switch (to) {
    case "boolean":
      return toBoolean(value);
    case "integer":
      return toInteger(value);
    case "address":
      return toAddress(value);
    case "binary":
      return toBinary(value);
    case "text":
      return toText(value);
  }
}

/** @returns the value as a byte text, or ABSENT */
export function textOf(value: Value): string | null {
  const text = cast(value, "text");
  return text?.type === "text" ? text.text : null;
}

/**
 * Reads a number at the beginning of a text: a sign, digits; 0 where there are none; the nearest
 * end of 64 bits where there are too many.
 */
export function leadingInteger(text: string): bigint {
  const digits = /^[+-]?\d+/.exec(text)?.[0] ?? "0";
  return integerValue(BigInt(digits.slice(0, 32).replace(/^\+/, ""))).integer;
}

function toBoolean(value: Value): Value | null {
  const integer = toInteger(value);
  return integer?.type === "integer" ? booleanValue(integer.integer !== 0n) : ABSENT;
}

function toInteger(value: Value): Value | null {
  switch (value.type) {
    case "integer":
      return value;
    case "boolean":
      return integerValue(value.boolean ? 1 : 0);
    case "text":
      return value.text === "" ? ABSENT : integerValue(leadingInteger(value.text));
    case "address":
      if (!isIpv4Mapped(value.address, 0)) return ABSENT;
      return integerValue(
        new DataView(value.address.buffer, value.address.byteOffset).getUint32(12),
      );
    case "binary":
      return ABSENT;
  }
}

function toAddress(value: Value): Value | null {
  if (value.type === "integer") return ipv4Value(BigInt.asUintN(32, value.integer));
  if (value.type !== "text") return ABSENT;
  const endpoint = makeEndpoint(value.text, 0);
  return endpoint === null ? ABSENT : addressValue(endpoint, 0);
}

function ipv4Value(integer: bigint): AddressValue {
  const address = new Uint8Array(ADDRESS_SIZE).fill(0xff, 10, 12);
  new DataView(address.buffer).setUint32(12, Number(integer));
  return { type: "address", address };
}

function toText(value: Value): Value | null {
  switch (value.type) {
    case "text":
      return value;
    case "boolean":
      return textValue(value.boolean ? "1" : "0");
    case "integer":
      return textValue(value.integer.toString());
    case "address":
      return textValue(formatAddress(value.address, 0));
    case "binary": {
      const end = value.text.indexOf("\0");
      return textValue(end < 0 ? value.text : value.text.slice(0, end));
    }
  }
}

function toBinary(value: Value): Value | null {
  switch (value.type) {
    case "binary":
      return value;
    case "text":
      return binaryValue(value.text);
    case "boolean":
      return binaryValue(bigEndian64(value.boolean ? 1n : 0n));
    case "integer":
      return binaryValue(bigEndian64(value.integer));
    case "address": {
      const from = isIpv4Mapped(value.address, 0) ? 12 : 0;
      return binaryValue(byteTextOf(value.address, from, ADDRESS_SIZE - from));
    }
  }
}

function bigEndian64(integer: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, integer);
  return byteTextOf(bytes, 0, 8);
}
