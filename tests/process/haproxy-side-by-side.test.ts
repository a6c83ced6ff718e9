// The same haproxy.cfg in Debian's HAProxy and here: servers go down and up after the same number
// of checks, clients stay with the same servers, and where HAProxy needs a line more, we do not.
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { closeAtEnd } from "./close-at-end.ts";
import { isUp, startTwins, type Twin } from "./haproxy-twins.ts";
import { connectPacket, RawClient } from "./raw-clients.ts";
import { comeFrom, SERVERS, startBrokers, TIMES } from "./twin-clients.ts";
import { waitUntil } from "./wait-until.ts";

/** @returns the port of a server that ends with the test */
async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => socket.destroy()));
    onSocket(socket);
  }).listen(0, "127.0.0.1");
  closeAtEnd({
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const RHYTHMS = [
  { rise: 2, fall: 3 },
  { rise: 1, fall: 1 },
  { rise: 3, fall: 2 },
] as const;

/** What one check after the other is answered: good or bad. */
const ANSWERS = "++-+--+---+-++-+++--+-----++++--+-+-+++-";

/**
 * A server that is checked. Before it answers it asks what its balancer thinks of it: that is what
 * all checks before have come to, however long they took.
 */
class CheckedServer {
  /** U or d for each check. */
  states = "";
  readonly section: string;
  readonly port: Promise<number>;
  readonly done: Promise<void>;
  #twin: Twin | null = null;
  #finish: () => void = () => undefined;

  constructor(section: string) {
    this.section = section;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.port = serve((socket) => {
      socket.once("data", () => void this.#answer(socket));
    });
  }

  belongsTo(twin: Twin): void {
    this.#twin = twin;
  }

  async #answer(socket: Socket): Promise<void> {
    const twin = await waitUntil("its balancer is known", () => this.#twin);
    const count = this.states.length;
    if (count === ANSWERS.length) {
      this.#finish();
      return;
    }
    this.states += (await isUp(twin, this.section, "one")) ? "U" : "d";
    socket.end(ANSWERS[count] === "+" ? "good" : "bad!");
  }
}

it("checks turn servers down and up after the same number of probes", async () => {
  const servers: Record<Twin["name"], CheckedServer[]> = { HAProxy: [], Fairlead: [] };
  const ports: Record<Twin["name"], number[]> = { HAProxy: [], Fairlead: [] };
  for (const name of ["HAProxy", "Fairlead"] as const) {
    servers[name] = RHYTHMS.map((_, i) => new CheckedServer(`rhythm${i}`));
    ports[name] = await Promise.all(servers[name].map(({ port }) => port));
  }
  const twins = await startTwins({
    portCount: RHYTHMS.length,
    file: (name, listens) => {
      const sections = RHYTHMS.map(
        ({ rise, fall }, i) => `listen rhythm${i}
  bind 127.0.0.1:${listens[i]}
  option tcp-check
  tcp-check send ask
  tcp-check expect string good
  server one 127.0.0.1:${ports[name][i]} check inter 100ms rise ${rise} fall ${fall}
`,
      );
      return TIMES + sections.join("");
    },
  });
  for (const twin of twins) for (const server of servers[twin.name]) server.belongsTo(twin);
  await Promise.all(twins.flatMap(({ name }) => servers[name].map(({ done }) => done)));
  const [theirs, ours] = twins.map(({ name }) => servers[name].map(({ states }) => states));
  expect(ours).toEqual(theirs);
  for (const states of theirs!) expect(states).toMatch(/U.*d.*U.*d/);
});

interface Visit {
  readonly address: string;
  readonly clientId: string;
}

/** @param pause CONNECT comes in two parts, with this between them; null: in one */
async function visit(
  port: number,
  { address, clientId }: Visit,
  pause: (() => Promise<unknown>) | null = null,
): Promise<void> {
  const socket = new Socket();
  socket.connect({ host: "127.0.0.1", port, localAddress: address, noDelay: true });
  await once(socket, "connect");
  const packet = connectPacket(clientId, 4);
  const answer = once(socket, "data");
  if (pause === null) socket.write(packet);
  else {
    socket.write(packet.subarray(0, 5));
    await pause();
    socket.write(packet.subarray(5));
  }
  await answer;
  socket.end(Uint8Array.of(0xe0, 0));
  await once(socket, "close");
}

const CLIENT_ID = "req.payload(0,0),mqtt_field_value(connect,client_identifier)";
const READ_CONNECT = `  tcp-request inspect-delay 10s
  tcp-request content accept if { req.payload(0,0),mqtt_is_valid }
  tcp-request content reject
`;

function stickFile(lines: string, ports: readonly number[]): (port: number) => string {
  const list = SERVERS.map((name, i) => `  server ${name} 127.0.0.1:${ports[i]}\n`);
  return (port) => {
    const head = `listen mqtt\n  bind 127.0.0.1:${port}\n  balance roundrobin\n`;
    return TIMES + head + lines + list.join("");
  };
}

/** Twelve clients that come five times, always in another order. */
const VISITS: readonly Visit[] = [5, 7, 11, 1, 5].flatMap((step) =>
  Array.from({ length: 12 }, (_, i) => {
    const number = (i * step + step) % 12;
    return { address: `127.0.3.${1 + (number % 7)}`, clientId: `sensor-${number}` };
  }),
);

it.each([
  ["src", "  stick-table type ip size 10k expire 1h\n  stick on src\n"],
  [
    "the client id",
    `${READ_CONNECT}  stick-table type string len 64 size 10k expire 1h\n  stick on ${CLIENT_ID}\n`,
  ],
])("stick on %s keeps the same clients together, while servers come and go", async (_, lines) => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const file = (name: Twin["name"], [port]: readonly number[]) =>
    stickFile(lines, brokers[name].ports)(port!);
  const twins = await startTwins({ portCount: 1, file });
  for (const twin of twins) {
    for (const [index, each] of VISITS.entries()) {
      // Clients of a server that is away go elsewhere, and stay there when it is back.
      if (index === 24) await twin.say("set server mqtt/two state maint");
      if (index === 40) await twin.say("set server mqtt/two state ready");
      await visit(twin.ports[0]!, each);
    }
  }
  expect(brokers.HAProxy.visits).toHaveLength(VISITS.length);
  expect(new Set(brokers.HAProxy.visits).size).toBe(3);
  expect(brokers.Fairlead.visits).toEqual(brokers.HAProxy.visits);
});

it.each([
  ["non-stick", ["one", "two", "one"]],
  ["non-stick stick", ["one", "two", "two"]],
])("a client of a backup that is %s comes to %j, as servers go and come", async (option, all) => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const file = (name: Twin["name"], [port]: readonly number[]) => `${TIMES}
listen mqtt
  bind 127.0.0.1:${port}
  balance roundrobin
${READ_CONNECT}  stick-table type string len 64 size 10k expire 1h
  stick on ${CLIENT_ID}
  server one 127.0.0.1:${brokers[name].ports[0]}
  server two 127.0.0.1:${brokers[name].ports[1]} backup ${option}
`;
  const client = { address: "127.0.3.1", clientId: "any" };
  for (const twin of await startTwins({ portCount: 1, file })) {
    await visit(twin.ports[0]!, client);
    await twin.say("set server mqtt/one state maint");
    await visit(twin.ports[0]!, client);
    await twin.say("set server mqtt/one state ready");
    await visit(twin.ports[0]!, client);
    expect([twin.name, ...brokers[twin.name].visits]).toEqual([twin.name, ...all]);
  }
});

const BY_ID = `req.payload(0,0),mqtt_field_value(connect,client_identifier)`;

it.each([
  [
    "a table that two backends share",
    "  stick on ID table clients\n",
    "  stick on ID table clients\n",
  ],
  [
    "a table that one backend fills and the other one asks",
    "  stick store-request ID table clients\n",
    "  stick match ID table clients\n",
  ],
  [
    "conditions, and a rule for all others",
    "  stick on ID table clients if { src 127.0.3.1 127.0.3.2 127.0.3.3 }\n" +
      "  stick on src table addresses\n",
    "  acl few src 127.0.3.1 127.0.3.2\n  stick match ID table clients unless few\n" +
      "  stick on src table addresses if few\n",
  ],
  [
    "two rules of one table, of which the first that has a key counts",
    "  stick on ID,field(2,-) table clients if { src 127.0.3.1 127.0.3.4 }\n" +
      "  stick on ID table clients\n",
    "  stick on ID table clients\n",
  ],
])("%s: the same clients come to the same servers", async (_, first, second) => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const sections = (name: Twin["name"], port: number, rules: string) => `
listen on-${port}
  bind 127.0.0.1:${port}
  balance roundrobin
${READ_CONNECT}${rules.replaceAll("ID", BY_ID)}
${SERVERS.map((server, i) => `  server ${server} 127.0.0.1:${brokers[name].ports[i]}\n`).join("")}`;
  const tables = `
backend clients
  stick-table type string len 64 size 10k expire 1h
backend addresses
  stick-table type ip size 10k expire 1h
`;
  const twins = await startTwins({
    portCount: 2,
    file: (name, [one, two]) =>
      TIMES + sections(name, one!, first) + sections(name, two!, second) + tables,
  });
  for (const { ports } of twins) {
    for (const [index, each] of VISITS.entries()) await visit(ports[index % 2]!, each);
  }
  expect(brokers.HAProxy.visits).toHaveLength(VISITS.length);
  expect(new Set(brokers.HAProxy.visits).size).toBe(3);
  expect(brokers.Fairlead.visits).toEqual(brokers.HAProxy.visits);
});

