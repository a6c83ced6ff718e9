// Log lines of a real Fairlead at real receivers: UDP, a Unix socket, TCP; and what becomes of its
// clients when a receiver hangs.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UdpReceiver, UnixReceiver } from "../fixtures/log-receiver.ts";
import { startBalancer, waitForEnd } from "./balancer.ts";
import { Mosquitto } from "./mosquitto.ts";
import { findProgram } from "./peer-program.ts";
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

  it("serves clients as ever while a receiver hangs or is not there", async () => {
    const hung: Socket[] = [];
    const tcp = createServer((socket) => hung.push(socket.pause())).listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const unix = new UnixReceiver(join(folder, "hangs"));
    const outlets = [
      "{ to: stdout }",
      `{ to: "tcp://127.0.0.1:${(tcp.address() as AddressInfo).port}" }`,
      `{ to: "unix://${folder}/hangs" }`,
      `{ to: "unix://${folder}/nobody" }`,
    ];
    const sections = [`log: { outlets: [${outlets.join(", ")}] }`];
    const { port, fairlead } = await startBalancer({ servers: servers(), sections });
    for (let round = 0; round < 10; round++) {
      const ids = Array.from({ length: 20 }, (_, i) => `client-${round}-${i}`);
      await Promise.all(ids.map((id) => comeAndGo(port, id)));
    }
    await waitForEnd(fairlead, "client-9-19");
    for (const socket of hung) socket.destroy();
    tcp.close();
    unix.close();
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
    const timers = execFileSync(findProgram("ss"), ["-Htno", "state", "established"], {
      encoding: "utf8",
    }).split("\n");
    const near = secondsUntilProbe(timers, `127.0.0.1:${port}`);
    const far = secondsUntilProbe(timers, servers()[0]!);
    expect(near).toBeLessThanOrEqual(77);
    expect(far).toBeLessThanOrEqual(99);
    expect(far).toBeGreaterThan(near);
    client.socket.destroy();
  });
});
