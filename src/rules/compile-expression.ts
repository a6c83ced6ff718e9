// Expressions of a plan to functions that ask one connection: once per plan, never per connection.
//
// An evaluator allocates what its values take, bounded by what the client sent, and asks the
// subject for nothing else. Between two steps a value becomes the type that the next one takes; one
// that cannot is ABSENT. Pure.

import { toByteText } from "./byte-text.ts";
import { Call } from "./call.ts";
import { CONVERTERS, FETCHES } from "./catalogue.ts";
import type { Conversion, Evaluator } from "./catalogue-row.ts";
import { connectField, isValidPacket, MORE_BYTES, packetName, readConnect } from "./mqtt-field.ts";
import type { RuleNames } from "./names.ts";
import type { CallPlan, ExpressionPlan } from "./plan-types.ts";
import type { Subject } from "./subject.ts";
import {
  ABSENT,
  type Answer,
  booleanValue,
  cast,
  NOT_YET,
  TRUE,
  textOf,
  textValue,
  type ValueType,
} from "./value.ts";

/**
 * @returns the function that asks a connection
 * @throws RangeError when a table, pool, server or listener is named that is not there
 */
export function compileExpression(plan: ExpressionPlan, names: RuleNames): Evaluator {
  const onConnect = compileOnConnect(plan);
  const taken = onConnect === null ? 0 : 1;
  let evaluate = onConnect ?? compileFetch(plan.fetch, names);
  for (const converter of plan.converters.slice(taken)) {
    evaluate = compileStep(evaluate, converter, names);
  }
  return evaluate;
}

/**
 * Whether the value may become another one while bytes keep coming, so that a test that fails now
 * has not failed for good: lengths, and all bytes there are.
 */
export function mayChange({ fetch, converters }: ExpressionPlan): boolean {
  if (/^req[._]len$/.test(fetch.name)) return true;
  return isWholePayload(fetch) && !converters.some(({ name }) => name.startsWith("mqtt_"));
}

function compileFetch(plan: CallPlan, names: RuleNames): Evaluator {
  if (plan.parts !== undefined) return compileTemplate(plan.parts, names);
  const row = FETCHES.get(plan.name);
  if (row === undefined) throw new RangeError(`Cannot compile "${plan.name}": no such fetch`);
  return row.compile(new Call(plan, names));
}

function compileStep(before: Evaluator, plan: CallPlan, names: RuleNames): Evaluator {
  const row = CONVERTERS.get(plan.name);
  if (row === undefined) throw new RangeError(`Cannot compile "${plan.name}": no such converter`);
  return step(before, row.input, row.compile(new Call(plan, names)));
}

function step(before: Evaluator, input: ValueType, convert: Conversion): Evaluator {
  return (subject) => {
    const answer = before(subject);
    if (answer === ABSENT || answer.type === "not-yet") return answer;
    const value = cast(answer, input);
    return value === null ? ABSENT : convert(value, subject);
  };
}

function compileTemplate(parts: NonNullable<CallPlan["parts"]>, names: RuleNames): Evaluator {
  const compiled = parts.map((part) => {
    return typeof part === "string" ? toByteText(part) : compileExpression(part, names);
  });
  return (subject) => {
    let text = "";
    for (const part of compiled) {
      const answer = typeof part === "string" ? textValue(part) : part(subject);
      if (answer === ABSENT) continue;
      if (answer.type === "not-yet") return NOT_YET;
      text += textOf(answer) ?? "";
    }
    return textValue(text);
  };
}

// `req.payload(0,0),mqtt_...` reads the CONNECT where it lies, and waits for all of it.
function compileOnConnect({ fetch, converters }: ExpressionPlan): Evaluator | null {
  const first = converters[0];
  if (first === undefined || !isWholePayload(fetch)) return null;
  if (first.name === "mqtt_is_valid") return isValidConnect;
  if (first.name !== "mqtt_field_value" || packetName(first.args[0] ?? "") !== "connect") {
    return null;
  }
  const field = first.args[1] ?? "";
  return (subject) => {
    const fields = subject.connect ?? readPayload(subject);
    if (fields === MORE_BYTES) return subject.payloadMayGrow ? NOT_YET : ABSENT;
    const text = fields === null ? null : connectField(fields, subject.payload, field);
    return text === null ? ABSENT : textValue(text);
  };
}

function isWholePayload({ name, args }: CallPlan): boolean {
  return /^(req\.)?payload$/.test(name) && args[0] === "0" && args[1] === "0";
}

function isValidConnect(subject: Subject): Answer {
  if (subject.connect !== null) return TRUE;
  const { payload, payloadAt, payloadLength } = subject;
  const verdict = isValidPacket(payload, payloadAt, payloadLength);
  if (verdict === MORE_BYTES) return subject.payloadMayGrow ? NOT_YET : ABSENT;
  return booleanValue(verdict);
}

function readPayload({ payload, payloadAt, payloadLength }: Subject) {
  return readConnect(payload, payloadAt, payloadLength);
}
