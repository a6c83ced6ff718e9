// The same haproxy.cfg in Debian's HAProxy and here: as many clients are served at once, as many
// wait, and the others are refused or go elsewhere.
import { expect, it } from "vitest";
import { startTwins, type Twin } from "./haproxy-twins.ts";
import { comeFrom, SERVERS, startBrokers, TIMES, waitingAt } from "./twin-clients.ts";
import { waitUntil } from "./wait-until.ts";

/** Two servers, each with one place and a line of one. */
function twoWithALine(ports: readonly number[]): string {
  const lines = SERVERS.slice(0, 2).map((server, i) => {
    return `  server ${server} 127.0.0.1:${ports[i]} maxconn 1 maxqueue 1\n`;
  });
  return lines.join("");
}

/** One is served, and another of its address waits for the same server, whoever has room. */
async function comeOneBehindTheOther(twin: Twin) {
  const [port] = twin.ports as [number];
  const first = comeFrom(port, "127.0.3.1");
  expect(await first.outcome).toBe("served");
  const second = comeFrom(port, "127.0.3.1");
  await waitUntil("it waits", async () => (await waitingAt(twin, "mqtt")) === 1);
  return { port, first, second };
}

it("lets as many wait for the server of their hash as maxqueue says", async () => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const file = (name: Twin["name"], [port]: readonly number[]) =>
    `${TIMES}listen mqtt\n  bind 127.0.0.1:${port}\n  balance source\n` +
    twoWithALine(brokers[name].ports);
  for (const twin of await startTwins({ portCount: 1, file })) {
    const { port, first, second } = await comeOneBehindTheOther(twin);
    expect(await comeFrom(port, "127.0.3.1").outcome).toBe("refused");
    // Of the other addresses some have the other server, which is free.
    const others: string[] = [];
    for (let i = 2; i < 10 && !others.includes("served"); i++) {
      others.push(await comeFrom(port, `127.0.3.${i}`).outcome);
    }
    expect(others.at(-1)).toBe("served");
    first.socket.destroy();
    expect(await second.outcome).toBe("served");
  }
});

it.each([
  ["", "refused", "one"],
  ["  option redispatch\n", "served", "two"],
] as const)(
  "has a sticky client wait for its server, and no longer a line than maxqueue says%s",
  async (redispatch, outcome, last) => {
    const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
    const table = "  stick-table type ip size 10k expire 1h\n  stick on src\n";
    const file = (name: Twin["name"], [port]: readonly number[]) =>
      `${TIMES}listen mqtt\n  bind 127.0.0.1:${port}\n  balance roundrobin\n` +
      redispatch +
      table +
      twoWithALine(brokers[name].ports);
    for (const twin of await startTwins({ portCount: 1, file })) {
      const { port, first, second } = await comeOneBehindTheOther(twin);
      const third = comeFrom(port, "127.0.3.1");
      expect(await third.outcome).toBe(outcome);
      expect(brokers[twin.name].visits.at(-1)).toBe(last);
      first.socket.destroy();
      expect(await second.outcome).toBe("served");
      expect(brokers[twin.name].visits.at(-1)).toBe("one");
    }
  },
);

it("refuses a sticky client that has waited for timeout queue, whoever has room", async () => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const file = (name: Twin["name"], [port]: readonly number[]) => `${TIMES}
listen mqtt
  bind 127.0.0.1:${port}
  balance roundrobin
  timeout queue 500ms
  option redispatch
  stick-table type ip size 10k expire 1h
  stick on src
  server one 127.0.0.1:${brokers[name].ports[0]} maxconn 1
  server two 127.0.0.1:${brokers[name].ports[1]} maxconn 1
`;
  for (const twin of await startTwins({ portCount: 1, file })) {
    const [port] = twin.ports as [number];
    expect(await comeFrom(port, "127.0.3.1").outcome).toBe("served");
    expect(await comeFrom(port, "127.0.3.1").outcome).toBe("refused");
    expect(await comeFrom(port, "127.0.3.2").outcome).toBe("served");
  }
});

