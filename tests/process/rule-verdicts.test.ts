// One haproxy.cfg, run by Debian's HAProxy and by Fairlead: the same clients, in the same order,
// come to the same of two servers. Each frontend of the file asks one of the recorded conditions,
// or limits, or rewrites.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fairlead } from "./fairlead.ts";
import { keepLines } from "./log-lines.ts";
import { canConnect } from "./mosquitto.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { freePorts } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

interface Recorded {
  readonly acls: readonly { readonly name: string; readonly test: string }[];
  readonly conditions: readonly string[];
  readonly clients: readonly { readonly address: string; readonly hex: string }[];
}

const recorded = JSON.parse(
  readFileSync(new URL("../recorded/haproxy-rules.json", import.meta.url), "utf8"),
) as Recorded;

/** Fairlead ends connections of those who say no CONNECT, whatever rules say. */
const clients = recorded.clients.filter(({ hex }) => hex.startsWith("10"));

/** What is behind: `yes` and `no` answer a CONNECT so that one sees who did. */
const ANSWERS = { yes: 1, no: 0 } as const;
type Verdict = keyof typeof ANSWERS | "refused";

const TABLE = "stick-table type ip size 1k expire 10m store conn_cnt,conn_cur,conn_rate(10m),gpc0";
const USER = "req.payload(0,0),mqtt_field_value(connect,username)";

function condition(text: string, number: number): string {
  return `
frontend c${number}
    bind "127.0.0.1:\${PORT${number}}"
    ${TABLE}
    tcp-request connection track-sc0 src
    tcp-request connection track-sc2 src table clients
    tcp-request connection sc-inc-gpc0(0) if { src 127.0.0.0/8 }
    tcp-request inspect-delay 5s
    tcp-request content reject unless { req.payload(0,0),mqtt_is_valid }
${recorded.acls.map(({ name, test }) => `    acl ${name} ${test}`).join("\n")}
    tcp-request content set-var(txn.tenant) ${USER}
    tcp-request content set-var(txn.five) int(5)
    use_backend yes if ${text}
    default_backend no
`;
}

/** Named by what they show; each listens where PORT and its number say. */
const LIMITS: Readonly<Record<string, string>> = {
  "two connections of an address": `
    stick-table type ip size 1k expire 10m store conn_cur
    tcp-request connection track-sc0 src
    tcp-request connection reject if { sc0_conn_cur gt 2 }
    default_backend no`,
  "three connections of a user, ever": `
    stick-table type string len 64 size 1k expire 10m store conn_cnt,conn_rate(1h)
    tcp-request inspect-delay 5s
    tcp-request content track-sc1 ${USER} if { ${USER} -m found }
    tcp-request content reject if { sc1_conn_rate gt 3 }
    default_backend no`,
  "those who were marked before": `
    stick-table type ip size 1k expire 10m store gpc0,gpt0
    tcp-request connection track-sc0 src
    tcp-request connection sc-set-gpt0(0) 7 if { src 127.0.0.2 }
    tcp-request inspect-delay 5s
    tcp-request content set-var(sess.mark) sc0_get_gpt0
    use_backend yes if { var(sess.mark) -m int 7 }
    default_backend no`,
  "a server by its client": `
    default_backend both`,
  "two connections of an address in an hour, counted by who asks": `
    stick-table type ip size 1k expire 2h store conn_rate(1h)
    tcp-request connection track-sc0 src
    tcp-request session reject if { src_conn_rate gt 2 }
    default_backend no`,
  "patterns of a file": `
    acl listed src -f "\${FOLDER}/addresses.lst"
    use_backend yes if listed or { src -m ip -f "\${FOLDER}/more.lst" }
    default_backend no`,
  "values of a map": `
    tcp-request inspect-delay 5s
    tcp-request content set-var(txn.way) src,map_ip("\${FOLDER}/ways.map",no) if WAIT_END or TRUE
    use_backend yes if { var(txn.way) -m str yes }
    default_backend no`,
  "a backend whose name is computed": `
    tcp-request connection set-var(sess.way) src,map_ip("\${FOLDER}/ways.map")
    use_backend %[var(sess.way)] if { var(sess.way) -m found }
    default_backend both`,
  "addresses of this machine": `
    tcp-request connection set-src ipv4(192.0.2.9) if { src 127.0.0.9 }
    use_backend yes if { src_is_local } { dst_is_local }
    default_backend no`,
  "a connection that its backend refuses": `
    default_backend picky`,
};

const limitNames = Object.keys(LIMITS);
const conditionCount = recorded.conditions.length;

/** The number of a frontend that counts nobody. */
const UNCOUNTED = conditionCount + limitNames.indexOf("patterns of a file");

function configuration(): string {
  const limits = Object.values(LIMITS).map((text, index) => {
    const number = conditionCount + index;
    return `\nfrontend limit${index}\n    bind "127.0.0.1:\${PORT${number}}"${text}\n`;
  });
  return `
global
    maxconn 2000
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
backend yes
    server yes "127.0.0.1:\${YES}"
backend no
    server no "127.0.0.1:\${NO}"
backend both
    balance roundrobin
    use-server yes if { src 127.0.0.2 127.0.0.9 }
    use-server no unless { src 127.0.0.2 127.0.0.9 }
    server yes "127.0.0.1:\${YES}"
    server no "127.0.0.1:\${NO}"
backend picky
    stick-table type ip size 1k expire 2h store conn_cnt
    tcp-request content track-sc1 src
    tcp-request content reject if { src 127.0.0.9 }
    tcp-request content reject if { sc1_conn_cnt gt 3 }
    server no "127.0.0.1:\${NO}"
backend two
    balance roundrobin
    server a 127.0.0.1:1
    server b 127.0.0.1:2
backend none
    balance roundrobin
    server a 127.0.0.1:1 disabled
backend clients
    ${TABLE}
${recorded.conditions.map(condition).join("")}${limits.join("")}`;
}

