// Rules of proxies: acl, tcp-request, use_backend and use-server, as our document writes rules:
// lists of texts, each an action with its condition, in the language of rules/.
//
//   frontend   acls, rules.connection, rules.session, rules.content, rules.pool
//   backend    acls, rules.content, rules.server

import { parseRuleWords } from "../../rules/parse-rule.ts";
import type { TestPlan } from "../../rules/plan-types.ts";
import type { RulePlan, RuleSet } from "../../rules/rule.ts";
import { isKnownAt, type RuleStage } from "../../rules/stage.ts";
import type { Surroundings } from "../../rules/surroundings.ts";
import { type Draft, type DraftMap, list, scalar } from "./draft.ts";
import { type Emission, hasKey } from "./emission.ts";
import { readAcl, reportProblems, toRuleWord, writeWords } from "./expressions.ts";
import { type Given, listOf, type ProxySection } from "./model.ts";
import type { Word } from "./word.ts";

interface WrittenRule {
  readonly plan: RulePlan;
  readonly draft: Draft;
}

export interface RulesOfProxy {
  readonly rules: ReadonlyMap<RuleSet, readonly WrittenRule[]>;
  /** From when on all that they ask is known. */
  readonly stage: RuleStage;
}

const LISTS: readonly (readonly [keyword: string, set: RuleSet])[] = [
  ["tcp-request connection", "connection"],
  ["tcp-request session", "session"],
  ["tcp-request content", "content"],
];

const OWN_WORD: Readonly<Record<string, string>> = { use_backend: "use-pool" };

/** @param holder the mapping that gets them: a listener's or a pool's */
export function emitRules(
  emission: Emission,
  proxy: ProxySection,
  { draft, sets }: { readonly draft: DraftMap; readonly sets: readonly RuleSet[] },
): RuleStage {
  const around = surroundingsOf(emission, proxy);
  const written = new Map<RuleSet, Given[]>();
  for (const [keyword, set] of LISTS) written.set(set, [...listOf(proxy, keyword)]);
  written.set("pool", [...listOf(proxy, "use_backend")]);
  written.set("server", [...listOf(proxy, "use-server")]);
  let stage: RuleStage = "accept";
  for (const set of sets) {
    const given = written.get(set)!;
    const read = given.flatMap((line) => readRule(emission, line, set, around) ?? []);
    for (const { plan } of read) if (asksConnect(plan)) stage = "connect";
    const rules = read.filter(({ plan }) => !refusesOthers(plan));
    if (rules.length === 0) continue;
    putRules(emission, { draft, set, rules, given });
  }
  if (hasKey(draftKind(sets), "acls")) emitAcls(proxy, around, draft);
  return stage;
}

function draftKind(sets: readonly RuleSet[]): "listener" | "pool" {
  return sets.includes("connection") ? "listener" : "pool";
}

interface Put {
  readonly draft: DraftMap;
  readonly set: RuleSet;
  readonly rules: readonly WrittenRule[];
  readonly given: readonly Given[];
}

function putRules({ report }: Emission, { draft, set, rules, given }: Put): void {
  const holder = set === "server" ? "pool" : "listener";
  if (!hasKey(holder, `rules.${set}`)) {
    for (const { keyword } of given) {
      const name = keyword.map(({ text }) => text).join(" ");
      report.error(keyword[0]!, `"${name}" cannot be honoured yet`);
    }
    return;
  }
  const drafts = rules.map((rule) => rule.draft);
  draft.child("rules", drafts[0]!).set(set, list(drafts, drafts[0]!));
}

function readRule(
  { report }: Emission,
  { keyword, args }: Given,
  set: RuleSet,
  around: Surroundings,
): WrittenRule | null {
  const name = keyword[0]!;
  const own = OWN_WORD[name.text] ?? (name.text === "use-server" ? "use-server" : null);
  const words: readonly Word[] =
    own === null ? args : [{ ...name, text: own, source: own }, ...args];
  const { plan, problems } = parseRuleWords(words.map(toRuleWord), set, around);
  reportProblems(problems, words, report);
  if (plan === null) return null;
  return { plan, draft: scalar(writeWords(words), { at: words[0]!.at }) };
}

function asksConnect({ action, condition }: RulePlan): boolean {
  const parts = [
    condition,
    "key" in action ? action.key : null,
    "value" in action ? action.value : null,
  ];
  return parts.some((part) => part !== null && !isKnownAt(part.stage, "tls"));
}

/**
 * `reject unless { req.payload(0,0),mqtt_is_valid }`: what a listener that reads CONNECT does to
 * bytes that are not MQTT.
 */
function refusesOthers({ action, condition }: RulePlan): boolean {
  if (action.kind !== "reject" || condition === null) return false;
  const [terms, ...others] = condition.anyOf;
  const [term, ...more] = terms ?? [];
  if (term === undefined || more.length > 0 || others.length > 0) return false;
  const [test, ...tests] = term.tests;
  const isNegative = condition.unless !== term.negated;
  if (!isNegative || test === undefined || tests.length > 0 || test.groups.length > 0) return false;
  const { fetch, converters } = test.sample;
  return (
    fetch.name.endsWith("payload") && converters.map(({ name }) => name).join() === "mqtt_is_valid"
  );
}

// ── acls ─────────────────────────────────────────────────────────────────────────────────────────

/** Several lines of one name are several tests, any of which will do. */
function surroundingsOf({ report, files }: Emission, proxy: ProxySection): Surroundings {
  const acls = new Map<string, TestPlan[]>();
  const lines = new Map<string, readonly string[] | null>();
  const linesOf = (file: string): readonly string[] | null => {
    if (!lines.has(file)) lines.set(file, files.read(file)?.split("\n") ?? null);
    return lines.get(file)!;
  };
  const around: Surroundings = {
    acls,
    lines: linesOf,
    entries: (file) => linesOf(file)?.flatMap(readMapLine) ?? null,
  };
  for (const { args } of listOf(proxy, "acl")) {
    const acl = readAcl(args, around, report);
    if (acl === null) acls.set(args[0]!.text, acls.get(args[0]!.text) ?? []);
    else acls.set(acl.name, [...(acls.get(acl.name) ?? []), acl.test]);
  }
  return around;
}

/** A map of HAProxy: a key and its value a line. */
function readMapLine(line: string) {
  const match = /^\s*(?!#)(\S+)\s+(.*?)\s*$/.exec(line);
  return match === null ? [] : [{ key: match[1]!, value: match[2]! }];
}

function emitAcls(proxy: ProxySection, around: Surroundings, draft: DraftMap): void {
  const texts = new Map<string, Draft[]>();
  for (const { args } of listOf(proxy, "acl")) {
    const [name, ...test] = args as [Word, ...Word[]];
    if (!around.acls.has(name.text)) continue;
    const text = scalar(writeWords(test), test[0]!);
    texts.set(name.text, [...(texts.get(name.text) ?? []), text]);
  }
  const [first] = texts.values();
  if (first === undefined) return;
  const acls = draft.child("acls", first[0]!);
  for (const [name, tests] of texts)
    acls.set(name, tests.length === 1 ? tests[0]! : list(tests, tests[0]!));
}
