// The keys of `log` in fairlead.yaml: what is logged, how lines look, and where they go.
//
// One row a key, as in schema.ts. What templates say is checked in log-rules.ts.

import * as z from "zod";
import { ESCAPES } from "../logging/nginx-template.ts";
import type { Destination } from "../logging/outlet-settings.ts";
import { FACILITIES, HEADERS, LEVELS } from "../logging/syslog-names.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { parseHostPort } from "./address.ts";
import {
  asItem,
  choice,
  count,
  flag,
  NAME_PATTERN,
  optional,
  required,
  section,
  size,
  text,
  withDefault,
} from "./field.ts";
import { choices, texts } from "./transport-field.ts";

const TEMPLATE_SIZE_MAX = 8_192;
const OUTLETS_MAX = 64;

const access = section({
  sample: withDefault(count({ min: 1, max: 1_000_000 }), {
    value: 1,
    takesEffect: "live",
    doc: "Of so many connections that would leave a line, one does.",
  }),
  only: withDefault(choice(["all", "faults"]), {
    value: "all",
    takesEffect: "live",
    doc: "`faults` leaves out connections that ended with nothing wrong.",
  }),
  empty: withDefault(flag(), {
    value: true,
    takesEffect: "live",
    doc: "Whether clients leave a line that came and went without a byte, as probes of ports do.",
  }),
  reasons: withDefault(choices(CLOSE_REASONS.map(({ name }) => name)), {
    value: [],
    takesEffect: "live",
    doc: "Close reasons that leave a line; an empty list takes all.",
  }),
  listeners: withDefault(
    texts({ max: 10_000, pattern: NAME_PATTERN, expected: "a list of names of listeners" }),
    {
      value: [],
      takesEffect: "live",
      doc: "Listeners whose connections leave a line; an empty list takes all.",
    },
  ),
  faultLevel: withDefault(choice(["info", "notice", "warning", "err"]), {
    value: "info",
    takesEffect: "live",
    doc: "The level of lines about connections that ended by a fault; the others have `info`.",
  }),
});

const accessOrFlag = {
  schema: z.union([z.boolean(), access.schema]),
  kind: "section",
  expected: `true, false or ${access.expected}`,
  choices: ["true", "false"],
} as const;

function destination() {
  const schema = z.string().transform((written, context): Destination => {
    const to = parseDestination(written);
    if (to !== null) return to;
    context.addIssue({ code: "custom", message: "Invalid destination" });
    return z.NEVER;
  });
  return {
    schema,
    kind: "text",
    expected: "stdout, udp://host:port, tcp://host:port, unix:///path or file:///path",
    choices: ["stdout"],
  } as const;
}

function parseDestination(written: string): Destination | null {
  if (written === "stdout") return { kind: "stdout" };
  const [, kind, rest = ""] = /^(udp|tcp|unix|file):\/\/(.+)$/.exec(written) ?? [];
  if (kind === "unix" || kind === "file") {
    return rest.startsWith("/") && !rest.includes("\0") ? { kind, path: rest } : null;
  }
  const address = parseHostPort(rest);
  if (address === null || (kind !== "udp" && kind !== "tcp")) return null;
  return { kind, host: address.host, port: address.port };
}

const WORD = /^[\x21-\x7e]+$/;

