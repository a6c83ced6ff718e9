// The keys of what a check says and expects, where the operator writes it out: the request of
// `http` checks and the steps of `script` checks.

import * as z from "zod";
import { asItem, count, flag, optional, section, text, withDefault } from "./field.ts";

const PORT = { min: 1, max: 65_535 };
const TEXT_MAX = 4096;

// YAML reads an unquoted 1.0 as the number 1.
const httpVersion = {
  schema: z
    .union([z.enum(["1.0", "1.1"]), z.literal(1), z.literal(1.1)])
    .transform((written) => (written === 1 || written === "1.0" ? "1.0" : "1.1")),
  kind: "choice",
  expected: "one of 1.0, 1.1",
  bounds: "1.0, 1.1",
  choices: ["1.0", "1.1"],
} as const;

export const visible = (expected: string) =>
  text({ max: TEXT_MAX, pattern: /^[\x21-\x7e]+$/, expected });

const pattern = () =>
  ({
    schema: z.string().min(1).max(TEXT_MAX).refine(isPattern),
    kind: "text",
    expected: "a regular expression",
  }) as const;

function isPattern(written: string): boolean {
  try {
    new RegExp(written);
    return true;
  } catch {
    return false; // The field then says what it takes.
  }
}

// ── http ─────────────────────────────────────────────────────────────────────────────────────────

const STATUSES = /^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/;

const negation = withDefault(flag(), {
  value: false,
  takesEffect: "live",
  doc: "Whether it must not be so.",
});

// YAML reads an unquoted 200 as a number.
const statuses = {
  schema: z.union([z.int().min(100).max(999), z.string().regex(STATUSES)]).transform(String),
  kind: "text",
  expected: "status codes and ranges such as 200-399,404",
} as const;

