// Rules about rules: their texts can be read, what they name is there, and they ask for nothing
// that their listener never gets to see.

import { CLIENT_KEY_NAMES } from "../rules/client-key.ts";
import type { RuleNames } from "../rules/names.ts";
import { canCast } from "../rules/value.ts";
import { clientKeysOf } from "./client-keys.ts";
import { expandLimits } from "./expand-limits.ts";
import { nearest } from "./explain.ts";
import { formatPath, type Path } from "./raw-document.ts";
import type { ReadRule, TextProblem } from "./read-rules.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { holdersOf, keysOf, type OwnedRules } from "./rule-owners.ts";
import { poolsReached, ruleAsksConnect } from "./rule-reach.ts";
import { knownNames, missingInExpression, missingInRule } from "./rule-references.ts";
import { namesForTrial, tryExpression, tryRule } from "./rule-trial.ts";

/** What the parsers of rules/ have to say. */
export const textsAreReadable: Rule = (context) => {
  for (const problem of context.rules.problems) {
    const { path, at, atKey = false, severity } = problem;
    const level = severity === "error" ? "error" : "warning";
    const where = atKey ? { atKey } : { index: at };
    const name = misspeltKey(context, problem);
    if (name === null) {
      const isKey = keyTextAt(context, path) !== null;
      const prefix = isKey ? `${formatPath(path)}: ` : "";
      const message = `${prefix}${uncapitalized(problem.message)}`;
      context.report({ path, message, expected: null, severity: level, ...where });
    } else {
      const message = `${formatPath(path)} is "${keyTextAt(context, path)}"`;
      const expected = `one of ${CLIENT_KEY_NAMES.join(", ")}; did you mean ${name}?`;
      context.report({ path, message, expected, severity: level });
    }
  }
};