const outlet = section({
  to: required(destination(), {
    takesEffect: "live",
    doc:
      "Where lines go: `stdout`, a syslog receiver (`udp://host:port`, `tcp://host:port`, " +
      "`unix:///dev/log`), or a file, which each reload opens anew.",
    placeholder: "stdout",
  }),
  format: optional(choice(["json", "pretty", "tcplog", "haproxy", "nginx"]), {
    fallback: "`json`; to `stdout` that of `log.format`",
    takesEffect: "live",
    doc:
      "How the line of a connection looks: `tcplog` is HAProxy's, `haproxy` and `nginx` take a " +
      "`template`. What happens to Fairlead itself is JSON with `json`, else a sentence.",
  }),
  template: optional(text({ max: TEMPLATE_SIZE_MAX }), {
    fallback: "none",
    takesEffect: "live",
    doc:
      "For `haproxy` a `log-format` such as `%ci:%cp %b/%s %ts %[mqtt.client_id]`; for `nginx` a " +
      "`log_format` such as `$remote_addr $status $upstream_addr`. docs/logging.md has all names.",
  }),
  escape: withDefault(choice(ESCAPES), {
    value: "default",
    takesEffect: "live",
    doc: "How values are escaped in an `nginx` template, as nginx's `escape=` has it.",
  }),
  header: optional(choice(HEADERS), {
    fallback: "`rfc3164`; to `stdout` and to files `raw`",
    takesEffect: "live",
    doc: "What stands before a line, by HAProxy's names; `raw` is nothing.",
  }),
  facility: withDefault(choice(FACILITIES), {
    value: "local0",
    takesEffect: "live",
    doc: "The facility of syslog.",
  }),
  level: withDefault(choice(LEVELS), {
    value: "debug",
    takesEffect: "live",
    doc:
      "The least severe lines that go here, of those that `log.level` lets through. Connections " +
      "have `info`, so `notice` leaves them out.",
  }),
  levelCap: withDefault(choice(LEVELS), {
    value: "emerg",
    takesEffect: "live",
    doc: "Lines that are more severe than this are sent as this.",
  }),
  tag: withDefault(
    text({ max: 48, pattern: WORD, expected: "1 to 48 printable characters without spaces" }),
    { value: "fairlead", takesEffect: "live", doc: "The program's name in syslog." },
  ),
  host: optional(
    text({ max: 255, pattern: WORD, expected: "1 to 255 printable characters without spaces" }),
    {
      fallback: "the name of the machine",
      takesEffect: "live",
      doc: "This machine's name in syslog.",
    },
  ),
  length: withDefault(size({ min: "80B", max: "63KiB" }), {
    value: "8KiB",
    takesEffect: "live",
    doc: "The longest message; a longer one is cut.",
  }),
  framing: withDefault(choice(["octet-counting", "newline"]), {
    value: "octet-counting",
    takesEffect: "live",
    doc: "How messages are told apart on TCP (RFC 6587).",
  }),
  access: optional(accessOrFlag, {
    fallback: "`log.access`",
    takesEffect: "live",
    doc: "Which connections leave a line here.",
  }),
  events: withDefault(flag(), {
    value: true,
    takesEffect: "live",
    doc: "Whether what happens to Fairlead itself leaves a line here, not connections alone.",
  }),
});

const outlets = {
  schema: z
    .array(asItem(outlet, { takesEffect: "live", doc: "One place where lines go." }))
    .min(1)
    .max(OUTLETS_MAX),
  kind: "section",
  expected: "a list of outlets such as [{ to: stdout }, { to: unix:///dev/log }]",
} as const;

export const logSchema = section({
  level: withDefault(choice(["debug", "info", "warn", "error"]), {
    value: "info",
    takesEffect: "live",
    doc:
      "The least severe lines that are still written. State changes of servers and what the " +
      "operator does at run time are written at every level.",
  }),
  format: withDefault(choice(["json", "pretty"]), {
    value: "json",
    takesEffect: "restart",
    doc: "On standard output: one JSON object a line, or lines for people.",
  }),
  access: withDefault(accessOrFlag, {
    value: true,
    takesEffect: "live",
    doc: "Whether each connection leaves a line when it ends, or which ones do.",
  }),
  outlets: optional(outlets, {
    fallback: "standard output",
    takesEffect: "live",
    doc: "Where lines go, to several places at once. None of them ever holds a client up.",
  }),
});

/** What `log` holds once it has been checked. */
export type LogDocument = z.output<typeof logSchema.schema>;
export type OutletDocument = NonNullable<LogDocument["outlets"]>[number];
export type AccessDocument = LogDocument["access"];
