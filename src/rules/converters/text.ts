// Converters of texts: case, parts, trimming, joining, comparing. Pure.

import { lowerAscii, upperAscii } from "../byte-text.ts";
import { variableOf } from "../call.ts";
import { type ConverterRow, converterRows } from "../catalogue-row.ts";
import { compileRegex, fromRegexSubject, REGEX_SUBJECT_SIZE_MAX, regexSubject } from "../regex.ts";
import { fieldOf, wordOf } from "../text-parts.ts";
import {
  ABSENT,
  type Answer,
  binaryValue,
  integerValue,
  NOT_YET,
  textOf,
  textValue,
  type Value,
} from "../value.ts";

type Draft = Omit<ConverterRow, "name" | "args"> & { readonly args?: string };

// A converter of text to text.
const mapping = (doc: string, change: (text: string) => string): Draft => ({
  ...{ input: "text", output: "text", doc },
  compile: () => (value) => textValue(change(textIn(value))),
});
const part = (doc: string, cut: typeof fieldOf): Draft => ({
  ...{ args: "index:integer delimiters:text count:integer?", input: "text", output: "text", doc },
  compile: (call) => {
    const wanted = {
      index: call.integer(0, 0),
      delimiters: call.text(1),
      count: call.integer(2, 1),
    };
    return (value) => {
      const found = cut(textIn(value), wanted);
      return found === null ? ABSENT : textValue(found);
    };
  },
  problem: ([index]) => (Number(index) === 0 ? "parts count from 1, or from -1 at the end" : null),
});

export const TEXT_CONVERTERS: readonly ConverterRow[] = converterRows({
  lower: mapping("A to Z as small letters", lowerAscii),
  upper: mapping("a to z as capitals", upperAscii),
  reverse: mapping("last byte first", (text) => [...text].reverse().join("")),
  cut_crlf: mapping("what stands before the first end of a line", (text) => {
    return /^[^\r\n]*/.exec(text)![0];
  }),
  host_only: mapping("the host of `host:port`", (text) => text.replace(/:\d*$/, "")),
  port_only: {
    ...{ input: "text", output: "integer", doc: "the port of `host:port`, else 0" },
    compile: () => (value) => integerValue(Number(/:(\d+)$/.exec(textIn(value))?.[1] ?? 0)),
  },
  length: {
    ...{ input: "text", output: "integer", doc: "length in bytes" },
    compile: () => (value) => integerValue(textIn(value).length),
  },
  field: part("the part between delimiters at an index; parts may be empty", fieldOf),
  word: part("the word at an index; delimiters in a row count once", wordOf),
  bytes: {
    args: "offset:number-or-variable length:number-or-variable?",
    ...{ input: "binary", output: "binary", doc: "bytes from an offset on, as many as given" },
    compile: (call) => {
      const [offset, length] = [call.number(0), call.number(1)];
      const isOpen = !call.has(1);
      return (value, subject) => {
        const from = offset(subject);
        const size = isOpen ? BigInt(textIn(value).length) : length(subject);
        if (from === null || size === null || from < 0n || size < 0n) return ABSENT;
        const isThere = from < textIn(value).length;
        const isWhole = isThere && (isOpen || from + size <= BigInt(textIn(value).length));
        if (!isWhole && subject.payloadMayGrow) return NOT_YET;
        return binaryValue(textIn(value).slice(Number(from), Number(from + size)));
      };
    },
  },
  ltrim: {
    args: "characters:text",
    ...{ input: "text", output: "text", doc: "without these characters at the beginning" },
    compile: (call) => {
      const characters = call.text(0);
      return (value) => textValue(trimLeft(textIn(value), characters));
    },
  },
  rtrim: {
    args: "characters:text",
    ...{ input: "text", output: "text", doc: "without these characters at the end" },
    compile: (call) => {
      const characters = call.text(0);
      return (value) => textValue(trimRight(textIn(value), characters));
    },
  },
  concat: {
    args: "before:text? variable:variable? behind:text?",
    ...{ input: "text", output: "text", doc: "and behind it a text, a variable and a text" },
    compile: (call) => {
      const [before, behind] = [call.text(0), call.text(2)];
      const name = call.plan.args[1] ?? null;
      return (value, subject) => {
        const variable = name === null ? null : variableOf(subject, name);
        const middle = variable === null ? "" : (textOf(variable) ?? "");
        return textValue(textIn(value) + before + middle + behind);
      };
    },
  },
  add_item: {
    args: "delimiter:text variable:variable? suffix:text?",
    ...{ input: "text", output: "text", doc: "and a variable and a text, behind a delimiter" },
    compile: (call) => {
      const [delimiter, suffix] = [call.text(0), call.text(2)];
      const name = call.plan.args[1] ?? null;
      return (value, subject) => {
        const variable = name === null ? null : variableOf(subject, name);
        const item = (variable === null ? "" : (textOf(variable) ?? "")) + suffix;
        const text = textIn(value);
        return textValue(text === "" || item === "" ? text + item : text + delimiter + item);
      };
    },
  },
  strcmp: {
    args: "variable:variable",
    ...{ input: "text", output: "integer", doc: "0 when a variable is equal, else -1 or 1" },
    compile: (call) => {
      const name = call.plan.args[0] ?? "";
      return (value, subject) => {
        const variable = variableOf(subject, name);
        const other = variable === null ? null : textOf(variable);
        return other === null ? ABSENT : compare(textIn(value), other);
      };
    },
  },
  regsub: {
    args: "regex:regex replacement:text flags:text?",
    ...{ input: "text", output: "text", doc: "with the first match replaced; `g`: every match" },
    compile: (call) => {
      const flags = call.text(2);
      const regex = compileRegex(call.text(0), flags.includes("i"), flags.includes("g") ? "g" : "");
      const replacement = regexSubject(call.text(1))
        .replace(/\$/g, "$$$$")
        .replace(/\\(\d)/g, (_, group: string) => (group === "0" ? "$&" : `$${group}`));
      return (value) => {
        const text = textIn(value);
        if (text.length > REGEX_SUBJECT_SIZE_MAX) return value;
        return textValue(fromRegexSubject(regexSubject(text).replace(regex, replacement)));
      };
    },
  },
  iif: {
    args: "yes:text no:text",
    ...{ input: "boolean", output: "text", doc: "one text for true, the other for false" },
    compile: (call) => {
      const [yes, no] = [textValue(call.text(0)), textValue(call.text(1))];
      return (value) => (value.type === "boolean" && value.boolean ? yes : no);
    },
  },
  url_dec: {
    args: "form:integer?",
    ...{ input: "text", output: "text", doc: "with `%41` and the like as bytes" },
    compile: (call) => {
      const isForm = call.integer(0, 0) !== 0;
      return (value) => urlDecoded(textIn(value), isForm);
    },
  },
});

function textIn(value: Value): string {
  return value.type === "text" || value.type === "binary" ? value.text : "";
}

function trimLeft(text: string, characters: string): string {
  let from = 0;
  while (from < text.length && characters.includes(text[from]!)) from++;
  return text.slice(from);
}

function trimRight(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

function compare(a: string, b: string): Answer {
  if (a === b) return integerValue(0);
  return integerValue(a < b ? -1 : 1);
}

// "+" is a blank in a form, and behind a question mark.
function urlDecoded(text: string, isForm: boolean): Answer {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return ABSENT;
  const query = isForm ? 0 : text.indexOf("?");
  const spaced = query < 0 ? text : text.slice(0, query) + text.slice(query).replaceAll("+", " ");
  return textValue(
    spaced.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}
