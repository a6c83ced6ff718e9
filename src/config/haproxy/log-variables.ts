// Variables in a `log-format`, `%[var(txn.id)]`: here they end with the rules that set them, so
// that nothing of them is left when a line is written. What such a line would say in HAProxy is
// known all the same in two cases:
//
//   no line sets it              nothing: "-", which a notice tells
//   a rule always sets it to X   X, where log lines have X
//
// Everything else is an error. Reads the rules as they are written, and runs none.

import { expressionsOf, isLogExpression } from "../../logging/haproxy-template.ts";
import type { ClientKeyName } from "../../rules/client-key.ts";
import { parseRuleWords } from "../../rules/parse-rule.ts";
import type { ExpressionPlan } from "../../rules/plan-types.ts";
import { KNOWN_AT, type RuleSet } from "../../rules/rule.ts";
import { isKnownAt } from "../../rules/stage.ts";
import { type DraftScalar, scalar } from "../import/draft.ts";
import type { Place, Word } from "../import/word.ts";
import { placeInText } from "../place-in-text.ts";
import type { TextPiece } from "../raw-document.ts";
import type { Emission } from "./emission.ts";
import { keyNameOf, LISTS_UNREAD, toRuleWord } from "./expressions.ts";
import { HTTP_KEYWORDS } from "./keywords/proxy-keywords.ts";
import { type Given, listOf, type ProxySection } from "./model.ts";

/** The format of a section, with what its variables stand for. */
export function readLogFormat(
  emission: Emission,
  proxy: ProxySection,
  { args }: Given,
): DraftScalar {
  const template = args.map(({ text }) => text).join(" ");
  const [word] = args as [Word];
  const pieces: TextPiece[] = [{ from: 0, at: placeIn(word, 0), isFixed: false }];
  let text = "";
  let end = 0;
  for (const { index, text: item, expression, empty } of expressionsOf(template)) {
    const name = /^\s*var\(\s*([\w.]+)\s*\)\s*$/.exec(expression)?.[1];
    if (name === undefined) continue;
    const reading = readVariable(emission, proxy, name);
    tell(emission, placeIn(word, index), { item, name, reading });
    text += template.slice(end, index);
    pieces.push({ from: text.length, at: placeIn(word, index), isFixed: true });
    text += reading.kind === "same" ? item.replace(expression, () => reading.as) : empty;
    end = index + item.length;
    pieces.push({ from: text.length, at: placeIn(word, end), isFixed: false });
  }
  return pieces.length === 1
    ? scalar(template, word)
    : { ...scalar(text + template.slice(end), { at: word.at }), pieces };
}

/** Where a character of a quoted word stands. */
function placeIn({ text: value, source, at }: Word, index: number): Place {
  return {
    ...at,
    ...placeInText({ kind: "scalar", value, source, at, keyAt: at, path: [] }, index),
  };
}

type Reading =
  /** It is empty; a line that is wrong, or comes too early, says so itself. */
  | { readonly kind: "empty"; readonly isTold: boolean }
  /** What it always holds, as a log format writes it. */
  | { readonly kind: "same"; readonly as: string }
  | { readonly kind: "unknown"; readonly why: string };

interface Finding {
  readonly item: string;
  readonly name: string;
  readonly reading: Reading;
}

const EXPECTED = "an expression that docs/logging.md has, such as %[mqtt.client_id]";

function tell({ report }: Emission, at: Place, { item, name, reading }: Finding): void {
  // Sections inherit formats.
  const isTold = report.diagnostics.some(({ file, line, column, message }) => {
    const isThere = file === at.file && line === at.line && column === at.column;
    return isThere && message.startsWith(item);
  });
  if (isTold) return;
  if (reading.kind === "empty" && !reading.isTold) {
    report.notice(at, `${item} is empty in every line: nothing sets "${name}"`);
  } else if (reading.kind === "unknown") {
    report.error(at, `${item} cannot be honoured: ${reading.why}`, EXPECTED);
  }
}

function readVariable({ model }: Emission, proxy: ProxySection, name: string): Reading {
  const unknown = (why: string): Reading => ({ kind: "unknown", why });
  const sections = [proxy, ...model.proxies.filter(({ kind }) => /backend|listen/.test(kind))];
  const lines = new Set(sections.flatMap(linesOf));
  const [setter, ...others] = [...lines].filter((line) => mentions(line, name));
  if (setter === undefined) return { kind: "empty", isTold: false };
  if (!/^(sess|txn)\./.test(name)) return unknown(`"${name}" ends before a line is written`);
  if (others.length > 0) return unknown(`several lines set "${name}"`);
  const set = SETS.find((each) => listOf(proxy, `tcp-request ${each}`).includes(setter));
  if (set === undefined) return unknown(`"${name}" is set by no tcp-request rule of the section`);
  const before = listOf(proxy, `tcp-request ${set}`);
  const accepts = before.slice(0, before.indexOf(setter)).some(({ args }) => {
    return args[0]?.text === "accept";
  });
  if (accepts) return unknown(`who was accepted before "${name}" is set has none`);
  return readSetter(setter, set) ?? unknown(`"${name}" is not kept until a line is written`);
}

const SETS: readonly RuleSet[] = ["connection", "session", "content"];

/** @returns null where it may be set or not, or to what lines do not have */
function readSetter({ args }: Given, set: RuleSet): Reading | null {
  if (args.some(({ text }) => text === "if" || text === "unless")) return null;
  const { plan } = parseRuleWords(args.map(toRuleWord), set, LISTS_UNREAD);
  if (plan === null) return { kind: "empty", isTold: true };
  const { action } = plan;
  if (action.kind !== "set-variable") return null;
  if (!isKnownAt(action.value.stage, KNOWN_AT[set])) return { kind: "empty", isTold: true };
  const as = logNameOf(action.value);
  return as === null ? null : { kind: "same", as };
}

const LOG_NAMES: Readonly<Partial<Record<ClientKeyName, string>>> = {
  "client-id": "mqtt.client_id",
  source: "src",
  "certificate-name": "ssl_c_s_dn(cn)",
  "certificate-subject": "ssl_c_s_dn",
};

function logNameOf(value: ExpressionPlan): string | null {
  const key = keyNameOf(value);
  if (key !== null) return LOG_NAMES[key] ?? null;
  return isLogExpression(value.text) ? value.text : null;
}

/** Lines that do something: those about HTTP do nothing here, nor in HAProxy's `mode tcp`. */
function linesOf({ settings, lists }: ProxySection): readonly Given[] {
  const all = [...settings, ...[...lists].flatMap(([key, list]) => list.map((of) => [key, of]))];
  return (all as [string, Given][]).flatMap(([key, given]) => {
    return HTTP_KEYWORDS.has(key) ? [] : given;
  });
}

/** Whether it sets or unsets a variable: by an action, or by a converter of any expression. */
function mentions({ args }: Given, name: string): boolean {
  const text = args.map((word) => word.text).join(" ");
  return [...text.matchAll(/set-var(?:-fmt)?\(\s*([^\s,)]+)/g)].some((match) => match[1] === name);
}
