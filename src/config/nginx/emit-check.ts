// `health_check` and `match` of NGINX Plus: servers that are asked how they are. Without it nginx
// only knows servers by the connections of clients: max_fails and fail_timeout.

import { nearest } from "../explain.ts";
import { type Draft, DraftMap, list, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { parseCount, parseTime, writeTime } from "./amounts.ts";
import type { Directive } from "./directive.ts";
import type { Emission } from "./emission.ts";
import { type Given, listOf, type Scope, setting } from "./model.ts";
import {
  honouredParameters,
  type Parameter,
  type Parameters,
  readParameters,
  refusedParameters,
} from "./parameter.ts";

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 5_000;
const SPREAD_MAX = 50;

const TABLE = {
  ...honouredParameters("interval= jitter= fails= passes= mandatory persistent match= port="),
  ...refusedParameters("udp", "is about UDP"),
};

export function emitCheck(emission: Emission, server: Scope, pool: DraftMap): void {
  const given = server.settings.get("health_check");
  const check = new DraftMap({ at: given?.name.at ?? pool.at });
  pool.set("check", check);
  if (given === undefined) {
    check.put("type", "none", check);
    return;
  }
  const parameters = readParameters(given.args, TABLE, {
    of: "health_check",
    report: emission.report,
  });
  emitContent(emission, parameters.get("match"), check);
  emitTimes(emission, server, parameters, check);
  putCount(emission, check, { key: "rise", given: parameters.get("passes"), fallback: 1 });
  putCount(emission, check, { key: "fall", given: parameters.get("fails"), fallback: 1 });
  const mandatory = parameters.get("mandatory");
  check.put("initial", mandatory === undefined ? "fully-up" : "down", mandatory?.word ?? check);
  const port = parameters.get("port");
  if (port !== undefined) putCount(emission, check, { key: "port", given: port, fallback: 0 });
}

function emitTimes(
  emission: Emission,
  server: Scope,
  parameters: Parameters,
  check: DraftMap,
): void {
  const interval = timeOf(emission, parameters.get("interval"));
  const intervalMs = interval?.ms ?? INTERVAL_MS;
  const every = writeTime(interval?.word.text ?? "", intervalMs);
  const origin = interval?.word ?? check;
  check.put("interval", every, origin);
  check.put("fastInterval", every, origin);
  const jitter = timeOf(emission, parameters.get("jitter"));
  const percent = Math.ceil(((jitter?.ms ?? 0) / intervalMs) * 100);
  check.put("spread", Math.min(percent, SPREAD_MAX), jitter?.word ?? check);
  const timeout = setting(server, "health_check_timeout");
  const text = writeTime(timeout?.args[0]?.text ?? "", timeout?.amount ?? TIMEOUT_MS);
  check.put("timeout", text, timeout?.args[0] ?? check);
}

function timeOf({ report }: Emission, given: Parameter | undefined) {
  if (given === undefined) return null;
  const { value, word } = given;
  const ms = parseTime(value.text);
  if (ms !== null && ms > 0) return { ms, word: value };
  const name = word.text.split("=")[0];
  report.error(value, `${name} is "${value.text}"`, "a time such as 5s; a number is seconds");
  return null;
}

function putCount(
  { report }: Emission,
  check: DraftMap,
  of: {
    readonly key: string;
    readonly given: Parameter | undefined;
    readonly fallback: number;
  },
): void {
  const { key, given, fallback } = of;
  if (given === undefined) {
    check.put(key, fallback, check);
    return;
  }
  const count = parseCount(given.value.text);
  if (count !== null) check.set(key, scalar(count, given.value));
  else {
    const name = given.word.text.split("=")[0];
    report.error(given.value, `${name} is "${given.value.text}"`, "a whole number");
  }
}

// ── match ────────────────────────────────────────────────────────────────────────────────────────

function emitContent(emission: Emission, match: Parameter | undefined, check: DraftMap): void {
  const block = match === undefined ? null : findMatch(emission, match.value);
  if (block === null) {
    check.put("type", "tcp", match?.word ?? check);
    return;
  }
  const steps = block.block.flatMap((directive) => stepOf(emission, directive) ?? []);
  check.put("type", steps.length === 0 ? "tcp" : "script", match!.word);
  if (steps.length > 0) check.set("script", list(steps, steps[0]!));
}

function findMatch({ model, report }: Emission, word: Word): Given | null {
  const blocks = model.stream === null ? [] : listOf(model.stream, "match");
  const names = blocks.map(({ args }) => args[0]!.text);
  const found = blocks[names.indexOf(word.text)];
  if (found !== undefined) return found;
  const near = nearest(word.text, names);
  const expected = near === null ? "the name of a match block" : `"${near}"`;
  report.error(word, `there is no match "${word.text}"`, expected);
  return null;
}

/** `send "text"`, `expect "text"`, `expect ~ "expression"`, with `\x10` for bytes. */
function stepOf({ report }: Emission, { name, args }: Directive): Draft | null {
  const step = new DraftMap({ at: name.at });
  const [first, second] = args;
  const isPattern = first !== undefined && /^~\*?$/.test(first.text);
  const text = isPattern ? second : first;
  if (text === undefined || (name.text !== "send" && name.text !== "expect")) {
    const message = `"${name.text}" cannot stand alone in a match block`;
    report.error(name, message, "send or expect, and a text");
    return null;
  }
  const bytes = fromEscapes(text.text);
  const isBinary = /[^\t\n\r -~]/.test(bytes);
  const hex = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"));
  if (name.text === "send") {
    step.set(isBinary ? "sendBinary" : "send", scalar(isBinary ? hex.join("") : bytes, text));
    return step;
  }
  const expect = step.child("expect", text);
  if (isPattern) {
    if (first.text === "~*") {
      report.error(first, '"~*" cannot be honoured: capitals are other letters here', '"~"');
    }
    expect.set("pattern", scalar(text.text, text));
  } else expect.set(isBinary ? "binary" : "string", scalar(isBinary ? hex.join("") : bytes, text));
  return step;
}

/** @returns one character a byte */
function fromEscapes(text: string): string {
  return text.replaceAll(/\\x([0-9A-Fa-f]{2})/g, (_, digits: string) => {
    return String.fromCharCode(Number.parseInt(digits, 16));
  });
}