/** @returns a column of `show stat`, by names such as mqtt/one and mqtt/BACKEND */
async function columnOf(twin: Twin, column: string): Promise<ReadonlyMap<string, string>> {
  const rows = (await twin.say("show stat")).split("\n").map((row) => row.split(","));
  const at = rows[0]!.indexOf(column);
  return new Map(rows.slice(1).map((row) => [`${row[0]}/${row[1]}`, row[at] ?? ""]));
}

/** A server whose limit rises from 1 to 4, and one without; clients stick by their address. */
function risingFile(port: number, ports: readonly number[]): string {
  return `${TIMES}
listen mqtt
  bind 127.0.0.1:${port}
  balance roundrobin
  fullconn 8
  stick-table type ip size 10k expire 1h
  stick on src
  server one 127.0.0.1:${ports[0]} minconn 1 maxconn 4
  server two 127.0.0.1:${ports[1]}
`;
}

type Client = ReturnType<typeof comeFrom>;

/**
 * Clients from one address, who stick to one server, come until one has to wait.
 * @returns those who are served, and the one that waits
 */
async function crowd(twin: Twin, address: string): Promise<readonly [Client[], Client]> {
  const served: Client[] = [];
  for (;;) {
    const client = comeFrom(twin.ports[0]!, address);
    const fate = await waitUntil("it is served, or waits", () => {
      const waits = waitingAt(twin, "mqtt").then((count) => (count === 1 ? "waits" : null));
      return Promise.race([client.outcome, waits]);
    });
    if (fate === "waits") return [served, client];
    expect(fate).toBe("served");
    served.push(client);
  }
}

it.each([
  [0, "", 1],
  [2, "", 2],
  [3, "", 3],
  [4, "", 4],
  [4, "set maxconn server mqtt/one 2", 1],
  [6, "set maxconn server mqtt/one 2", 2],
  [2, "set maxconn server mqtt/one 6", 6],
])("minconn with %i clients of another server, %j: %i are served", async (others, command, all) => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const file = (name: Twin["name"], [port]: readonly number[]) =>
    risingFile(port!, brokers[name].ports);
  for (const twin of await startTwins({ portCount: 1, file })) {
    const first = comeFrom(twin.ports[0]!, "127.0.3.1");
    expect(await first.outcome).toBe("served");
    for (let i = 0; i < others; i++) {
      expect(await comeFrom(twin.ports[0]!, "127.0.3.2").outcome).toBe("served");
    }
    if (command !== "") await twin.say(command);
    const [served, waiting] = await crowd(twin, "127.0.3.1");
    expect([twin.name, 1 + served.length]).toEqual([twin.name, all]);
    first.socket.destroy();
    expect(await waiting.outcome).toBe("served");
    const visits = brokers[twin.name].visits.filter((name) => name === "one");
    expect(visits).toHaveLength(all + 1);
  }
});

it("lets those who wait go on when others make the limit rise", async () => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const file = (name: Twin["name"], [port]: readonly number[]) =>
    risingFile(port!, brokers[name].ports);
  // HAProxy looks at its line when a client of that server goes, and at no other time.
  const [, ours] = await startTwins({ portCount: 1, file });
  const [, waiting] = await crowd(ours, "127.0.3.1");
  for (let i = 0; i < 2; i++) {
    expect(await comeFrom(ours.ports[0]!, "127.0.3.2").outcome).toBe("served");
  }
  expect(await waiting.outcome).toBe("served");
});

