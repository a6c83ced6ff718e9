// Text to rules: `reject if { src 10.0.0.0/8 }`, `track-sc0 src table clients`, `set-client-id
// %[mqtt.user_name]/%[mqtt.client_id]`. Actions have HAProxy's names and syntax where it has them;
// `reject code 0x87 reason TEXT`, `use-pool`, `set-client-id`, `set-user-name` and `set-password`
// are ours. Pure; bounded by the text.

import { isServerReference, ReasonCode } from "../mqtt/connack.ts";
import { argumentProblem } from "./argument.ts";
import { suggestion } from "./nearest-name.ts";
import { readCondition } from "./parse-condition.ts";
import { readExpression, wordsOf } from "./parse-expression.ts";
import { readTemplate } from "./parse-template.ts";
import type { ConditionPlan, ExpressionPlan } from "./plan-types.ts";
import type { Parsed } from "./problem.ts";
import { ProblemList } from "./problem-list.ts";
import { type ActionPlan, KNOWN_AT, type RulePlan, type RuleSet } from "./rule.ts";
import { isKnownAt } from "./stage.ts";
import { NOTHING_AROUND, type Surroundings } from "./surroundings.ts";
import { TRACKED_MAX } from "./tracked-slots.ts";
import type { Word } from "./words.ts";

/** @param text all of the rule; offsets in problems are offsets in it */
export function parseRule(
  text: string,
  set: RuleSet,
  around: Surroundings = NOTHING_AROUND,
): Parsed<RulePlan> {
  const problems = new ProblemList();
  const words = wordsOf(text, problems);
  return words === null ? problems.finish<RulePlan>(null) : parseRuleWords(words, set, around);
}

/**
 * For those who have split their line already.
 * @param words the action and what follows it: of haproxy.cfg all behind `tcp-request content`
 */
export function parseRuleWords(
  words: readonly Word[],
  set: RuleSet,
  around: Surroundings,
): Parsed<RulePlan> {
  const problems = new ProblemList();
  return problems.finish(new RuleReader(words, set, { around, problems }).read());
}

interface Reading {
  readonly around: Surroundings;
  readonly problems: ProblemList;
}

type ReadAction = (reader: RuleReader, word: Word) => ActionPlan | null;

const ACTIONS: ReadonlyMap<string, ReadAction> = mapOf({
  accept: () => ({ kind: "accept" }),
  reject: (reader) => reader.reject(),
  "silent-drop": () => ({ kind: "drop" }),
  "set-src": (reader, word) => {
    const address = reader.expression(word);
    return address === null ? null : { kind: "set-source", address };
  },
  "set-src-port": (reader, word) => {
    const port = reader.expression(word);
    return port === null ? null : { kind: "set-source-port", port };
  },
  "use-pool": (reader, word) => {
    const pool = reader.template(word);
    return pool === null ? null : { kind: "use-pool", pool };
  },
  "use-server": (reader, word) => {
    const server = reader.next(word, "a server");
    return server === null ? null : { kind: "use-server", server: server.text };
  },
  "set-client-id": (reader, word) => reader.setField("client-id", word),
  "set-user-name": (reader, word) => reader.setField("user-name", word),
  "set-password": (reader, word) => reader.setField("password", word),
});

// Where each action may stand; the rest: everywhere.
const PLACES: ReadonlyMap<string, readonly RuleSet[]> = mapOf({
  "use-pool": ["content", "pool"],
  "use-server": ["content", "server"],
  "set-client-id": ["content"],
  "set-user-name": ["content"],
  "set-password": ["content"],
  "set-src": ["connection", "session", "content"],
  "set-src-port": ["connection", "session", "content"],
});

function mapOf<Row>(rows: Readonly<Record<string, Row>>): ReadonlyMap<string, Row> {
  return new Map(Object.entries(rows));
}

class RuleReader {
  private readonly words: readonly Word[];
  private readonly set: RuleSet;
  private readonly around: Surroundings;
  private readonly problems: ProblemList;
  private at = 0;

  constructor(words: readonly Word[], set: RuleSet, { around, problems }: Reading) {
    this.words = words;
    this.set = set;
    this.around = around;
    this.problems = problems;
  }

