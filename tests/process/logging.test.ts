// Log lines of a real Fairlead at real receivers: UDP, a Unix socket, TCP; and what becomes of its
// clients when a receiver hangs.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UdpReceiver, UnixReceiver } from "../fixtures/log-receiver.ts";
import { startBalancer, waitForEnd } from "./balancer.ts";
import { Mosquitto } from "./mosquitto.ts";
import { findProgram } from "./peer-program.ts";
import { PublisherPool } from "./publishers.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

const DISCONNECT = Uint8Array.of(0xe0, 0);

let folder: string;
let broker: Mosquitto;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-logging-"));
  broker = await Mosquitto.start();
});

afterAll(async () => {
  await broker.close();
  rmSync(folder, { recursive: true });
});

async function comeAndGo(port: number, clientId: string): Promise<void> {
  const client = await RawClient.connect({ port, clientId });
  client.socket.end(DISCONNECT);
  await client.closed;
}

/** Clients that come and go together. */
const AT_ONCE = 100;
/** 8 KB a line: 80 MB, many times what the kernel and an outlet keep. */
const ROUNDS_MAX = 100;
/** More than an outlet loses in a burst. */
const DROPPED_MIN = 5 * AT_ONCE;
const PADDING = "x".repeat(8_000);

async function comeAndGoTogether(port: number, name: string): Promise<void> {
  await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => comeAndGo(port, `${name}-${i}`)));
}