interface Side {
  readonly ports: readonly number[];
  close(): Promise<void>;
}

/** Files that the configuration names. */
const FILES: Readonly<Record<string, string>> = {
  "addresses.lst": "# some of them\n127.0.0.2\n  127.0.0.16/30\n\n",
  "more.lst": "127.0.0.9\n",
  "ways.map": "127.0.0.2 yes\n# and\n127.0.0.0/29\tno\n127.0.0.16/28 yes\n",
};

let folder: string;
let servers: readonly Server[];
let haproxy: Side;
let fairlead: Side;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-verdicts-"));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  servers = [await listen("yes"), await listen("no")];
  [haproxy, fairlead] = await Promise.all([startHaproxy(), startFairlead()]);
});

afterAll(async () => {
  await Promise.all([haproxy?.close(), fairlead?.close()]);
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A broker that knows nothing but CONNACK; `session present` says which one it is. */
async function listen(name: keyof typeof ANSWERS): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (bytes) => {
      const isV5 = bytes.includes("MQTT\u0005");
      const rest = isV5 ? [ANSWERS[name], 0, 0] : [ANSWERS[name], 0];
      socket.write(Uint8Array.of(0x20, rest.length, ...rest));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function environment() {
  const [admin, ...ports] = (await freePorts(conditionCount + limitNames.length + 1)) as [number];
  const [yes, no] = servers.map((server) => String((server.address() as { port: number }).port));
  const listening = ports.map((port, number) => [`PORT${number}`, String(port)]);
  const env = { FOLDER: folder, YES: yes!, NO: no!, ...Object.fromEntries(listening) } as Record<
    string,
    string
  >;
  return { admin, ports, env };
}

async function startHaproxy(): Promise<Side> {
  const { ports, env } = await environment();
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, configuration());
  const child = spawnPeer("haproxy", ["-f", file, "-db"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const lines = keepLines(child);
  const close = () => endProcess(child, "SIGKILL");
  await waitUntil("haproxy listens", () => {
    // Whoever asks is counted elsewhere.
    if (child.exitCode === null) return canConnect(ports[UNCOUNTED]!);
    throw new Error(`Cannot start haproxy: ${lines.join("; ")}`);
  });
  return { ports, close };
}

async function startFairlead(): Promise<Side> {
  const { admin, ports, env } = await environment();
  const page = `frontend page\n mode http\n bind 127.0.0.1:${admin}\n stats enable\n`;
  const config = configuration() + page;
  const process = await Fairlead.start({ config, adminPort: admin, env });
  return { ports, close: () => process.close() };
}

interface Visit {
  readonly verdict: Verdict;
  readonly socket: Socket;
}

/** Says its packet and waits for what comes of it. The caller closes the socket. */
async function visit(port: number, { address, hex }: Recorded["clients"][number]): Promise<Visit> {
  const socket = createConnection({ host: "127.0.0.1", port, localAddress: address });
  const verdict = new Promise<Verdict>((resolve) => {
    socket.on("data", (bytes) => {
      if (bytes[3] !== 0) resolve("refused");
      else resolve(bytes[2] === ANSWERS.yes ? "yes" : "no");
    });
    socket.on("error", () => resolve("refused"));
    socket.on("close", () => resolve("refused"));
  });
  socket.write(Buffer.from(hex, "hex"));
  return { verdict: await verdict, socket };
}

/** One after the other, each gone before the next one comes. */
async function verdictsOf(port: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const client of clients) {
    const { verdict, socket } = await visit(port, client);
    verdicts.push(verdict);
    await leave(socket);
  }
  return verdicts;
}

async function leave(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const closed = once(socket, "close");
  socket.end(Uint8Array.of(0xe0, 0));
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2_000))]);
  socket.destroy();
}

/** All at once, in their order, and each stays until all have come. */
async function heldVerdictsOf(port: number): Promise<Verdict[]> {
  const visits: Visit[] = [];
  const [first] = clients;
  const crowd = [first!, first!, first!, clients[1]!, first!];
  for (const client of crowd) visits.push(await visit(port, client));
  for (const { socket } of visits) socket.destroy();
  return visits.map(({ verdict }) => verdict);
}

/**
 * Numbers of a CONNECT: HAProxy's code marks them as binary, whatever its documentation says, and
 * so never finds one in a range (tests/recorded/haproxy-rules.test.ts).
 */
const computesWithField = (text: string): boolean =>
  /mqtt_field_value\([^)]*\)(,(add|mul|even|and)\b| -m int)/.test(text);

describe("conditions", () => {
  it.each(recorded.conditions.map((text, number) => [text, number] as const))(
    "%s",
    async (text, number) => {
      const theirs = await verdictsOf(haproxy.ports[number]!);
      const ours = await verdictsOf(fairlead.ports[number]!);
      if (computesWithField(text)) {
        expect(theirs).not.toContain("yes");
        expect(ours).toContain("yes");
      } else expect(ours).toEqual(theirs);
    },
  );

  it("are at least sixty that agree", () => {
    const alike = recorded.conditions.filter((text) => !computesWithField(text));
    expect(alike.length).toBeGreaterThanOrEqual(60);
  });
});

describe("limits and marks", () => {
  it.each(limitNames.map((name, index) => [name, conditionCount + index] as const))(
    "%s",
    async (_, number) => {
      for (const ask of [verdictsOf, heldVerdictsOf]) {
        const theirs = await ask(haproxy.ports[number]!);
        expect(await ask(fairlead.ports[number]!)).toEqual(theirs);
      }
    },
  );
});