function uncapitalized(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Of what pools know clients by: the name that an expression was meant to be. */
function misspeltKey(context: RuleContext, { path }: TextProblem): string | null {
  const text = keyTextAt(context, path);
  return text === null ? null : nearest(text, CLIENT_KEY_NAMES);
}

function keyTextAt({ document }: RuleContext, path: Path): string | null {
  const [holder, name, ...rest] = path;
  const pool = holder === "pools" ? document.pools[String(name)] : undefined;
  const at = formatPath(rest);
  const own = pool && clientKeysOf(pool).find((each) => formatPath(each.path) === at);
  return own?.key ?? null;
}

export const namesInRulesExist: Rule = (context) => {
  const holders = [...holdersOf(context), ...keysOf(context)];
  if (holders.length === 0) return;
  const known = knownNames(context.document);
  const trial = namesForTrial(context.document, known);
  for (const { rules, expressions, owner } of holders) {
    const names = { known, owner };
    const missing = [
      ...expressions.flatMap((each) =>
        missingInExpression(each.plan, each.text, names).map((found) => ({ ...each, ...found })),
      ),
      ...rules.flatMap((each) =>
        missingInRule(each, names).map((found) => ({ ...each, ...found })),
      ),
    ];
    const found = missing.length > 0 ? missing : failures({ rules, expressions, owner }, trial);
    for (const { path, index, message } of found) {
      context.report({ path, index, message, expected: null });
    }
  }
};

function failures({ rules, expressions, owner }: OwnedRules, names: RuleNames) {
  const tried = [
    ...rules.map((rule) => ({ path: rule.path, why: tryRule(rule.plan, names, owner) })),
    ...expressions.map(({ plan, path }) => ({ path, why: tryExpression(plan, names, owner) })),
  ];
  return tried.flatMap(({ path, why }) =>
    why === null ? [] : [{ path, index: 0, message: uncapitalized(why) }],
  );
}

export const ownTablesExist: Rule = ({ document, report }) => {
  const known = Object.keys(document.counters);
  for (const kind of ["listeners", "pools"] as const) {
    for (const [name, { counters }] of Object.entries(document[kind])) {
      if (counters === undefined || known.includes(counters)) continue;
      const path = [kind, name, "counters"];
      const near = nearest(counters, known);
      const message = `${formatPath(path)} names "${counters}", which is no table of counters`;
      const all = known.length === 0 ? "a table in counters" : `one of ${known.join(", ")}`;
      report({ path, message, expected: near === null ? all : `"${near}"` });
    }
  }
};

/** A table makes keys of one type. */
export const trackedKeysFitTables: Rule = (context) => {
  const { document, report } = context;
  for (const { rules, owner } of holdersOf(context)) {
    for (const { plan, path, text } of rules) {
      if (plan.action.kind !== "track") continue;
      const { key, table } = plan.action;
      const name = table ?? owner.table;
      const keyType = name === null ? undefined : document.counters[name]?.key;
      if (keyType === undefined || canCast(key.type, keyType)) continue;
      const message = `cannot track ${key.type} in table "${name}": its keys are ${keyType}`;
      const index = Math.max(0, text.indexOf(key.text));
      report({ path, index, message, expected: `a table with key: ${key.type}` });
    }
  }
};

export const countersAreComplete: Rule = ({ document, report }) => {
  for (const [name, { store }] of Object.entries(document.counters)) {
    const seen = new Set<string>();
    for (const [index, { field, period }] of store.entries()) {
      const path = ["counters", name, "store", index];
      const isRate = field.endsWith("_rate");
      const example = `${field}(10s)`;
      if (isRate && period === undefined) {
        report({ path, message: `${field} is a rate over no time`, expected: example });
      } else if (!isRate && period !== undefined) {
        report({ path, message: `${field} is no rate, so it has no time`, expected: field });
      }
      if (seen.has(field)) report({ path, message: `${field} is stored already`, expected: null });
      seen.add(field);
    }
  }
};

/** Where no CONNECT is read, nothing is known of it, and nothing can be written into it. */
export const rulesFitProtocol: Rule = (context) => {
  const { document, rules, report } = context;
  const told = new Set<ReadRule>();
  for (const [name, listener] of Object.entries(document.listeners)) {
    if (listener.protocol === "mqtt") continue;
    const own = rules.listeners.get(name)?.rules ?? [];
    const pools = poolsReached(name, context).pools;
    const ofPools = pools.flatMap((pool) => rules.pools.get(pool)?.rules ?? []);
    for (const rule of [...own, ...ofPools]) {
      if (told.has(rule) || !ruleAsksConnect(rule.plan)) continue;
      told.add(rule);
      const message = `listeners.${name} reads no CONNECT, and this rule asks for it`;
      report({ path: rule.path, index: 0, message, expected: "protocol: mqtt there" });
    }
    for (const limit of expandLimits(name, listener)) {
      if (limit.table.meters !== undefined) {
        const path = ["listeners", name, "limits", limit.name];
        const message = `${formatPath(path)} meters packets, which are not looked at here`;
        report({ path, message, expected: "protocol: mqtt", atKey: true });
        continue;
      }
      if (limit.needs !== "connect") continue;
      const path = ["listeners", name, "limits", limit.name];
      const message = `${formatPath(path)} asks for the CONNECT, which is not read here`;
      report({ path, message, expected: "protocol: mqtt", atKey: true });
    }
  }
};

/** Only a CONNECT names a client. */
export const bansFitProtocol: Rule = ({ document, report }) => {
  for (const [name, { protocol, bans }] of Object.entries(document.listeners)) {
    if (protocol === "mqtt" || bans.perClientId === undefined) continue;
    const path = ["listeners", name, "bans", "perClientId"];
    const message = `${formatPath(path)} asks for the CONNECT, which is not read here`;
    report({ path, message, expected: "protocol: mqtt", atKey: true });
  }
};

/** Only clients of TLS have certificates, and only where they are asked for one. */
export const certificateLimitsHaveCertificates: Rule = ({ document, report }) => {
  for (const [name, { limits, tls }] of Object.entries(document.listeners)) {
    const mode = tls?.clientCertificate?.mode ?? "none";
    if (limits.perCertificate === undefined || mode !== "none") continue;
    const path = ["listeners", name, "limits", "perCertificate"];
    const message = `listeners.${name} asks for no certificate to go by`;
    report({ path, message, expected: "tls.clientCertificate", atKey: true });
  }
};
