// Fetches that ask nobody: constants, chance, time, variables, the process. Pure.

import { byteTextOf, toByteText } from "../byte-text.ts";
import { variableOf } from "../call.ts";
import { type FetchRow, fetchRows } from "../catalogue-row.ts";
import { parseNetwork } from "../network.ts";
import {
  ABSENT,
  addressValue,
  binaryValue,
  booleanValue,
  FALSE,
  integerValue,
  TRUE,
  textValue,
} from "../value.ts";

export const CONSTANT_FETCHES: readonly FetchRow[] = fetchRows({
  always_true: { type: "boolean", stage: "accept", doc: "true", compile: () => () => TRUE },
  always_false: { type: "boolean", stage: "accept", doc: "false", compile: () => () => FALSE },
  bool: {
    args: "value:text",
    type: "boolean",
    stage: "accept",
    doc: "true for `true` and 1, else false",
    compile: (call) => {
      const constant = booleanValue(/^(true|[1-9]\d*)$/i.test(call.text(0)));
      return () => constant;
    },
  },
  int: {
    args: "value:integer",
    type: "integer",
    stage: "accept",
    doc: "this number",
    compile: (call) => {
      const constant = integerValue(BigInt(call.text(0).replace("+", "")));
      return () => constant;
    },
  },
  str: {
    args: "value:text?",
    type: "text",
    stage: "accept",
    doc: "this text",
    compile: (call) => {
      const constant = textValue(call.text(0));
      return () => constant;
    },
  },
  bin: {
    args: "digits:hex",
    type: "binary",
    stage: "accept",
    doc: "these bytes, as hex digits",
    compile: (call) => {
      const digits = call.text(0).match(/../g) ?? [];
      const bytes = Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
      const constant = binaryValue(byteTextOf(bytes, 0, bytes.length));
      return () => constant;
    },
  },
  ipv4: {
    args: "address:text",
    type: "address",
    stage: "accept",
    doc: "this address",
    compile: (call) => constantAddress(call.text(0)),
  },
  ipv6: {
    args: "address:text",
    type: "address",
    stage: "accept",
    doc: "this address",
    compile: (call) => constantAddress(call.text(0)),
  },
  env: {
    args: "name:text",
    type: "text",
    stage: "accept",
    doc: "environment variable of the process, as it was when the plan was made",
    compile: (call) => {
      const found = call.names.environment.get(call.plan.args[0] ?? "");
      const constant = found === undefined ? ABSENT : textValue(toByteText(found));
      return () => constant;
    },
  },
  hostname: {
    type: "text",
    stage: "accept",
    doc: "name of this machine",
    compile: (call) => {
      const constant = textValue(toByteText(call.names.hostName));
      return () => constant;
    },
  },
  rand: {
    args: "limit:count?",
    type: "integer",
    stage: "accept",
    doc: "a number drawn anew each time, 0 to limit - 1; below 2^32 without a limit",
    compile: (call) => {
      const limit = call.integer(0, 0x1_0000_0000);
      return (subject) => integerValue(Math.floor(((subject.random() >>> 0) / 2 ** 32) * limit));
    },
  },
  date: {
    args: "offset:integer? unit:text?",
    type: "integer",
    stage: "accept",
    doc: "seconds since 1970, plus an offset; in `ms` or `us` on demand",
    problem: ([, unit]) =>
      DATE_UNITS.has(unit ?? "s") ? null : `no unit "${unit}"; known are s, ms and us`,
    compile: (call) => {
      const divisor = DATE_UNITS.get(call.text(1) || "s") ?? 1_000_000;
      const offset = call.integer(0, 0);
      return (subject) => integerValue(Math.floor(subject.dateUs / divisor) + offset);
    },
  },
  var: {
    args: "name:variable default:text?",
    type: "any",
    stage: "accept",
    doc: "a variable, or the default while it is not set",
    compile: (call) => {
      const name = call.plan.args[0] ?? "";
      const otherwise = call.has(1) ? textValue(call.text(1)) : ABSENT;
      return (subject) => variableOf(subject, name) ?? otherwise;
    },
  },
});

const DATE_UNITS: ReadonlyMap<string, number> = new Map([
  ["s", 1_000_000],
  ["ms", 1000],
  ["us", 1],
]);

function constantAddress(text: string) {
  const network = parseNetwork(text);
  const constant = network === null ? ABSENT : addressValue(network.address, 0);
  return () => constant;
}