it("has the same limits in its statistics", async () => {
  const file = (_: Twin["name"], [one, two, three, four, five]: readonly number[]) => `${TIMES}
listen told
  bind 127.0.0.1:${one}
  balance roundrobin
  fullconn 8
  server below 127.0.0.1:1 minconn 2 maxconn 5
  server alone 127.0.0.1:2 minconn 3
  server above 127.0.0.1:3 minconn 6 maxconn 5
  server none 127.0.0.1:4
listen own
  bind 127.0.0.1:${two}
  maxconn 35
  balance roundrobin
  server below 127.0.0.1:5 minconn 2 maxconn 5
frontend few
  bind 127.0.0.1:${three}
  maxconn 20
  default_backend shared
frontend many
  bind 127.0.0.1:${four}
  maxconn 31
  use_backend shared if { src 127.0.0.1 }
  default_backend shared
backend shared
  balance roundrobin
  server below 127.0.0.1:6 minconn 2 maxconn 5
listen lined
  bind 127.0.0.1:${five}
  maxconn 40
  balance source
  server one 127.0.0.1:7 maxconn 5 maxqueue 7
`;
  const [theirs, ours] = await startTwins({ portCount: 5, file });
  const sections = /^(told|own|shared|lined)\/(?!FRONTEND)/;
  const limits = async (twin: Twin, column: string) => {
    const all = [...(await columnOf(twin, column))];
    return all.filter(([name, limit]) => sections.test(name) && limit !== "").sort();
  };
  expect(await limits(ours, "qlimit")).toEqual([["lined/one", "7"]]);
  expect(await limits(theirs, "qlimit")).toEqual([["lined/one", "7"]]);
  expect(await limits(theirs, "slim")).toEqual(await limits(ours, "slim"));
  expect(new Map(await limits(ours, "slim"))).toEqual(
    new Map([
      ["lined/BACKEND", "4"],
      ["lined/one", "5"],
      ["own/BACKEND", "4"],
      ["own/below", "5"],
      ["shared/BACKEND", "6"],
      ["shared/below", "5"],
      ["told/BACKEND", "8"],
      ["told/above", "6"],
      ["told/alone", "3"],
      ["told/below", "5"],
    ]),
  );
});

/** What a twin says of the rates of a frontend and of itself. */
async function ratesOf(twin: Twin, section: string) {
  const [head = "", ...rows] = (await twin.say("show stat -1 1 -1")).split("\n");
  const row = rows.map((each) => each.split(",")).find(([name]) => name === section);
  const limits = (await twin.say("show info")).match(/^\S+RateLimit: \d+$/gm);
  const typed = (await twin.say("show info typed")).match(/[A-Z][a-z]+RateLimit\.1:.*/g);
  return { frontend: row?.[head.split(",").indexOf("rate_lim")], limits, typed };
}

it("lets everybody in who comes faster than a rate, and says so alike", async () => {
  const brokers = { HAProxy: await startBrokers(), Fairlead: await startBrokers() };
  const file = (name: Twin["name"], [port]: readonly number[]) =>
    `${TIMES}listen mqtt\n  bind 127.0.0.1:${port}\n  rate-limit sessions 20\n` +
    `  balance roundrobin\n  server one 127.0.0.1:${brokers[name].ports[0]}\n`;
  const [theirs, ours] = await startTwins({ portCount: 1, file });
  const comeAll = async ({ ports: [port] }: Twin) => {
    const clients = Array.from({ length: 30 }, () => comeFrom(port!, "127.0.0.1"));
    const outcomes = await Promise.all(clients.map(({ outcome }) => outcome));
    expect(outcomes.filter((each) => each !== "served")).toEqual([]);
  };
  const first = await ratesOf(theirs, "mqtt");
  expect(first).toMatchObject({
    frontend: "20",
    limits: expect.arrayContaining(["ConnRateLimit: 0"]),
  });
  expect(await ratesOf(ours, "mqtt")).toEqual(first);
  await Promise.all([comeAll(theirs), comeAll(ours)]);
  for (const [what, perSecond] of [
    ["connections", 15],
    ["sessions", 15],
    ["ssl-sessions", 10],
  ] as const) {
    const command = `set rate-limit ${what} global ${perSecond}`;
    expect(await ours.say(command)).toBe(await theirs.say(command));
  }
  const second = await ratesOf(theirs, "mqtt");
  const shown = ["ConnRateLimit: 15", "SessRateLimit: 15", "SslRateLimit: 10"];
  expect(second.limits).toEqual(shown);
  expect(await ratesOf(ours, "mqtt")).toEqual(second);
  await Promise.all([comeAll(theirs), comeAll(ours)]);
});
