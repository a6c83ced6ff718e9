// Sample expressions and acls of haproxy.cfg, handed to the parsers of rules/ word by word, and
// written down again for our document.

import type { ClientKeyName } from "../../rules/client-key.ts";
import { parseAclWords } from "../../rules/parse-condition.ts";
import { readExpression } from "../../rules/parse-expression.ts";
import type { ExpressionPlan, TestPlan } from "../../rules/plan-types.ts";
import type { Problem } from "../../rules/problem.ts";
import { ProblemList } from "../../rules/problem-list.ts";
import type { Surroundings } from "../../rules/surroundings.ts";
import type { Word as RuleWord } from "../../rules/words.ts";
import { type DraftScalar, scalar } from "../import/draft.ts";
import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { textDraft } from "./rule-text.ts";

export interface ReadKey {
  /** A name that our document has for it, or the expression. */
  readonly draft: DraftScalar;
  /** The words behind the expression. */
  readonly rest: readonly Word[];
}

/**
 * Reads what clients are known by, at the beginning of some words.
 * @returns null after errors were reported
 */
export function readKey(words: readonly Word[], emission: Emission): ReadKey | null {
  const { report } = emission;
  const problems = new ProblemList();
  const read = readExpression(words.map(toRuleWord), LISTS_UNREAD, problems);
  const found = problems.finish(read).problems;
  if (read === null) {
    reportProblems(found, words, report);
    return null;
  }
  const taken = words.slice(0, read.wordCount);
  const rest = words.slice(read.wordCount);
  const name = keyNameOf(read.plan);
  // An expression is read again by the validator, which tells what there is to tell.
  if (name === null) return { draft: textDraft(taken, emission), rest };
  reportProblems(found, words, report);
  return { draft: scalar(name, taken[0]!), rest };
}

/** Lists and maps are the validator's to read. */
export const LISTS_UNREAD: Surroundings = { acls: new Map(), lines: () => [], entries: () => [] };

/**
 * @param words behind `acl`
 * @returns null where something is wrong, which the validator says
 */
export function readAcl(words: readonly Word[], around: Surroundings): TestPlan | null {
  return parseAclWords(words.map(toRuleWord), around).plan?.test ?? null;
}

/** Columns are the offsets that the parsers of rules/ count in. */
export function toRuleWord({ text, source, at }: Word): RuleWord {
  if (text === source) return { text, at: at.column };
  // Where quotes moved characters, all of them stand at the word.
  return { text, at: at.column, places: Array.from(text, () => at.column) };
}

/** Problems of rules/, at the words that they are about. */
export function reportProblems(
  problems: readonly Problem[],
  words: readonly Word[],
  report: Report,
): void {
  const [first] = words;
  if (first === undefined) return;
  for (const { severity, at, message } of problems) {
    const place = { ...first.at, column: Math.max(at, first.at.column) };
    if (severity === "error") report.error(place, uncapitalized(message));
    else report.notice(place, uncapitalized(message));
  }
}

function uncapitalized(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

const CONNECT_FIELDS: Readonly<Record<string, ClientKeyName>> = {
  client_identifier: "client-id",
  username: "user-name",
};

/** @returns null for an expression that has no name of its own */
export function keyNameOf({ fetch, converters }: ExpressionPlan): ClientKeyName | null {
  const [first, ...more] = converters;
  if (first === undefined) return keyNameOfFetch(fetch.name, fetch.args);
  const isPayload = /^(req\.payload|req_payload|payload)$/.test(fetch.name);
  const isWhole = fetch.args[0] === "0" && (fetch.args[1] ?? "0") === "0";
  if (!isPayload || !isWhole || first.name !== "mqtt_field_value" || more.length > 0) return null;
  const [packet, field] = first.args;
  return packet === "connect" || packet === "1" ? (CONNECT_FIELDS[field ?? ""] ?? null) : null;
}

function keyNameOfFetch(name: string, args: readonly (string | null)[]): ClientKeyName | null {
  if (name === "src") return "source";
  if (name === "mqtt.client_id") return "client-id";
  if (name === "mqtt.user_name") return "user-name";
  if (name !== "ssl_c_s_dn") return null;
  if (args.every((argument) => argument === null)) return "certificate-subject";
  return /^cn$/i.test(args[0] ?? "") && !args[1] && !args[2] ? "certificate-name" : null;
}