it("waits for the whole CONNECT without an inspect-delay, where HAProxy knows no one", async () => {
  const lines = `  stick-table type string len 64 size 10k expire 1h\n  stick on ${CLIENT_ID}\n`;
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const file = (name: Twin["name"], [port]: readonly number[]) =>
    stickFile(lines, brokers[name].ports)(port!);
  const twins = await startTwins({ portCount: 1, file });
  const clients = Array.from({ length: 10 }, (_, i) => ({
    ...{ address: "127.0.3.1", clientId: `slow-${i}` },
  }));
  for (const { name, ports } of twins) {
    const { connectionCount } = brokers[name];
    for (const client of [...clients, ...clients]) {
      const before = connectionCount();
      // HAProxy has chosen by then. That we have not, nobody sees: a moment is as good as any.
      const hasChosen = () => waitUntil("it has chosen", () => connectionCount() > before);
      await visit(ports[0]!, client, name === "HAProxy" ? hasChosen : () => sleep(20));
    }
  }
  const halves = (visits: readonly string[]) => [visits.slice(0, 10), visits.slice(10)];
  const [firstTime, again] = halves(brokers.Fairlead.visits);
  expect(again).toEqual(firstTime);
  const [theirFirst, theirAgain] = halves(brokers.HAProxy.visits);
  expect(theirAgain).not.toEqual(theirFirst);
});

