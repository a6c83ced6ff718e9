// What a check says and expects: `option httpchk` with its http-check rules, `option tcp-check`
// with its script. Rules that need what Fairlead's checks do not do are refused one by one.

import { type Draft, DraftMap, list, scalar } from "../import/draft.ts";
import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { parseCount } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { type Given, isOn, listOf, type ProxySection, setting } from "./model.ts";
import { WordReader } from "./word-reader.ts";

/** @returns the type of check that was written */
export function emitCheckContent(
  emission: Emission,
  proxy: ProxySection,
  check: DraftMap,
): "http" | "script" | "tcp" {
  if (isOn(proxy, "option httpchk")) {
    emitHttp(emission, proxy, check);
    return "http";
  }
  const steps = listOf(proxy, "tcp-check");
  if (isOn(proxy, "option tcp-check") && steps.length > 0) {
    if (emitScript(emission, steps, check)) return "script";
  }
  check.put("type", "tcp", check);
  return "tcp";
}

// ── tcp-check ────────────────────────────────────────────────────────────────────────────────────

/** @returns whether anything is left that a check without a script would not do */
function emitScript({ report }: Emission, rules: readonly Given[], check: DraftMap): boolean {
  const steps: DraftMap[] = [];
  let comment: Word | null = null;
  for (const rule of rules) {
    const [verb] = rule.args;
    if (verb!.text === "comment") {
      comment = rule.args[1] ?? null;
      continue;
    }
    const step = readStep(rule, report);
    if (step === null) continue;
    // A connect at the start is what every check does.
    const isFirstConnect = steps.length === 0 && step.entries.get("connect") !== undefined;
    const connect = step.entries.get("connect")?.node;
    if (isFirstConnect && connect instanceof DraftMap && connect.isEmpty) continue;
    if (comment !== null && !step.has("comment"))
      step.set("comment", scalar(comment.text, comment));
    comment = null;
    steps.push(step);
  }
  if (steps.length === 0) return false;
  check.put("type", "script", rules[0]!.keyword[0]!);
  check.set("script", list(steps, steps[0]!));
  return true;
}

function readStep({ args }: Given, report: Report): DraftMap | null {
  const [verb, ...rest] = args as [Word, ...Word[]];
  const step = new DraftMap({ at: verb.at });
  const reader = new WordReader(rest, verb, report);
  if (verb.text === "connect") return readConnect(reader, step) ? step : null;
  if (verb.text === "send") return readSend(reader, step, "send") ? step : null;
  if (verb.text === "send-binary") return readSend(reader, step, "sendBinary") ? step : null;
  if (verb.text === "expect") return readExpect(reader, step) ? step : null;
  const message = `"tcp-check ${verb.text}" cannot be honoured`;
  report.error(verb, message, "connect, send, send-binary, expect or comment");
  return null;
}

function readConnect(reader: WordReader, step: DraftMap): boolean {
  const connect = new DraftMap({ at: reader.keyword.at });
  while (!reader.isAtEnd) {
    const word = reader.next()!;
    if (word.text === "port") {
      const value = reader.valueOf(word);
      const port = value === null ? null : parseCount(value.text);
      if (port === null) return value === null ? false : reader.refuse(value, "a port");
      connect.set("port", scalar(port, value!), word.at);
    } else if (word.text === "ssl") connect.put("tls", true, word);
    else if (word.text === "send-proxy") connect.put("proxyProtocol", true, word);
    else if (word.text === "comment") {
      const value = reader.valueOf(word);
      if (value !== null) step.set("comment", scalar(value.text, value), word.at);
    } else if (word.text !== "default" && word.text !== "linger") {
      return reader.refuse(word, "port, ssl, send-proxy, linger, default or comment");
    }
  }
  step.set("connect", connect);
  return true;
}

function readSend(reader: WordReader, step: DraftMap, key: "send" | "sendBinary"): boolean {
  const value = reader.valueOf(reader.keyword);
  if (value === null) return false;
  step.set(key, scalar(value.text, value));
  readComment(reader, step);
  return reader.finish();
}

function readComment(reader: WordReader, step: DraftMap): void {
  if (reader.peek()?.text !== "comment") return;
  const keyword = reader.next()!;
  const value = reader.valueOf(keyword);
  if (value !== null) step.set("comment", scalar(value.text, value), keyword.at);
}

const MATCHES: Readonly<Record<string, string>> = {
  string: "string",
  rstring: "pattern",
  binary: "binary",
  rbinary: "binaryPattern",
};

function readExpect(reader: WordReader, step: DraftMap): boolean {
  const expect = new DraftMap({ at: reader.keyword.at });
  if (!readExpectOptions(reader, step, expect)) return false;
  const match = reader.next();
  const key = match === null ? undefined : MATCHES[match.text];
  if (match === null || key === undefined) {
    return reader.refuse(match ?? reader.keyword, Object.keys(MATCHES).join(", "));
  }
  const value = reader.valueOf(match);
  if (value === null) return false;
  expect.set(key, scalar(value.text, value), match.at);
  step.set("expect", expect);
  return reader.finish();
}

/** States of HAProxy's own that a check may end in; ours end well or not. */
const STATUS_OPTIONS = ["ok-status", "error-status", "tout-status", "status-code"];

