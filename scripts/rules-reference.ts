// Writes the reference page of expressions, conditions and rules from the catalogue.
//
// Pure: catalogue in, text out. tests/golden/rules-reference.test.ts compares the committed file
// with it; `npx vitest run tests/golden/rules-reference.test.ts -u` writes it again.

import { type ArgumentRow, showSignature } from "../src/rules/argument.ts";
import { CONVERTERS, FETCHES } from "../src/rules/catalogue.ts";
import { MATCH_METHODS } from "../src/rules/match-method.ts";
import { PACKET_FIELDS } from "../src/rules/mqtt-field.ts";
import { REGEX_SUBJECT_SIZE_MAX } from "../src/rules/regex.ts";

const OPENING = `# Expressions, conditions and rules

This page is written from the catalogue in \`src/rules/\`. The language is HAProxy's; what MQTT
over TCP has no use for is left out, and the names that begin with \`mqtt.\` are ours.

An **expression** is a fetch and converters behind it, with commas between them:
\`mqtt.client_id,lower,word(1,-)\`. Text is bytes: a length is a length in bytes, and only A to Z
have a case.

A **condition** is tests in braces or names of acls. Side by side all must hold; \`or\` or \`||\`
separates alternatives; \`!\` negates one: \`{ src 10.0.0.0/8 } !{ mqtt.client_id -m beg dev- } ||
LOCALHOST\`. A test is an expression, flags and patterns, any of which will do: \`-i\` ignores
case, \`-m\` names the method, \`-f\` reads patterns from a file, \`--\` ends the flags. Numbers
take \`eq ge gt le lt\` and ranges, \`1:5\`.

A **rule** is an action and, behind \`if\` or \`unless\`, a condition. The first rule of a list
that accepts, rejects or drops ends it; a list without such an end lets the client in. Text in
actions may hold expressions: \`tenant/%[mqtt.user_name]\`.

What a client has not sent yet is waited for: a condition over CONNECT waits for the whole of it,
within the listener's deadline. A list that has waited goes on where it stopped. A regular
expression looks at texts of at most ${REGEX_SUBJECT_SIZE_MAX} bytes; longer ones do not match, and
patterns that could take exponential time are refused.

Where HAProxy differs: it takes some packets for valid that the specification forbids (ids that
are no UTF-8, a lower-case protocol name, impossible flags); it runs content rules from the first
one again with every piece of data, so that counters count twice; and numbers computed from
\`mqtt_field_value\` never match there, since its result stays binary.
`;

const ACTIONS: readonly (readonly [string, string])[] = [
  ["accept", "lets the client in"],
  [
    "reject [code N] [reason TEXT] [reference SERVERS]",
    "refuses, with a CONNACK of this MQTT 5.0 reason code, or the nearest return code of 3.x; " +
      "without a code the connection is closed and nothing is said, as in HAProxy. With 0x9c " +
      "(use another server) and 0x9d (server moved) it may say where to go: " +
      "`b.example:8883`, or several with spaces between",
  ],
  ["silent-drop", "forgets the connection without telling the client"],
  [
    "track-sc0 KEY [table T]",
    "counts the connection for a key, now and ever; so do `track-sc1` and `track-sc2`",
  ],
  [
    "sc-inc-gpc0(SLOT)",
    "adds one to a counter of what the slot tracks; `sc-inc-gpc1(SLOT)` to the other",
  ],
  ["sc-set-gpt0(SLOT) N", "sets the tag of what the slot tracks, to a number or an expression"],
  ["set-var(NAME) EXPRESSION", "keeps a value; `set-var-fmt(NAME) TEXT` keeps a text"],
  ["unset-var(NAME)", "forgets it"],
  ["set-src EXPRESSION", "replaces the address of the client; `set-src-port` the port"],
  ["use-pool TEXT", "sends the client to a pool; the first one that is named counts"],
  [
    "use-server NAME",
    "sends the client to a server of the pool; where that takes nobody, the pool chooses",
  ],
  ["set-client-id TEXT", "replaces the client id in the CONNECT that the server gets"],
  ["set-user-name TEXT", "replaces the user name"],
  ["set-password TEXT", "replaces the password"],
];

/** @returns docs/rules.md */
export function writeRulesReference(): string {
  return [
    OPENING,
    "## Actions\n",
    table(
      ["action", "what it does"],
      ACTIONS.map(([name, doc]) => [code(name), doc]),
    ),
    "## Match methods\n",
    table(
      ["method", "holds when the value"],
      Object.entries(MATCH_METHODS).map(([name, { doc }]) => [code(name), doc]),
    ),
    "## Fetches\n",
    "`known` says from when on there is a value.\n",
    table(
      ["fetch", "type", "known", "gives"],
      [...FETCHES.values()].map((row) => [call(row), row.type, row.stage, row.doc]),
    ),
    "## Converters\n",
    table(
      ["converter", "of", "to", "gives"],
      [...CONVERTERS.values()].map((row) => [call(row), row.input, row.output, row.doc]),
    ),
    "## Fields of `mqtt_field_value`\n",
    "Properties of MQTT 5.0 go by their number. A number that was not sent is 0.\n",
    table(
      ["packet", "fields"],
      Object.entries(PACKET_FIELDS).map(([name, fields]) => [
        code(name),
        fields.map(code).join(", "),
      ]),
    ),
  ].join("\n");
}

function call({ name, args }: { name: string; args: readonly ArgumentRow[] }): string {
  return code(args.length === 0 ? name : `${name}(${showSignature(args)})`);
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}\n`;
}