it("ends silent clients when their frontend says so, though the backend is one", async () => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const twins = await startTwins({
    portCount: 2,
    file: (name, [soon, late]) => `${TIMES}
frontend soon
  bind 127.0.0.1:${soon}
  timeout client 1s
  default_backend mqtt
frontend late
  bind 127.0.0.1:${late}
  default_backend mqtt
backend mqtt
  balance roundrobin
  server one 127.0.0.1:${brokers[name].ports[0]}
`,
  });
  for (const { ports } of twins) {
    const late = closeAtEnd(await RawClient.connect({ port: ports[1]!, clientId: "late" }));
    // It may be too late even for its CONNACK.
    const soon = comeFrom(ports[0]!, "127.0.0.1");
    await waitUntil("the silent one is ended", () => soon.socket.destroyed);
    expect(late.socket.destroyed).toBe(false);
  }
});

it("passes the pages of brokers on that stand beside them in mode http", async () => {
  const page = createHttpServer((request, response) => response.end(`page ${request.url}`));
  closeAtEnd(page.listen(0, "127.0.0.1"));
  await once(page, "listening");
  const { port: pagePort } = page.address() as AddressInfo;
  const file = (_: Twin["name"], [port]: readonly number[]) => `${TIMES}
listen management
  bind 127.0.0.1:${port}
  mode http
  balance roundrobin
  option http-server-close
  server one 127.0.0.1:${pagePort}
`;
  for (const { ports } of await startTwins({ portCount: 1, file })) {
    const response = await fetch(`http://127.0.0.1:${ports[0]}/api/overview`);
    expect(await response.text()).toBe("page /api/overview");
  }
});

it("checks come from source, too, and may come every 20 ms", async () => {
  const from: Record<Twin["name"], (string | undefined)[]> = { HAProxy: [], Fairlead: [] };
  const serverOf = (name: Twin["name"]) =>
    serve((socket) => {
      from[name].push(socket.remoteAddress);
      socket.once("data", () => socket.end("good"));
    });
  const ports = { HAProxy: await serverOf("HAProxy"), Fairlead: await serverOf("Fairlead") };
  const file = (name: Twin["name"], [port]: readonly number[]) => `${TIMES}
listen mqtt
  bind 127.0.0.1:${port}
  balance roundrobin
  source 127.0.3.7
  option tcp-check
  tcp-check send ask
  tcp-check expect string good
  server one 127.0.0.1:${ports[name]} check inter 20
`;
  await startTwins({ portCount: 1, file });
  for (const addresses of Object.values(from)) {
    await waitUntil("it is checked", () => addresses.length > 20);
    expect(new Set(addresses)).toEqual(new Set(["127.0.3.7"]));
  }
});

it("keeps IPv4 away from an address that is v6only, and leaves its port to others", async () => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const file = (name: Twin["name"], [alone, shared]: readonly number[]) => `${TIMES}
listen alone
  bind :::${alone} v6only
  balance roundrobin
  server one 127.0.0.1:${brokers[name].ports[0]}
listen six
  bind :::${shared} v6only
  balance roundrobin
  server one 127.0.0.1:${brokers[name].ports[0]}
listen four
  bind *:${shared}
  balance roundrobin
  server two 127.0.0.1:${brokers[name].ports[1]}
`;
  for (const { name, ports } of await startTwins({ portCount: 2, file })) {
    const [alone, shared] = ports as [number, number];
    expect(await comeFrom(alone, "127.0.3.1").outcome).toBe("refused");
    expect(await comeFrom(alone, "::1").outcome).toBe("served");
    expect(await comeFrom(shared, "::1").outcome).toBe("served");
    expect(await comeFrom(shared, "127.0.3.1").outcome).toBe("served");
    expect(brokers[name].visits).toEqual(["one", "one", "two"]);
  }
});
