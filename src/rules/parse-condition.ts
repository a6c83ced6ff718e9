// Text and words to conditions, as in `{ src 10.0.0.0/8 } !banned || { sc0_conn_rate gt 10 }`, with
// or without `if` or `unless` before it, and words to named acls. HAProxy's grammar: terms side by
// side must all hold, `or` and `||` separate alternatives, `!` negates one term. Pure; bounded by
// the text.

import { suggestion } from "./nearest-name.ts";
import { wordsOf } from "./parse-expression.ts";
import { readTest } from "./parse-test.ts";
import type { ConditionPlan, TermPlan, TestPlan } from "./plan-types.ts";
import { PREDEFINED_ACLS } from "./predefined-acls.ts";
import type { Parsed } from "./problem.ts";
import { ProblemList } from "./problem-list.ts";
import { laterStage } from "./stage.ts";
import { NOTHING_AROUND, type Surroundings } from "./surroundings.ts";
import type { Word } from "./words.ts";

/** @param text all of it; offsets in problems are offsets in it */
export function parseCondition(
  text: string,
  around: Surroundings = NOTHING_AROUND,
): Parsed<ConditionPlan> {
  const problems = new ProblemList();
  const words = wordsOf(text, problems);
  return problems.finish(words === null ? null : readCondition(words, around, problems));
}

/** A test of `acl NAME ...`; add it to those of the same name. */
export interface NamedTest {
  readonly name: string;
  readonly test: TestPlan;
}

/** @param words all of an `acl` line behind the word `acl`: its name, then the test */
export function parseAclWords(words: readonly Word[], around: Surroundings): Parsed<NamedTest> {
  const problems = new ProblemList();
  const [name, ...rest] = words;
  if (name === undefined || rest.length === 0) {
    const at = name === undefined ? 0 : name.at;
    problems.error(at, name?.text.length ?? 1, "Cannot read the acl: it wants a name and a test");
    return problems.finish<NamedTest>(null);
  }
  if (!/^[A-Za-z0-9_.:-]+$/.test(name.text)) {
    const message = `Cannot name an acl "${name.text}": use letters, digits, "-", "_", "." and ":"`;
    problems.error(name.at, name.text.length, message);
  }
  const test = readTest(rest, around, problems);
  return problems.finish(test === null ? null : { name: name.text, test });
}

/** @returns null when errors were reported */
export function readCondition(
  words: readonly Word[],
  around: Surroundings,
  problems: ProblemList,
): ConditionPlan | null {
  return new ConditionReader(words, around, problems).read();
}

class ConditionReader {
  private readonly words: readonly Word[];
  private readonly around: Surroundings;
  private readonly problems: ProblemList;
  private at = 0;

  constructor(words: readonly Word[], around: Surroundings, problems: ProblemList) {
    this.words = words;
    this.around = around;
    this.problems = problems;
  }

  read(): ConditionPlan | null {
    const unless = this.words[0]?.text === "unless";
    if (unless || this.words[0]?.text === "if") this.at++;
    const anyOf: TermPlan[][] = [[]];
    while (this.at < this.words.length) {
      const word = this.words[this.at]!;
      if (word.text === "or" || word.text === "||") {
        this.checkAlternative(anyOf.at(-1)!, word);
        anyOf.push([]);
        this.at++;
        continue;
      }
      const term = this.readTerm();
      if (term !== null) anyOf.at(-1)!.push(term);
    }
    this.checkAlternative(anyOf.at(-1)!, this.words.at(-1));
    const text = this.words.map((word) => word.text).join(" ");
    return { text, unless, anyOf, stage: stageOf(anyOf) };
  }

  // An alternative of nothing always holds, which nobody means.
  private checkAlternative(terms: readonly TermPlan[], near: Word | undefined): void {
    if (terms.length > 0 || this.problems.hasErrors) return;
    const message = "Cannot read the condition: a test is missing here";
    this.problems.error(near?.at ?? 0, near?.text.length ?? 1, message);
  }

  private readTerm(): TermPlan | null {
    let negated = false;
    let word = this.words[this.at]!;
    while (word.text.startsWith("!")) {
      negated = !negated;
      const rest = word.text.slice(1);
      if (rest !== "") word = { text: rest, at: word.at + 1 };
      else {
        const next = this.words[++this.at];
        if (next === undefined) return this.fail(word, 'Cannot negate: nothing stands behind "!"');
        word = next;
      }
    }
    this.at++;
    return word.text === "{" ? this.readAnonymous(word, negated) : this.readNamed(word, negated);
  }

  private readAnonymous(open: Word, negated: boolean): TermPlan | null {
    const from = this.at;
    while (this.at < this.words.length && this.words[this.at]!.text !== "}") this.at++;
    if (this.at >= this.words.length) {
      return this.fail(open, 'Cannot read the test: "}" is missing, as a word of its own');
    }
    const inside = this.words.slice(from, this.at++);
    if (inside.length === 0) return this.fail(open, "Cannot read the test: it is empty");
    const test = readTest(inside, this.around, this.problems);
    return test === null ? null : { negated, name: null, tests: [test] };
  }

  private readNamed(word: Word, negated: boolean): TermPlan | null {
    const name = word.text;
    const tests = this.around.acls.get(name) ?? PREDEFINED_ACLS.get(name);
    if (tests !== undefined) return { negated, name, tests };
    if (name.startsWith("{") || name.endsWith("}")) {
      return this.fail(
        word,
        `Cannot read "${name}": braces stand alone, with a blank on each side`,
      );
    }
    const known = [...this.around.acls.keys(), ...PREDEFINED_ACLS.keys()];
    return this.fail(word, `Cannot use acl "${name}": there is none${suggestion(name, known)}`);
  }

  private fail(word: Word, message: string): null {
    this.problems.error(word.at, word.text.length, message);
    return null;
  }
}

function stageOf(anyOf: readonly (readonly TermPlan[])[]): ConditionPlan["stage"] {
  const stages = anyOf.flat().flatMap(({ tests }) => tests.map(({ sample }) => sample.stage));
  return stages.reduce(laterStage, "accept");
}