const httpExpectation = section({
  status: optional(statuses, {
    fallback: "any",
    takesEffect: "live",
    doc: "Status codes and ranges: `200-399`, `200,204`.",
  }),
  statusPattern: optional(pattern(), {
    fallback: "any",
    takesEffect: "live",
    doc: "A regular expression that the status code matches.",
  }),
  body: optional(text({ max: TEXT_MAX }), {
    fallback: "any",
    takesEffect: "live",
    doc: "Text that stands in the body.",
  }),
  bodyPattern: optional(pattern(), {
    fallback: "any",
    takesEffect: "live",
    doc: "A regular expression that the body matches somewhere.",
  }),
  header: optional(
    text({
      max: TEXT_MAX,
      pattern: /^[A-Za-z0-9!#$%&'*+.^_`|~-]+: ?.+$/,
      expected: "a header and its value, such as Server: EMQX",
    }),
    {
      fallback: "any",
      takesEffect: "live",
      doc: "A header that the answer has, with its whole value: `Content-Type: text/plain`.",
    },
  ),
  not: negation,
});

const headers = {
  schema: z.record(
    z.string().meta({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }),
    asItem(
      text({ max: TEXT_MAX, pattern: /^[\x20-\x7e\t]*$/, expected: "text without line breaks" }),
      { takesEffect: "live", doc: "The value of one header." },
    ),
  ),
  kind: "section",
  expected: "a mapping from header names to values",
} as const;

export const httpSchema = section({
  method: withDefault(
    text({ max: 32, pattern: /^[A-Z]+$/, expected: "a method such as GET, HEAD or OPTIONS" }),
    { value: "GET", takesEffect: "live", doc: "The method of the request." },
  ),
  path: optional(visible("a path such as /status"), {
    fallback: "/, or what the kind of broker has",
    takesEffect: "live",
    doc: "Path and query of the request.",
  }),
  version: withDefault(httpVersion, {
    value: "1.1",
    takesEffect: "live",
    doc:
      "The version of HTTP. With 1.1 the header `Host` is sent: the server's, unless `headers` " +
      "has one.",
  }),
  headers: withDefault(headers, {
    value: {},
    takesEffect: "live",
    doc: "Further headers, by name.",
  }),
  body: optional(text({ max: TEXT_MAX }), {
    fallback: "none",
    takesEffect: "live",
    doc: "The body of the request.",
  }),
  expect: optional(
    {
      schema: z
        .array(asItem(httpExpectation, { takesEffect: "live", doc: "One thing about the answer." }))
        .min(1),
      kind: "section",
      expected: "a list of expectations, such as [{ status: 200 }]",
    },
    {
      fallback: "a status from 200 to 399",
      takesEffect: "live",
      doc: "What must be true of the answer, all of it; each item has one key, and `not`.",
    },
  ),
  drainStatus: optional(statuses, {
    fallback: "none; 503 for emqx",
    takesEffect: "live",
    doc:
      "Status codes by which a server says that it wants no new clients: it is drained, and " +
      "counts as up.",
  }),
});

// ── script ───────────────────────────────────────────────────────────────────────────────────────

const hex = () =>
  text({
    max: TEXT_MAX,
    pattern: /^([0-9A-Fa-f]{2})+$/,
    expected: "bytes as hex digits, such as c000",
  });

const scriptConnect = section({
  port: optional(count(PORT), {
    fallback: "where the check goes",
    takesEffect: "live",
    doc: "Another port of the server.",
  }),
  tls: optional(flag(), {
    fallback: "as the check says",
    takesEffect: "live",
    doc: "Whether this connection is made over TLS.",
  }),
  proxyProtocol: optional(flag(), {
    fallback: "as the check says",
    takesEffect: "live",
    doc: "Whether this connection begins with a PROXY header.",
  }),
});

const scriptExpect = section({
  string: optional(text({ max: TEXT_MAX }), {
    fallback: "none",
    takesEffect: "live",
    doc: "Text that comes.",
  }),
  pattern: optional(pattern(), {
    fallback: "none",
    takesEffect: "live",
    doc: "A regular expression that what comes matches somewhere; each byte is a character.",
  }),
  binary: optional(hex(), {
    fallback: "none",
    takesEffect: "live",
    doc: "Bytes that come, as hex digits.",
  }),
  binaryPattern: optional(pattern(), {
    fallback: "none",
    takesEffect: "live",
    doc: "A regular expression over what comes, written as upper-case hex digits.",
  }),
  not: negation,
  bytesMin: optional(count({ min: 1, max: 65_536 }), {
    fallback: "more is waited for until it matches",
    takesEffect: "live",
    doc: "Bytes that are waited for; then one look decides.",
  }),
  onSuccess: optional(text({ max: 256 }), {
    fallback: "what matched",
    takesEffect: "live",
    doc: "What the check says when this was the last step and it came true.",
  }),
  onError: optional(text({ max: 256 }), {
    fallback: "what was missing",
    takesEffect: "live",
    doc: "What the check says when it fails here.",
  }),
});

const scriptStep = section({
  connect: optional(scriptConnect, {
    fallback: "none",
    takesEffect: "live",
    doc: "Opens another connection; the one before is closed.",
  }),
  send: optional(text({ max: TEXT_MAX }), {
    fallback: "none",
    takesEffect: "live",
    doc: "Sends text; escapes such as `\\r\\n` are YAML's, inside double quotes.",
  }),
  sendBinary: optional(hex(), {
    fallback: "none",
    takesEffect: "live",
    doc: "Sends bytes, as hex digits.",
  }),
  expect: optional(scriptExpect, {
    fallback: "none",
    takesEffect: "live",
    doc: "Waits for something. Steps that follow each other look at the same bytes again.",
  }),
  comment: optional(text({ max: 256 }), {
    fallback: "none",
    takesEffect: "live",
    doc: "What this step is for; stands in the sentence of a check that fails here.",
  }),
});

export const scriptSchema = {
  schema: z
    .array(
      asItem(scriptStep, {
        takesEffect: "live",
        doc: "One step: one of connect, send, sendBinary and expect.",
      }),
    )
    .min(1)
    .max(64),
  kind: "section",
  expected: "a list of steps, such as [{ send: PING }, { expect: { string: PONG } }]",
} as const;