  read(): RulePlan | null {
    const word = this.words[this.at++];
    if (word === undefined) {
      this.problems.error(0, 1, "Cannot read the rule: an action is missing");
      return null;
    }
    const action = this.readAction(word);
    if (action === null) return null;
    const condition = this.readCondition();
    if (condition === undefined) return null;
    this.noticeTooEarly(action, condition, word);
    const text = this.words.map((each) => each.text).join(" ");
    return { set: this.set, action, condition, text };
  }

  /** `reject`, `reject code 135 reason "Not from here"`, `reject code 0x9c reference b:1883`. */
  reject(): ActionPlan | null {
    let reasonCode = 0;
    let reason: string | null = null;
    if (this.peek() === "code") {
      const code = this.next(this.words[this.at++]!, "a reason code");
      if (code === null) return null;
      reasonCode = Number(code.text);
      const isRefusal = Number.isInteger(reasonCode) && reasonCode >= 0x80 && reasonCode <= 0xff;
      if (!isRefusal) {
        return this.fail(code, `Cannot reject with "${code.text}": a reason code is 0x80 to 0xff`);
      }
    }
    if (this.peek() === "reason") {
      const text = this.next(this.words[this.at++]!, "a text");
      if (text === null) return null;
      reason = text.text;
    }
    const reference = this.peek() === "reference" ? this.reference(reasonCode) : null;
    return reference === undefined ? null : { kind: "reject", reasonCode, reason, reference };
  }

  /** Other servers, for the two codes that may name some (5.0, 3.2.2.3.16). */
  reference(code: number): string | undefined {
    const word = this.words[this.at++]!;
    const text = this.next(word, "another server");
    if (text === null) return undefined;
    const isElsewhere = code === ReasonCode.useAnotherServer || code === ReasonCode.serverMoved;
    if (isElsewhere && isServerReference(text.text)) return text.text;
    const problem = isElsewhere
      ? `Cannot send clients to "${text.text}": write "host:port", with a space before the next`
      : "Cannot name another server with this code: only 0x9c and 0x9d may";
    this.fail(isElsewhere ? text : word, problem);
    return undefined;
  }

  setField(field: Extract<ActionPlan, { kind: "set-field" }>["field"], word: Word) {
    const value = this.template(word);
    return value === null ? null : ({ kind: "set-field", field, value } as const);
  }

  /** @returns the expression that stands next, or null after an error */
  expression(word: Word): ExpressionPlan | null {
    const rest = this.words.slice(this.at);
    if (rest.length === 0) return this.fail(word, `Cannot read "${word.text}": a value is missing`);
    const read = readExpression(rest, this.around, this.problems);
    if (read === null) return null;
    this.at += read.wordCount;
    return read.plan;
  }

  /** @returns the text with expressions that stands next, or null after an error */
  template(word: Word): ExpressionPlan | null {
    const next = this.next(word, "a text");
    return next === null ? null : readTemplate(next, this.around, this.problems);
  }

  /** @returns the word that stands next, or null after an error */
  next(word: Word, what: string): Word | null {
    const next = this.words[this.at++];
    return next ?? this.fail(word, `Cannot read "${word.text}": ${what} is missing`);
  }

  private readAction(word: Word): ActionPlan | null {
    const places = PLACES.get(word.text);
    if (places !== undefined && !places.includes(this.set)) {
      return this.fail(word, `Cannot use "${word.text}" here: it belongs to ${places.join(", ")}`);
    }
    const read = ACTIONS.get(word.text);
    if (read !== undefined) return read(this, word);
    const patterned = this.readPatterned(word);
    if (patterned !== undefined) return patterned;
    return this.fail(
      word,
      `Cannot use "${word.text}": no such action${suggestion(word.text, ACTION_NAMES)}`,
    );
  }

