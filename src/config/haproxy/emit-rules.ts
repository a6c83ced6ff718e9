// Rules of proxies: acl, tcp-request, use_backend and use-server, as our document writes rules:
// lists of texts, each an action with its condition, in the language of rules/.
//
//   frontend   acls, rules.connection, rules.session, rules.content, rules.pool
//   backend    acls, rules.content, rules.server
//
// What is wrong in a text is for the validator to say, which reads it with everything around it;
// here it is read only for what it asks of the client.

import { parseRuleWords } from "../../rules/parse-rule.ts";
import type { TestPlan } from "../../rules/plan-types.ts";
import type { RulePlan, RuleSet } from "../../rules/rule.ts";
import type { Surroundings } from "../../rules/surroundings.ts";
import { type Draft, type DraftMap, list } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { readAcl, toRuleWord } from "./expressions.ts";
import { type Given, listOf, type ProxySection } from "./model.ts";
import { textDraft } from "./rule-text.ts";
import { keptAcls } from "./unused-acls.ts";

interface RuleKeyword {
  readonly keyword: string;
  readonly set: RuleSet;
  /** What our language calls the action, where the keyword is the action. */
  readonly action: string | null;
}

const FRONTEND: readonly RuleKeyword[] = [
  { keyword: "tcp-request connection", set: "connection", action: null },
  { keyword: "tcp-request session", set: "session", action: null },
  { keyword: "tcp-request content", set: "content", action: null },
  { keyword: "use_backend", set: "pool", action: "use-pool" },
];

const BACKEND: readonly RuleKeyword[] = [
  { keyword: "tcp-request content", set: "content", action: null },
  { keyword: "use-server", set: "server", action: "use-server" },
];

/** @returns whether a rule asks for fields of MQTT */
export function emitRules(
  emission: Emission,
  proxy: ProxySection,
  { draft, side }: { readonly draft: DraftMap; readonly side: "frontend" | "backend" },
): boolean {
  const around = surroundingsOf(proxy);
  let asksMqtt = false;
  for (const { keyword, set, action } of side === "frontend" ? FRONTEND : BACKEND) {
    // Of a listen section what the client sent is looked at once, in its listener.
    if (set === "content" && side === "backend" && proxy.kind === "listen") continue;
    const texts: Draft[] = [];
    for (const given of listOf(proxy, keyword)) {
      if (action === null && isForLogs(given, emission)) continue;
      const words = wordsOfRule(given, action);
      const { plan } = parseRuleWords(words.map(toRuleWord), set, around);
      if (plan !== null && namesMqtt(plan)) asksMqtt = true;
      if (plan === null || !refusesOthers(plan)) texts.push(textDraft(words, emission));
    }
    if (texts.length > 0) draft.child("rules", texts[0]!).set(set, list(texts, texts[0]!));
  }
  emitAcls(emission, proxy, draft);
  return asksMqtt;
}

/** `capture` keeps a sample for log lines, where it has to be asked for by its number. */
function isForLogs({ args }: Given, { report }: Emission): boolean {
  const [action] = args;
  if (action?.text !== "capture") return false;
  report.notice(action, '"capture" is for log lines, which have client ids and user names here');
  return true;
}

function wordsOfRule({ keyword, args }: Given, action: string | null): readonly Word[] {
  if (action === null) return args;
  const [name] = keyword;
  // `use_backend` and `use-pool` differ in length: the word stands at its place as a whole.
  return [{ text: action, source: name!.source, at: name!.at }, ...args];
}

/** Converters, fetches and acls over MQTT are called so. */
function namesMqtt(plan: RulePlan): boolean {
  return /"name":"mqtt[._]/.test(JSON.stringify(plan));
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
  const names = converters.map(({ name }) => name).join();
  return fetch.name.endsWith("payload") && names === "mqtt_is_valid";
}

// ── acls ─────────────────────────────────────────────────────────────────────────────────────

/** Several lines of one name are several tests, any of which will do. */
function surroundingsOf(proxy: ProxySection): Surroundings {
  const acls = new Map<string, readonly TestPlan[]>();
  const around: Surroundings = { acls, lines: () => [], entries: () => [] };
  for (const { args } of keptAcls(proxy)) {
    const [name] = args;
    const test = readAcl(args, around);
    acls.set(name!.text, [...(acls.get(name!.text) ?? []), ...(test === null ? [] : [test])]);
  }
  return around;
}

function emitAcls(emission: Emission, proxy: ProxySection, draft: DraftMap): void {
  const texts = new Map<string, Draft[]>();
  for (const { args } of keptAcls(proxy)) {
    const [name, ...test] = args as [Word, ...Word[]];
    texts.set(name.text, [...(texts.get(name.text) ?? []), textDraft(test, emission)]);
  }
  for (const [name, tests] of texts) {
    const [first] = tests;
    const acls = draft.child("acls", first!);
    acls.set(name, tests.length === 1 ? first! : list(tests, first!));
  }
}
