// The same clients through Debian's HAProxy and through Fairlead, both on the same haproxy.cfg with
// `option tcplog`, and with a `log-format` that has variables: the lines agree field by field, but
// for times, ports and process ids.
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UdpReceiver } from "../fixtures/log-receiver.ts";
import { Fairlead } from "./fairlead.ts";
import { canConnect } from "./mosquitto.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

const DISCONNECT = Uint8Array.of(0xe0, 0);
const PUBLISH = Uint8Array.of(0x30, 3, 0, 1, 0x61);
const CONNACK = Uint8Array.of(0x20, 2, 0, 0);
const PUBLISH_TYPE = 0x30;
const CONNECT_TYPE = 0x10;

interface Proxy {
  readonly name: string;
  readonly port: number;
  /** Of the frontend whose lines have variables. */
  readonly variablesPort: number;
  readonly receiver: UdpReceiver;
  readonly close: () => Promise<unknown>;
}

let folder: string;
let broker: ReturnType<typeof createServer>;
let proxies: readonly Proxy[] = [];

/** Answers CONNECT, and ends a connection on which something is published. */
function serve(socket: Socket): void {
  socket.on("error", () => {
    // A client that resets is one of the cases.
  });
  socket.on("data", ([type]) => {
    if (type === CONNECT_TYPE) socket.write(CONNACK);
    if (type === PUBLISH_TYPE) socket.end();
  });
}

interface Ports {
  readonly front: number;
  readonly variables: number;
  readonly log: number;
  readonly server: number;
  readonly nobody: number;
}

function config(ports: Ports): string {
  return `
global
    log 127.0.0.1:${ports.log} local3 info

defaults
    log global
    mode tcp
    option tcplog
    timeout connect 2s
    timeout client 1m
    timeout server 1m
    retries 1

backend mqtt_nodes
    server node1 127.0.0.1:${ports.server}

backend nobody
    server gone 127.0.0.1:${ports.nobody}

frontend mqtt_in
    bind 127.0.0.1:${ports.front}
    tcp-request inspect-delay 5s
    acl is_mqtt req.payload(0,0),mqtt_is_valid
    acl banned req.payload(0,0),mqtt_field_value(connect,client_identifier) -m beg banned-
    acl lost req.payload(0,0),mqtt_field_value(connect,client_identifier) -m beg lost-
    tcp-request content reject if is_mqtt banned
    tcp-request content accept if is_mqtt
    tcp-request content reject if WAIT_END
    use_backend nobody if lost
    default_backend mqtt_nodes

frontend worded
    bind 127.0.0.1:${ports.variables}
    tcp-request connection set-var(sess.from) src
    tcp-request inspect-delay 5s
    tcp-request content reject unless { req.payload(0,0),mqtt_is_valid }
    tcp-request content set-var(txn.id) req.payload(0,0),mqtt_field_value(connect,client_identifier)
    log-format "%ft %b/%s %{+Q}[var(txn.id)] %[var(sess.from)] %[var(txn.no)] %{+Q}[var(txn.no)]"
    default_backend mqtt_nodes
`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-tcplog-"));
  broker = createServer(serve).listen(0, "127.0.0.1");
  await once(broker, "listening");
  const server = (broker.address() as AddressInfo).port;
  const [nobody, front, other, adminPort, variables, otherVariables] = (await freePorts(6)) as [
    ...[number, number, number, number, number, number],
  ];
  const [theirs, ours] = [await UdpReceiver.open(), await UdpReceiver.open()];
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, config({ front, variables, log: theirs.port, server, nobody }));
  const child = spawnPeer("haproxy", ["-f", file, "-db"], { stdio: "ignore" });
  const page = `frontend stats\n mode http\n bind 127.0.0.1:${adminPort}\n stats enable\n`;
  const own = { front: other, variables: otherVariables, log: ours.port };
  const text = config({ ...own, server, nobody }) + page;
  const fairlead = await Fairlead.start({ config: text, adminPort });
  proxies = [
    {
      ...{ name: "HAProxy", port: front, variablesPort: variables, receiver: theirs },
      close: () => endProcess(child, "SIGKILL"),
    },
    {
      ...{ name: "Fairlead", port: other, variablesPort: otherVariables, receiver: ours },
      close: () => fairlead.close(),
    },
  ];
  await waitUntil("haproxy listens", () => canConnect(front));
  // Asking whether it listens has left a line.
  await waitUntil("it has logged that", () => theirs.messages.some((line) => /mqtt_in/.test(line)));
});