  // Actions whose name holds a slot or a variable. undefined: it is none of them.
  private readPatterned(word: Word): ActionPlan | null | undefined {
    const track = /^track-sc(\d+)$/.exec(word.text);
    if (track !== null) return this.track(word, Number(track[1]));
    const count = /^sc-inc-gpc([01])\((\d+)\)$/.exec(word.text);
    if (count !== null) {
      const counter = count[1] === "0" ? "gpc0" : "gpc1";
      return this.onSlot(word, Number(count[2]), (slot) => ({ kind: "count", slot, counter }));
    }
    const tag = /^sc-set-gpt0\((\d+)\)$/.exec(word.text);
    if (tag !== null) return this.tag(word, Number(tag[1]));
    const variable = /^(set-var|set-var-fmt|unset-var)\(([^,)]*).*\)$/.exec(word.text);
    return variable === null ? undefined : this.variable(word, variable[1]!, variable[2]!);
  }

  private track(word: Word, slot: number): ActionPlan | null {
    const key = this.expression(word);
    if (key === null) return null;
    const isNamed = this.peek() === "table";
    const table = isNamed ? this.next(this.words[this.at++]!, "a table") : null;
    if (isNamed && table === null) return null;
    return this.onSlot(word, slot, () => {
      return { kind: "track", slot, key, table: table?.text ?? null };
    });
  }

  private tag(word: Word, slot: number): ActionPlan | null {
    const number = this.peek();
    const isNumber = number !== undefined && /^\d+$/.test(number);
    const value = isNumber ? this.number(number) : this.expression(word);
    return value === null ? null : this.onSlot(word, slot, () => ({ kind: "tag", slot, value }));
  }

  private number(text: string): ExpressionPlan {
    const { at } = this.words[this.at++]!;
    const fetch = { name: "int", args: [text], at };
    return { text, fetch, converters: [], type: "integer", stage: "accept" };
  }

  private variable(word: Word, action: string, name: string): ActionPlan | null {
    const wrong = argumentProblem("variable", name);
    if (wrong !== null) return this.fail(word, `Cannot use "${word.text}": "${name}" ${wrong}`);
    if (action === "unset-var") return { kind: "unset-variable", name };
    const value = action === "set-var" ? this.expression(word) : this.template(word);
    return value === null ? null : { kind: "set-variable", name, value };
  }

  private onSlot(word: Word, slot: number, make: (slot: number) => ActionPlan): ActionPlan | null {
    if (slot < TRACKED_MAX) return make(slot);
    return this.fail(word, `Cannot use "${word.text}": slots are 0 to ${TRACKED_MAX - 1}`);
  }

  // undefined after an error, null when there is none.
  private readCondition(): ConditionPlan | null | undefined {
    const word = this.words[this.at];
    if (word === undefined) return null;
    if (word.text === "if" || word.text === "unless") {
      const rest = this.words.slice(this.at);
      return readCondition(rest, this.around, this.problems) ?? undefined;
    }
    this.fail(word, `Cannot read "${word.text}": "if" or "unless" must stand before a condition`);
    return undefined;
  }

  private noticeTooEarly(action: ActionPlan, condition: ConditionPlan | null, word: Word): void {
    const known = KNOWN_AT[this.set];
    const late = [condition, ...valuesOf(action)].find((part) => {
      return part !== null && !isKnownAt(part.stage, known);
    });
    if (late === undefined || late === null) return;
    const message = `This rule never applies: "${late.text}" is not known yet in ${this.set} rules`;
    this.problems.notice(word.at, word.text.length, message);
  }

  private peek(): string | undefined {
    return this.words[this.at]?.text;
  }

  private fail(word: Word, message: string): null {
    this.problems.error(word.at, word.text.length, message);
    return null;
  }
}

const PATTERNED = [
  ...["track-sc0", "track-sc1", "track-sc2", "sc-inc-gpc0(0)", "sc-inc-gpc1(0)", "sc-set-gpt0(0)"],
  ...["set-var(txn.name)", "set-var-fmt(txn.name)", "unset-var(txn.name)"],
];

/** What actions are called, those with a slot or a variable by an example. */
export const ACTION_NAMES: readonly string[] = [...ACTIONS.keys(), ...PATTERNED];

/** @returns the expressions that an action evaluates */
export function valuesOf(action: ActionPlan): readonly ExpressionPlan[] {
  switch (action.kind) {
    case "track":
    case "limit":
      return [action.key];
    case "set-variable":
    case "tag":
    case "set-field":
      return [action.value];
    case "set-source":
      return [action.address];
    case "set-source-port":
      return [action.port];
    case "use-pool":
      return [action.pool];
    case "accept":
    case "reject":
    case "drop":
    case "unset-variable":
    case "count":
    case "use-server":
      return [];
  }
}