/** One that takes connections or messages and reads nothing; stdout needs none of its own. */
async function openDeafReceiver(kind: "tcp" | "unix" | "stdout") {
  if (kind === "stdout") return { to: kind, [Symbol.asyncDispose]: async () => {} };
  if (kind === "unix") {
    const unix = new UnixReceiver(join(folder, "deaf"));
    return { to: `unix://${folder}/deaf`, [Symbol.asyncDispose]: async () => unix.close() };
  }
  const taken: Socket[] = [];
  const tcp = createServer({ pauseOnConnect: true }, (socket) => taken.push(socket));
  await once(tcp.listen(0, "127.0.0.1"), "listening");
  const close = async () => {
    for (const socket of taken) socket.destroy();
    tcp.close();
  };
  const { port } = tcp.address() as AddressInfo;
  return { to: `tcp://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

const servers = () => [`127.0.0.1:${broker.port}`];

describe("log.outlets", () => {
  it("has several places at once, each with its own format, header and filter", async () => {
    const [udp, faults] = [await UdpReceiver.open(), await UdpReceiver.open()];
    const unix = new UnixReceiver(join(folder, "several"));
    const outlets = [
      "{ to: stdout }",
      `{ to: "udp://127.0.0.1:${udp.port}", header: rfc5424, facility: local3, level: info, ` +
        'format: haproxy, template: "%[mqtt.client_id] %ft %b/%s %ts", host: gate, tag: lb }',
      `{ to: "udp://127.0.0.1:${faults.port}", header: raw, access: { only: faults } }`,
      `{ to: "unix://${folder}/several", header: local, format: nginx, ` +
        'template: "$status $upstream_addr", access: { listeners: [mqtt] } }',
    ];
    const sections = [`log: { outlets: [${outlets.join(", ")}] }`];
    const { port, fairlead } = await startBalancer({ servers: servers(), sections });
    await comeAndGo(port, "meter-1");
    await waitForEnd(fairlead, "meter-1");
    const line = await waitUntil("UDP has the line", () =>
      udp.messages.find((message) => message.includes("meter-1")),
    );
    expect(line).toMatch(
      /^<158>1 \d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d gate lb \d+ - - meter-1 mqtt brokers\/\S+ --$/,
    );
    const lines: string[] = [];
    await waitUntil("the Unix socket has it", () => {
      for (let next = unix.read(); next !== null; next = unix.read()) lines.push(next);
      return lines.some((each) => each.endsWith(`fairlead[${fairlead.pid}]: 200 ${servers()[0]}`));
    });
    expect(lines.some((each) => each.includes("Fairlead") && each.startsWith("<133>"))).toBe(true);
    expect(faults.messages.some((message) => message.includes("meter-1"))).toBe(false);
    await Promise.all([udp.close(), faults.close()]);
    unix.close();
  });

  it("changes while it runs, by a reload", async () => {
    const udp = await UdpReceiver.open();
    const { port, fairlead } = await startBalancer({ servers: servers() });
    const config = (log: string) => `
admin: { listen: "127.0.0.1:${fairlead.adminPort}" }
workers: 1
log: ${log}
listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: brokers } }
pools: { brokers: { check: { type: none }, servers: ["${servers()[0]}"] } }
`;
    fairlead.writeConfig(
      config(`{ outlets: [{ to: "udp://127.0.0.1:${udp.port}", header: raw }] }`),
    );
    expect(await fairlead.reload()).toMatchObject({ outcome: "applied" });
    await comeAndGo(port, "after-reload");
    await waitUntil("UDP has the line", () =>
      udp.messages.some((message) => message.includes('"clientId":"after-reload"')),
    );
    const there = `{ to: "udp://127.0.0.1:${udp.port}" }`;
    fairlead.writeConfig(config(`{ outlets: [{ to: stdout, access: false }, ${there}] }`));
    await fairlead.reload();
    await comeAndGo(port, "elsewhere");
    await waitUntil("UDP has this one, too", () =>
      udp.messages.some((message) => message.includes('"clientId":"elsewhere"')),
    );
    fairlead.writeConfig(config("{ access: true }"));
    await fairlead.reload();
    await comeAndGo(port, "heard-again");
    await waitForEnd(fairlead, "heard-again");
    expect(fairlead.lines.some((line) => line.includes("elsewhere"))).toBe(false);
    await udp.close();
  });

  // The metric rises so far only once the buffers of the kernel and of the outlet are full: a log
  // that waited for its receiver would stand still before that, and with it the page of the metric,
  // the clients whose ends nobody takes any more, and `stop`.
  it.each(["tcp", "unix", "stdout"] as const)(
    "serves clients as ever while nobody reads its lines at %s, and counts those it drops",
    async (kind) => {
      await using receiver = await openDeafReceiver(kind);
      const outlet = `{ to: "${receiver.to}", format: haproxy, template: "%ci ${PADDING}" }`;
      const { port, fairlead } = await startBalancer({
        servers: servers(),
        sections: [`log: { outlets: [${outlet}] }`],
        isOutputRead: false,
      });
      const publishers = await PublisherPool.open(port, `steady-${kind}`, 20);
      publishers.start();
      const dropped = () => fairlead.fetchMetric("fairlead_log_lines_dropped_total");
      let rounds = 0;
      for (; (await dropped()) < DROPPED_MIN; rounds++) {
        expect(rounds).toBeLessThan(ROUNDS_MAX);
        await comeAndGoTogether(port, `fills-${kind}-${rounds}`);
      }
      const acknowledgedBefore = publishers.acknowledged;
      await comeAndGoTogether(port, `later-${kind}`);
      await waitUntil("all publish again and get each PUBACK", () => {
        return publishers.acknowledged >= acknowledgedBefore + 20;
      });
      publishers.stop();
      await waitUntil("the last PUBACK is there", () => publishers.isQuiet);
      expect([publishers.openCount, publishers.faults]).toEqual([20, []]);
      await publishers.disconnectAll();
      expect(await fairlead.stop()).toBe(0);
    },
  );

  it("serves clients as ever while a receiver is not there", async () => {
    const outlets = `[{ to: stdout }, { to: "unix://${folder}/nobody" }]`;
    const sections = [`log: { outlets: ${outlets} }`];
    const { port, fairlead } = await startBalancer({ servers: servers(), sections });
    await comeAndGo(port, "heard-by-one");
    await waitForEnd(fairlead, "heard-by-one");
    const told = await fairlead.waitForLog("the receiver is missed", ({ event }) => {
      return event === "log-outlet";
    });
    expect(told).toMatchObject({
      level: "warn",
      msg: `Cannot send log lines to "unix://${folder}/nobody": no such file or folder`,
    });
    expect(await fairlead.stop()).toBe(0);
  });

  it("keeps a file of connections free of all else", async () => {
    const file = join(folder, "connections.log");
    const format = 'format: haproxy, template: "%ci %[mqtt.client_id] %ts"';
    const { port, fairlead } = await startBalancer({
      servers: servers(),
      sections: [
        `log: { outlets: [{ to: stdout }, { to: "file://${file}", events: false, ${format} }] }`,
      ],
    });
    await comeAndGo(port, "the-only-line");
    await waitForEnd(fairlead, "the-only-line");
    expect(await fairlead.stop()).toBe(0);
    expect(readFileSync(file, "utf8")).toBe("127.0.0.1 the-only-line --\n");
  });

  it("says on standard error that its only file cannot be opened", async () => {
    const file = `file://${folder}/none/fairlead.log`;
    const { fairlead } = await startBalancer({
      servers: servers(),
      sections: [`log: { outlets: [{ to: "${file}" }] }`],
    });
    await waitUntil("it complains", () => fairlead.lines.length > 0);
    expect(fairlead.lines).toEqual([`Cannot send log lines to "${file}": no such file or folder`]);
    expect(await fairlead.stop()).toBe(0);
  });

  it("says who was turned away at a limit", async () => {
    const { port, fairlead } = await startBalancer({
      servers: servers(),
      listener: "connections: 1",
    });
    const first = await RawClient.connect({ port, clientId: "the-one" });
    await expect(RawClient.connect({ port, clientId: "too-many" })).rejects.toThrow();
    const line = await fairlead.waitForLog("a line for it", ({ reason }) => {
      return reason === "listener-full";
    });
    expect(line).toMatchObject({ client: expect.stringMatching(/^127\.0\.0\.1:\d+$/), pool: null });
    first.socket.destroy();
  });
});