afterAll(async () => {
  await Promise.all(proxies.flatMap(({ close, receiver }) => [close(), receiver.close()]));
  broker.close();
  rmSync(folder, { recursive: true });
});

/**
 * Lets a client do something at each of them.
 * @param act resolves with what is to be done once the line is there
 * @param frontend whose line that is
 * @returns the line each of them had for it
 */
async function linesOf(
  act: (port: number, proxy: Proxy) => Promise<void | (() => Promise<void>)>,
  frontend = "mqtt_in",
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const proxy of proxies) {
    const { name, port, receiver } = proxy;
    receiver.messages.length = 0;
    const after = await act(port, proxy);
    const line = await waitUntil(`${name} has logged it`, () =>
      receiver.messages.find((message) => message.includes(` ${frontend} `)),
    );
    lines.push(comparable(line));
    await after?.();
  }
  return lines;
}

/** Times that were not reached stay -1, others become `n`. */
function comparable(line: string): string {
  return line
    .trimEnd()
    .replace(/^(<\d+>)\w{3} [ \d]\d \d\d:\d\d:\d\d /, "$1DATE ")
    .replace(
      /\[\d+\]: 127\.0\.0\.1:\d+ \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d\.\d{3}\]/,
      "[PID]: IP [AT]",
    )
    .replace(/ (-1|\d+)\/(-1|\d+)\/(-1|\d+) /, (_, ...times: string[]) => {
      return ` ${times
        .slice(0, 3)
        .map((time) => (time === "-1" ? time : "n"))
        .join("/")} `;
    });
}

async function connect(port: number, clientId: string): Promise<RawClient> {
  return await RawClient.connect({ port, clientId });
}

describe("option tcplog", () => {
  it("says of a client that came, was served and left what HAProxy says", async () => {
    const [theirs, ours] = await linesOf(async (port) => {
      const client = await connect(port, "polite");
      client.socket.end(DISCONNECT);
      await client.closed;
    });
    expect(ours).toBe(theirs);
    expect(ours).toBe(
      "<158>DATE haproxy[PID]: IP [AT] mqtt_in mqtt_nodes/node1 n/n/n 4 -- 1/1/0/0/0 0/0",
    );
  });

  it("says the same of a server that closes", async () => {
    const [theirs, ours] = await linesOf(async (port) => {
      const client = await connect(port, "sent-away");
      client.socket.write(PUBLISH);
      await client.closed;
    });
    expect(ours).toBe(theirs);
  });

  it("says the same of a client that resets", async () => {
    const [theirs, ours] = await linesOf(async (port) => {
      const client = await connect(port, "rude");
      client.socket.resetAndDestroy();
      await client.closed;
    });
    expect(ours).toBe(theirs);
  });

  it("says the same of a client that a rule refuses", async () => {
    const [theirs, ours] = await linesOf(async (port) => {
      await expect(connect(port, "banned-1")).rejects.toThrow("Cannot connect");
    });
    expect(ours).toBe(theirs);
  });

  it("says the same of a client whose server cannot be reached", async () => {
    const [theirs, ours] = await linesOf(async (port) => {
      await expect(connect(port, "lost-1")).rejects.toThrow("Cannot connect");
    });
    // An MQTT client is told with a CONNACK, which has four bytes.
    expect(ours).toBe(theirs!.replace(" 0 SC ", " 4 SC "));
  });

  it("says the same while others are connected", async () => {
    const [theirs, ours] = await linesOf(async (port) => {
      const [other, client] = [await connect(port, "other"), await connect(port, "one")];
      client.socket.end(DISCONNECT);
      await client.closed;
      return async () => {
        other.socket.end(DISCONNECT);
        await other.closed;
      };
    });
    expect(ours).toBe(theirs);
  });
});

describe("log-format with variables", () => {
  it("says what HAProxy says, of those that are set and of those that nobody sets", async () => {
    const [theirs, ours] = await linesOf(async (_, { variablesPort }) => {
      const client = await connect(variablesPort, "pump 7");
      client.socket.end(DISCONNECT);
      await client.closed;
    }, "worded");
    const words = (line?: string) => line?.slice(line.indexOf("worded"));
    expect(words(ours)).toBe(words(theirs));
    expect(words(ours)).toBe('worded mqtt_nodes/node1 "pump 7" 127.0.0.1 - ""');
  });
});