function readExpectOptions(reader: WordReader, step: DraftMap, expect: DraftMap): boolean {
  for (let word = reader.peek(); word !== null; word = reader.peek()) {
    if (word.text === "!" || word.text.startsWith("!")) {
      reader.takeNegation();
      expect.put("not", true, word);
    } else if (word.text === "comment") readComment(reader, step);
    else if (word.text === "min-recv" || word.text === "on-success" || word.text === "on-error") {
      if (!readExpectOption(reader, expect)) return false;
    } else if (STATUS_OPTIONS.includes(word.text)) {
      reader.next();
      reader.report.notice(
        word,
        `"${word.text}" names a state of HAProxy's; a check ends well or not`,
      );
      if (reader.valueOf(word) === null) return false;
    } else return true;
  }
  return true;
}

function readExpectOption(reader: WordReader, expect: DraftMap): boolean {
  const keyword = reader.next()!;
  const value = reader.valueOf(keyword);
  if (value === null) return false;
  if (keyword.text !== "min-recv") {
    const key = keyword.text === "on-success" ? "onSuccess" : "onError";
    expect.set(key, scalar(value.text, value), keyword.at);
    return true;
  }
  const count = parseCount(value.text);
  if (count === null && value.text !== "-1") return reader.refuse(value, "a whole number");
  if (count !== null && count > 0) expect.set("bytesMin", scalar(count, value), keyword.at);
  return true;
}

// ── option httpchk ───────────────────────────────────────────────────────────────────────────────

function emitHttp({ report }: Emission, proxy: ProxySection, check: DraftMap): void {
  const option = setting(proxy, "option httpchk")!;
  check.put("type", "http", option.keyword[0]!);
  const http = new DraftMap({ at: option.keyword[0]!.at });
  // OPTIONS / HTTP/1.0 unless something else is said.
  const words = option.args.length === 1 ? [null, option.args[0]!] : option.args;
  const [method = null, path = null, version = null, ...headers] = words;
  http.put("method", method?.text ?? "OPTIONS", method ?? option.keyword[0]!);
  http.put("path", path?.text ?? "/", path ?? option.keyword[0]!);
  http.put("version", versionOf(version), version ?? option.keyword[0]!);
  if (headers.length > 0) emitHost(headers as Word[], http);
  const expectations: Draft[] = [];
  for (const rule of listOf(proxy, "http-check"))
    readHttpRule(rule, { http, expectations, report });
  if (expectations.length > 0) http.set("expect", list(expectations, expectations[0]!));
  check.set("http", http);
}

function versionOf(word: Word | null): string {
  return /^HTTP\/1\.1/.test(word?.text ?? "") ? "1.1" : "1.0";
}

/** The host behind the version; before 2.2 headers stood there, with `\r\n` between them. */
function emitHost(words: readonly Word[], http: DraftMap): void {
  const [first] = words;
  const host = words
    .map(({ text }) => text)
    .join(" ")
    .replace(/^(\\r\\n)?Host:\s*/i, "");
  http.child("headers", first!).set("Host", scalar(host, first!));
}

interface HttpDraft {
  readonly http: DraftMap;
  readonly expectations: Draft[];
  readonly report: Report;
}

function readHttpRule({ args }: Given, draft: HttpDraft): void {
  const [verb, ...rest] = args as [Word, ...Word[]];
  const reader = new WordReader(rest, verb, draft.report);
  if (verb.text === "send") readHttpSend(reader, draft.http);
  else if (verb.text === "expect") readHttpExpect(reader, draft);
  else if (verb.text === "disable-on-404") draft.http.put("drainStatus", 404, verb);
  else if (verb.text === "comment" || (verb.text === "connect" && rest.length === 0)) return;
  else {
    const message = `"http-check ${verb.text}" cannot be honoured`;
    draft.report.error(verb, message, "send, expect, comment or disable-on-404");
  }
}

const SEND_KEYS: Readonly<Record<string, string>> = { meth: "method", uri: "path", body: "body" };

function readHttpSend(reader: WordReader, http: DraftMap): void {
  while (!reader.isAtEnd) {
    const word = reader.next()!;
    const value = reader.valueOf(word);
    if (value === null) return;
    const key = SEND_KEYS[word.text];
    if (key !== undefined) http.set(key, scalar(value.text, value), word.at);
    else if (word.text === "ver") http.set("version", scalar(versionOf(value), value), word.at);
    else if (word.text === "hdr") {
      const content = reader.valueOf(value);
      if (content === null) return;
      http.child("headers", word).set(value.text, scalar(content.text, content), value.at);
    } else if (word.text !== "comment") {
      reader.refuse(word, "meth, uri, ver, hdr, body or comment");
      return;
    }
  }
}

const HTTP_MATCHES: Readonly<Record<string, string>> = {
  status: "status",
  rstatus: "statusPattern",
  string: "body",
  rstring: "bodyPattern",
};

function readHttpExpect(reader: WordReader, { expectations }: HttpDraft): void {
  const expectation = new DraftMap({ at: reader.keyword.at });
  const aside = new DraftMap({ at: reader.keyword.at });
  if (!readExpectOptions(reader, aside, expectation)) return;
  for (const key of ["bytesMin", "onSuccess", "onError"]) expectation.entries.delete(key);
  const match = reader.next();
  const key = match === null ? undefined : HTTP_MATCHES[match.text];
  if (match === null || key === undefined) {
    reader.refuse(match ?? reader.keyword, Object.keys(HTTP_MATCHES).join(", "));
    return;
  }
  const value = reader.valueOf(match);
  if (value === null) return;
  expectation.set(key, scalar(value.text, value), match.at);
  if (reader.finish()) expectations.push(expectation);
}