/** @returns what ss says of a keep-alive timer (`1min16sec`, `44sec`) at an address; else NaN */
function secondsUntilProbe(lines: readonly string[], address: string): number {
  const line = lines.find((each) => each.includes(`${address} `) && each.includes("(keepalive,"));
  const [, minutes = 0, seconds] = /keepalive,(?:(\d+)min)?(\d+)sec/.exec(line ?? "") ?? [];
  return 60 * Number(minutes) + Number(seconds);
}

describe("tcpKeepAlive", () => {
  it.each(["epoll", "io_uring"])("is set on both sides, on %s", async (reactor) => {
    const { port, fairlead } = await startBalancer({
      servers: servers(),
      listener: "tcpKeepAlive: { idle: 77s, interval: 5s, count: 3 }",
      pool: ["check: { type: none }", "tcpKeepAlive: { idle: 99s }"],
      env: { FAIRLEAD_TEST_REACTOR: reactor },
    });
    const client = await RawClient.connect({ port, clientId: "kept" });
    expect(await fairlead.fetchReactors()).toEqual([reactor]);
    const ends = [`127.0.0.1:${port}`, servers()[0]!];
    // What waits to be acknowledged has another timer for so long.
    const [near, far] = await waitUntil("nothing but the probes is to come", () => {
      const timers = execFileSync(findProgram("ss"), ["-Htno", "state", "established"], {
        encoding: "utf8",
      }).split("\n");
      const both = ends.map((end) => secondsUntilProbe(timers, end));
      return both.some(Number.isNaN) ? null : (both as [number, number]);
    });
    expect(near).toBeLessThanOrEqual(77);
    expect(far).toBeLessThanOrEqual(99);
    expect(far).toBeGreaterThan(near);
    client.socket.destroy();
  });
});
