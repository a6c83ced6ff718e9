// What nginx asks of clients before it passes them on, as rules: limit_conn, allow and deny, the
// choice of an upstream by a variable, and mqtt_set_connect.

import type { RuleSet } from "../../rules/rule.ts";
import { type Draft, type DraftMap, list, scalar } from "../import/draft.ts";
import type { Place, Word } from "../import/word.ts";
import { parseNetwork } from "../transport-field.ts";
import type { Emission } from "./emission.ts";
import { emitConnectionLimits } from "./emit-limits.ts";
import { toTemplate } from "./expressions.ts";
import { lookupRules } from "./lookup-rules.ts";
import { quote } from "./lookups.ts";
import { isOn, listOf, type Scope } from "./model.ts";
import type { WrittenRule } from "./written-rule.ts";

/** The order in which nginx's phases come. */
const SETS: readonly RuleSet[] = ["connection", "session", "content", "pool"];

/**
 * Puts a server's rules into a listener.
 * @param hasHeader clients are named by a PROXY header, and known only behind it
 * @returns whether a rule reads CONNECT
 */
export function emitRules(
  emission: Emission,
  server: Scope,
  {
    draft,
    hasHeader,
    more,
  }: {
    readonly draft: DraftMap;
    readonly hasHeader: boolean;
    readonly more: readonly WrittenRule[];
  },
): boolean {
  const early: RuleSet = hasHeader ? "session" : "connection";
  const own = [
    ...emitConnectionLimits(emission, server, { early, draft }),
    ...accessRules(emission, server, early),
    ...more,
    ...fieldRules(emission, server),
  ];
  const rules = [...lookupRules(emission, server, early), ...own];
  for (const set of SETS)
    putRules(
      draft,
      rules.filter((rule) => rule.set === set),
    );
  return rules.some(({ text }) => READS_CONNECT.test(text));
}

const READS_CONNECT = /\bmqtt\.|^set-(client-id|user-name|password)\b/;

function putRules(draft: DraftMap, rules: readonly WrittenRule[]): void {
  const [first] = rules;
  if (first === undefined) return;
  const drafts: Draft[] = rules.map(({ text, at }) => {
    // Whatever is wrong in the text is wrong in what it was made of.
    return { ...scalar(text, { at }), pieces: [{ from: 0, at, isFixed: true }] };
  });
  draft.child("rules", { at: first.at }).set(first.set, list(drafts, { at: first.at }));
}

/** In the order of the file; the first that names the client counts. */
function accessRules({ report }: Emission, server: Scope, set: RuleSet): readonly WrittenRule[] {
  const given = [...listOf(server, "allow"), ...listOf(server, "deny")];
  const inOrder = given.sort((a, b) => orderOf(a.name.at, b.name.at));
  return inOrder.flatMap(({ name, args }) => {
    const word = args[0]!;
    const action = name.text === "allow" ? "accept" : "reject";
    const rule = { set, at: word.at, directive: name };
    if (word.text === "all") return [{ ...rule, text: action }];
    if (word.text === "unix:") {
      report.notice(word, `"${name.text} unix:" makes no difference: clients come over TCP`);
      return [];
    }
    if (parseNetwork(word.text) === null) {
      const expected = "an address, a network such as 10.0.0.0/8, or all";
      report.error(word, `${name.text} is "${word.text}"`, expected);
      return [];
    }
    return [{ ...rule, text: `${action} if { src ${word.text} }` }];
  });
}

function orderOf(a: Place, b: Place): number {
  return a.line - b.line || a.column - b.column;
}

const FIELDS: Readonly<Record<string, string>> = {
  clientid: "set-client-id",
  username: "set-user-name",
  password: "set-password",
};

function fieldRules(emission: Emission, server: Scope): readonly WrittenRule[] {
  const { report } = emission;
  const given = listOf(server, "mqtt_set_connect");
  if (!isOn(server, "mqtt")) {
    for (const { name } of given) {
      report.notice(name, '"mqtt_set_connect" makes no difference without "mqtt on"');
    }
    return [];
  }
  return given.flatMap(({ name, args }) => {
    const [field, value] = args as [Word, Word];
    const action = Object.hasOwn(FIELDS, field.text) ? FIELDS[field.text] : undefined;
    if (action === undefined) {
      const expected = `one of ${Object.keys(FIELDS).join(", ")}`;
      report.error(field, `mqtt_set_connect names "${field.text}"`, expected);
      return [];
    }
    const template = toTemplate(emission, value, server);
    if (template === null) return [];
    return [
      { set: "content", text: `${action} ${quote(template)}`, at: value.at, directive: name },
    ];
  });
}
