// One connection's part of a `script` check: sends and expects, step by step.
//
// What HAProxy's tcp-check means by its words holds here: expectations that follow each other look
// at the same bytes, and sending forgets them; without a least number of bytes more are waited for
// until it matches or the server ends. Bounded by ANSWER_SIZE_MAX: a longer answer is judged as it
// stands. Bytes are compared as latin-1, one character each.

import type { ScriptExpectation, ScriptStep } from "../config/check-settings.ts";
import { type CheckFinding, failure } from "./check-result.ts";
import {
  ANSWER_SIZE_MAX,
  type Conversation,
  joinBytes,
  showBytes,
  type Turn,
} from "./conversation.ts";

/** `connect` is who opens connections' affair: probes.ts. */
export type SpokenStep = Exclude<ScriptStep, { readonly do: "connect" }>;

const NOTHING = new Uint8Array(0);

export class ScriptConversation implements Conversation {
  private readonly steps: readonly SpokenStep[];
  private readonly isTls: boolean;
  private at = 0;
  private received: Uint8Array = NOTHING;
  /** What the latest expectation that came true says. */
  private sentence = "connected";
  private hasSpoken = false;

  constructor(steps: readonly SpokenStep[], isTls: boolean) {
    this.steps = steps;
    this.isTls = isTls;
  }

  get awaited(): string {
    const step = this.steps[this.at];
    return step?.do === "expect" ? describe(step.expect, step.comment) : "end of the script";
  }

  onConnect(): Turn {
    return this.advance(false);
  }

  onBytes(bytes: Uint8Array): Turn {
    const room = ANSWER_SIZE_MAX - this.received.length;
    this.received = joinBytes(this.received, bytes.subarray(0, room));
    return this.advance(this.received.length >= ANSWER_SIZE_MAX);
  }

  onEnd(): Turn {
    return this.advance(true);
  }

  /** Goes on as far as the bytes lead. @param isLast no more bytes will come */
  private advance(isLast: boolean): Turn {
    let send: Uint8Array | null = null;
    for (; this.at < this.steps.length; this.at++) {
      const step = this.steps[this.at]!;
      this.hasSpoken = true;
      if (step.do === "send") {
        send = send === null ? step.bytes : joinBytes(send, step.bytes);
        this.received = NOTHING;
        continue;
      }
      const answer = judge(step.expect, this.received, isLast);
      if (answer === "unknown") return { send, finding: null };
      if (answer === "wrong") return { send: null, finding: this.fail(step) };
      this.sentence = step.expect.onSuccess || describe(step.expect, step.comment);
    }
    return { send, finding: this.pass() };
  }

  private pass(): CheckFinding {
    const code = this.hasSpoken ? "L7OK" : this.isTls ? "L6OK" : "L4OK";
    return { outcome: "passed", code, sentence: this.sentence };
  }

  private fail({ expect, comment }: Extract<SpokenStep, { do: "expect" }>): CheckFinding {
    if (expect.onError !== "") return failure("L7RSP", expect.onError);
    const got = this.received.length === 0 ? "nothing" : showBytes(this.received);
    return failure("L7RSP", `expected ${describe(expect, comment)}, got ${got}`);
  }
}

/** A step, for sentences: what the operator calls it, else what it waits for. */
function describe({ on, value, not }: ScriptExpectation, comment: string): string {
  if (comment !== "") return comment;
  const isText = on === "string";
  return `${not ? "anything but " : ""}${isText ? JSON.stringify(value) : `${on} ${value}`}`;
}

function judge(
  expect: ScriptExpectation,
  received: Uint8Array,
  isLast: boolean,
): "right" | "wrong" | "unknown" {
  const least = expect.bytesMin ?? leastSize(expect);
  if (received.length < least && !isLast) return "unknown";
  const isMatch = matches(expect, received);
  if (!isMatch && !isLast && expect.bytesMin === null) return "unknown";
  return isMatch === expect.not ? "wrong" : "right";
}

/** Below this size nothing can match. */
function leastSize({ on, value }: ScriptExpectation): number {
  if (on === "string") return Buffer.byteLength(value);
  return on === "binary" ? value.length / 2 : 0;
}

function matches({ on, value }: ScriptExpectation, received: Uint8Array): boolean {
  const bytes = Buffer.from(received);
  const tests: Record<ScriptExpectation["on"], () => boolean> = {
    string: () => bytes.includes(value),
    "string-pattern": () => new RegExp(value).test(bytes.toString("latin1")),
    binary: () => bytes.includes(value, 0, "hex"),
    "binary-pattern": () => new RegExp(value).test(bytes.toString("hex").toUpperCase()),
  };
  return tests[on]();
}
