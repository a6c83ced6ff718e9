// Writes docs/logging.md: what is logged and where to, with tables from the catalogues of logging/.
//
// Pure: catalogues in, text out. tests/golden/logging-reference.test.ts compares the committed page
// with it; `npx vitest run tests/golden/logging-reference.test.ts -u` writes it again.

import { ALIASES, EXPRESSIONS } from "../src/logging/haproxy-aliases.ts";
import { TCPLOG } from "../src/logging/haproxy-template.ts";
import { VARIABLES } from "../src/logging/nginx-variables.ts";
import { TERMINATIONS } from "../src/logging/termination.ts";
import { CLOSE_REASONS, type CloseReasonName } from "../src/shm/close-reason.ts";

const HEAD = `# Logging

Fairlead writes one line for each connection that has ended, and one for each thing that happens
to itself: servers that go up and down, reloads, what operators do. Lines go to standard output
as JSON unless the file says otherwise.

\`\`\`yaml
log:
  level: info
  access: { only: faults }
  outlets:
    - to: stdout
    - { to: "unix:///dev/log", facility: daemon, level: notice }
    - to: "udp://logs.example:514"
      header: rfc5424
      facility: local3
      format: haproxy
      template: '%ci:%cp %ft %b/%s %ts %{+Q}[mqtt.client_id]'
\`\`\`

Every key is in [configuration.md](configuration.md).

## Where lines go

\`stdout\`; syslog over UDP (\`udp://host:port\`), over TCP (\`tcp://host:port\`, RFC 6587) and
to a Unix datagram socket (\`unix:///dev/log\`); files (\`file:///path\`), which each reload
opens anew, so that they can be rotated. Several at once, each with its own format, header,
level and choice of connections.

No receiver ever holds a client up. Workers put records into a ring in shared memory; the
control plane makes lines of them and hands them to outlets, each of which keeps at most 1 MiB
(standard output: 8 MiB) of what its receiver does not take. What does not fit is dropped,
counted in \`fairlead_log_lines_dropped_total\` (records in
\`fairlead_log_records_dropped_total\`), and said once a minute. A receiver that is away is
looked for again, after 0.1 s at first and every 30 s at last. That it is away, and that it is
back, are lines in the other outlets (\`"event": "log-outlet"\`), and on standard error where no
outlet works. When Fairlead ends, receivers have a second to take what is left; one that hangs
does not keep it from ending.

## Levels

| level | lines |
|---|---|
| \`crit\`, \`err\`, \`warning\` | what is wrong, the worse the more severe |
| \`notice\` | what happens to Fairlead itself: servers that come up, reloads, operators |
| \`info\` | connections that ended; those with a fault have \`faultLevel\` |
| \`debug\` | the rest |

\`log.level\` counts for all places; state changes of servers and what operators do are written
whatever it says. A place's \`level\` leaves out more: \`notice\` has no connections, as in
HAProxy. With \`events: false\` it has connections and nothing else, for programs that read
lines of one format.

## Which connections leave a line

\`access\` is \`true\`, \`false\` or a mapping, for all places under \`log\` or for one: faults
alone, certain close reasons or listeners, one of so many, none for those that came and went
without a byte. Clients that are turned away because a listener or the process is full leave a
line, too: ten a second in each worker; the others are counted in
\`fairlead_turned_away_unlogged_total\`.
`;

/** @returns docs/logging.md */
export function writeLoggingReference(): string {
  return [HEAD, haproxySection(), nginxSection(), terminationSection()].join("\n");
}

function haproxySection(): string {
  return `## HAProxy's formats

\`format: tcplog\` is the line of \`option tcplog\`, field by field:

    ${TCPLOG}

\`format: haproxy\` takes a \`log-format\` with the flags \`+Q\`, \`+E\` and \`+X\`. Aliases:
${names(Object.keys(ALIASES).map((name) => `%${name}`))}.

Expressions in brackets, of which those with a dot are Fairlead's own: ${names(
    Object.keys(EXPRESSIONS).map((name) => `%[${name}]`),
  )}.

\`%Tw\` is the wait for a place at a server, \`%Tc\` the time from the first attempt until a
server was there, \`%Tt\` the whole; -1 where it was not reached. \`%ac\` and \`%fc\` count the
connection itself, \`%bc\` and \`%sc\` do not. \`%sq\` is 0: clients wait for a pool and not for
a server. \`%bc\` of a pool with more than 64 servers is counted when the line is written.
\`%fi\` and \`%fp\` are what the listener is bound to. Where HAProxy closes without a word,
Fairlead answers MQTT clients, and \`%B\` counts that.
`;
}

function nginxSection(): string {
  return `## nginx's formats

\`format: nginx\` takes a \`log_format\` of the stream module, with \`escape\`. Variables: ${names(
    Object.keys(VARIABLES).map((name) => `$${name}`),
  )}.

\`$upstream_addr\` is the last server that was tried. \`$upstream_bytes_sent\` and
\`$upstream_bytes_received\` are what the client sent and got, once a server was reached.
`;
}

function terminationSection(): string {
  const rows = CLOSE_REASONS.map(({ name, sentence }) => {
    const [state, status] = TERMINATIONS[name as CloseReasonName];
    return `| \`${name}\` | \`${state}\` | ${status} | ${sentence} |`;
  });
  return `## Close reasons

How each reads in \`%ts\` and in \`$status\`. A \`*\` is where the connection stood: \`R\` what
it sends first was not whole, \`Q\` it waited for a place, \`C\` a server was being reached,
\`D\` bytes moved.

| reason | \`%ts\` | \`$status\` | |
|---|---|---|---|
${rows.join("\n")}
`;
}

function names(list: readonly string[]): string {
  return list.map((name) => `\`${name}\``).join(", ");
}
