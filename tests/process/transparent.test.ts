// Connections to servers that come from the client's own address (IP_TRANSPARENT), between hosts:
// the server sees who the client is, without a word of the PROXY protocol.

import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepLines } from "./log-lines.ts";
import { makeRowOfHosts, type RowOfHosts } from "./namespaces.ts";
import { endProcess } from "./peer-program.ts";
import { waitUntil } from "./wait-until.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** Ports: each host has its own. */
const CONFIG = {
  admin: { listen: "127.0.0.1:8888" },
  reactor: ["$", "{FAIRLEAD_TEST_REACTOR:-auto}"].join(""),
  workers: 2,
  listeners: {
    ipv4: { listen: "10.99.1.1:1883", pool: "ipv4" },
    ipv6: { listen: "[fd99:1::1]:1883", pool: "ipv6" },
    named: { listen: "10.99.1.1:1884", pool: "ipv4", proxyProtocol: {} },
    opaque: { listen: "10.99.1.1:1885", pool: "opaque" },
    several: { listen: "10.99.1.1:1886", pool: "several" },
    elsewhere: { listen: "203.0.113.9:1883", transparent: true, pool: "opaque" },
    inside: { listen: "0.0.0.0:1887", interface: "to-client", pool: "opaque" },
  },
  pools: {
    ipv4: { source: "client", check: { type: "none" }, servers: ["10.99.2.2:1883"] },
    ipv6: { source: "client", check: { type: "none" }, servers: ["[fd99:2::2]:1883"] },
    several: {
      source: ["10.99.2.1", "10.99.2.9"],
      check: { type: "none" },
      servers: ["10.99.2.2:1883"],
    },
    opaque: { source: "10.99.2.1", check: { type: "none" }, servers: ["10.99.2.2:1883"] },
  },
};

let folder: string;
let hosts: RowOfHosts;
let children: ChildProcess[];
let brokerLines: string[];
let fairleadLines: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-transparent-"));
  hosts = await makeRowOfHosts();
  await hosts.run("balancer", "ip", "addr", "add", "10.99.2.9/24", "dev", "to-server");
  const [brokerFile, file] = [join(folder, "mosquitto.conf"), join(folder, "fairlead.yaml")];
  const broker = ["listener 1883", "allow_anonymous true", "user root", "log_type all", ""];
  writeFileSync(brokerFile, broker.join("\n"));
  writeFileSync(file, JSON.stringify(CONFIG));
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const options = { stdio: [...stdio] };
  children = [
    hosts.spawn("server", "mosquitto", ["-c", brokerFile], options),
    hosts.spawn("balancer", process.execPath, [MAIN, "run", "-c", file], options),
  ];
  brokerLines = keepLines(children[0]!);
  fairleadLines = keepLines(children[1]!);
  await waitUntil("a client gets through", async () => {
    return await publish("10.99.1.1", "1883", "first").then(
      () => true,
      () => false, // One of the two does not listen yet; waitUntil asks again.
    );
  });
});

afterAll(async () => {
  for (const child of children ?? []) await endProcess(child);
  await hosts?.close();
  rmSync(folder, { recursive: true });
});

function publish(host: string, port: string, clientId: string): Promise<string> {
  const args = ["-h", host, "-p", port, "-i", clientId, "-t", "aa", "-m", "bb", "-q", "1"];
  return hosts.run("client", "mosquitto_pub", ...args);
}

/** @returns the address that the broker knows a client by */
async function addressOf(clientId: string): Promise<string> {
  const line = await waitUntil(`the broker's log has ${clientId}`, () => {
    return brokerLines.find((each) => each.includes(`as ${clientId} `));
  });
  const [, address] = line.match(/New client connected from (\S+):\d+ as/) ?? [];
  return address ?? line;
}

describe("a server whose connections come from the client's address", () => {
  it("sees it: IPv4", async () => {
    await publish("10.99.1.1", "1883", "by-ipv4");
    expect(await addressOf("by-ipv4")).toMatch(/^(::ffff:)?10\.99\.1\.2$/);
  });

  it("sees it: IPv6", async () => {
    await publish("fd99:1::1", "1883", "by-ipv6");
    expect(await addressOf("by-ipv6")).toBe("fd99:1::2");
  });

  it("sees the address that a PROXY header names", async () => {
    const connect = Buffer.concat([
      Buffer.from("PROXY TCP4 203.0.113.7 10.99.1.1 4000 1884\r\n"),
      Buffer.from("101800044d5154540402003c000c", "hex"),
      Buffer.from("by-proxy-hdr"),
    ]);
    const script = `
      const socket = require("net").connect(1884, "10.99.1.1", () => {
        socket.write(Buffer.from("${connect.toString("hex")}", "hex"));
      });
      socket.on("data", (bytes) => { console.log(bytes.toString("hex")); socket.destroy(); });
      socket.on("error", (error) => console.log(error.message));
    `;
    expect(await hosts.run("client", process.execPath, "-e", script)).toBe("20020000\n");
    expect(await addressOf("by-proxy-hdr")).toMatch(/^(::ffff:)?203\.0\.113\.7$/);
  });

  it("sees an address of the balancer where the pool names one", async () => {
    await publish("10.99.1.1", "1885", "by-address");
    expect(await addressOf("by-address")).toMatch(/^(::ffff:)?10\.99\.2\.1$/);
  });

  it("sees several addresses of the balancer in turn where the pool names them", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `turn-${i}`);
    for (const name of names) await publish("10.99.1.1", "1886", name);
    const addresses = await Promise.all(names.map(addressOf));
    const count = (end: string) => addresses.filter((each) => each.endsWith(end)).length;
    // Each of the two workers takes turns by itself.
    expect(count("10.99.2.1") + count("10.99.2.9")).toBe(8);
    expect(Math.abs(count("10.99.2.1") - count("10.99.2.9"))).toBeLessThanOrEqual(2);
  });

  it("serves many clients from one address at a time", async () => {
    const names = Array.from({ length: 20 }, (_, i) => `many-${i}`);
    await Promise.all(names.map((name) => publish("10.99.1.1", "1883", name)));
    const addresses = await Promise.all(names.map(addressOf));
    expect(new Set(addresses.map((address) => address.replace("::ffff:", "")))).toEqual(
      new Set(["10.99.1.2"]),
    );
    const failed = fairleadLines.filter((line) => line.includes("dial-failed"));
    expect(failed).toEqual([]);
  });
});

describe("a listener", () => {
  it("may be at an address of another machine, once that is routed here", async () => {
    await hosts.run("balancer", "ip", "route", "add", "local", "203.0.113.9", "dev", "lo");
    await publish("203.0.113.9", "1883", "elsewhere");
    expect(await addressOf("elsewhere")).toMatch(/10\.99\.2\.1$/);
  });

  it("may be on one network interface: others find nobody there", async () => {
    await publish("10.99.1.1", "1887", "inside");
    expect(await addressOf("inside")).toMatch(/10\.99\.2\.1$/);
    await expect(
      hosts.run("server", "mosquitto_pub", "-h", "10.99.2.1", "-p", "1887", "-t", "a", "-m", "b"),
    ).rejects.toThrow("Connection refused");
  });
});
