// Two machines behind virtual addresses, with the files of deploy/keepalived and keepalived itself:
// what moves the addresses, what does not, and that clients find their way.

import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { BalancerMachine } from "./balancer-machine.ts";
import {
  addressOf,
  type BridgedHosts,
  DEVICE,
  type Host,
  makeBridgedHosts,
  plug,
} from "./bridged-hosts.ts";
import { keepLines } from "./log-lines.ts";
import { endProcess, findProgram } from "./peer-program.ts";
import { type TlsOutcome, tryTls } from "./tls-clients.ts";
import { waitUntil } from "./wait-until.ts";

const FOLDER = fileURLToPath(new URL("../../deploy/keepalived/", import.meta.url));
const IPV4 = "10.99.3.100";
const IPV6 = "fd99:3::100";
/** Those of the second machine where both have some. */
const OTHERS = ["10.99.3.200", "fd99:3::200"];
/** One that would take over does so after three and a half. */
const ADVERTS_ENOUGH = 5;
/** Of keepalived.conf: what a machine begins with, and what is left without a server. */
const WELL = 150;
const NO_SERVER = 130;
const OUTPUT = { stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"] };

let folder: string;
let hosts: BridgedHosts;
let machines: readonly [BalancerMachine, BalancerMachine];
let broker: ChildProcess;
const brokerLines: string[] = [];
let door: ChildProcess;
let devices: readonly Device[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-addresses-"));
  hosts = await makeBridgedHosts();
  const config = await writeFairlead();
  machines = [
    new BalancerMachine({ hosts, host: "first", folder, config }),
    new BalancerMachine({ hosts, host: "second", folder, config }),
  ];
  startBroker();
  for (const machine of machines) {
    await hosts.run(machine.host, "sysctl", "--quiet", "--load", join(FOLDER, "sysctl.conf"));
    machine.startFairlead();
    machine.startKeepalived(keepalivedFile("keepalived.conf"));
  }
  const far = `TCP:${IPV4}:8883`;
  door = hosts.spawn("client", "socat", [`UNIX-LISTEN:${join(folder, "door")},fork`, far], OUTPUT);
  await waitUntil("a client is served", async () => (await connect("before-all")).accepted);
  devices = [startDevice("device-4", IPV4), startDevice("device-6", IPV6)];
});

afterAll(async () => {
  for (const { child } of devices) await endProcess(child);
  if (door !== undefined) await endProcess(door);
  for (const machine of machines ?? []) await machine.close();
  if (broker !== undefined) await endProcess(broker);
  await hosts?.close();
  rmSync(folder, { recursive: true });
});

/** @returns settings that are the same on both machines */
async function writeFairlead(): Promise<string> {
  const { certFile: certificate, keyFile: key } = (await certificatesOfTest()).server;
  const keys = join(folder, "tickets.keys");
  writeFileSync(keys, randomBytes(80));
  return JSON.stringify({
    workers: 1,
    tls: { ticketKeys: [keys] },
    listeners: {
      everywhere: { listen: ["0.0.0.0:1883", "[::]:1883"], pool: "brokers" },
      // Bound by a machine that does not have them, as sysctl.conf allows.
      virtual: {
        listen: [`${IPV4}:8883`, `[${IPV6}]:8883`],
        pool: "brokers",
        tls: { certificates: [{ certificate, key }] },
      },
    },
    pools: {
      brokers: {
        check: { type: "mqtt", interval: "500ms" },
        servers: [`${addressOf("server")}:1883`],
      },
    },
  });
}

/** @returns a file of deploy/keepalived, filled in */
function keepalivedFile(name: string): string {
  const values: Readonly<Record<string, string>> = {
    INTERFACE: DEVICE,
    ADDRESS_IPV4: IPV4,
    ADDRESS_IPV6: IPV6,
    ADDRESS_OF_FIRST_IPV4: IPV4,
    ADDRESS_OF_FIRST_IPV6: IPV6,
    ADDRESS_OF_SECOND_IPV4: OTHERS[0]!,
    ADDRESS_OF_SECOND_IPV6: OTHERS[1]!,
  };
  const text = readFileSync(join(FOLDER, name), "utf8");
  return text.replaceAll(/^\$(\w+)=.*$/gm, (line, parameter: string) => {
    const value = values[parameter];
    return value === undefined ? line : `$${parameter}=${value}`;
  });
}

/** @returns keepalived.conf, filled in, with what it has for networks without multicast */
function unicastFile(own: Host, other: Host): string {
  const file = keepalivedFile("keepalived.conf");
  const unicast = file.replaceAll(/^( +)! (unicast_| {4}192|\})/gm, "$1$2");
  expect(unicast).toMatch(/^ {4}unicast_peer \{\n {8}192\.0\.2\.12\n {4}\}$/m);
  return unicast.replace("192.0.2.11", addressOf(own)).replace("192.0.2.12", addressOf(other));
}

function startBroker(): void {
  brokerLines.length = 0;
  const file = join(folder, "mosquitto.conf");
  const config = ["listener 1883", "allow_anonymous true", "user root", "log_type all", ""];
  writeFileSync(file, config.join("\n"));
  broker = hosts.spawn("server", "mosquitto", ["-c", file], OUTPUT);
  keepLines(broker, brokerLines);
}

/** A client that stays, and comes back by itself when it is cut. */
interface Device {
  readonly clientId: string;
  readonly host: string;
  child: ChildProcess;
}

function startDevice(clientId: string, host: string): Device {
  return { clientId, host, child: startSubscriber(clientId, host) };
}

/** Its keep alive is the least that it takes. */
function startSubscriber(clientId: string, host: string): ChildProcess {
  const args = ["-h", host, "-i", clientId, "-k", "5", "-t", "news"];
  return hosts.spawn("client", "mosquitto_sub", args, { stdio: "ignore" });
}

/** @returns the addresses that a client came to the broker from, in the order it came */
function cameFrom(clientId: string): string[] {
  return brokerLines.flatMap((line) => {
    const [, address, who] = line.match(/New client connected from (\S+):\d+ as (\S+) /) ?? [];
    return address !== undefined && who === clientId ? [address.replace("::ffff:", "")] : [];
  });
}

async function hasServed({ host }: BalancerMachine, clientId: string): Promise<void> {
  const isLast = () => cameFrom(clientId).at(-1) === addressOf(host);
  await waitUntil(`${clientId} was served by ${host}`, isLast);
}

/** Waits until it has all who stay. */
async function isServedBy({ host }: BalancerMachine): Promise<void> {
  for (const device of devices) {
    const { clientId } = device;
    await waitUntil(`${clientId} is served by ${host}`, () => {
      // It comes back from everything but a CONNACK that refuses it, as without a broker.
      const hasGivenUp = device.child.exitCode !== null;
      if (hasGivenUp) device.child = startSubscriber(clientId, device.host);
      return !hasGivenUp && cameFrom(clientId).at(-1) === addressOf(host);
    });
  }
}

/** A client of TLS at the virtual address. */
function connect(clientId: string, session: Buffer | null = null): Promise<TlsOutcome> {
  const path = join(folder, "door");
  return tryTls({ port: 8883, path, clientId, ...(session === null ? {} : { session }) });
}

async function hasAddresses(machine: BalancerMachine): Promise<void> {
  await waitUntil(`${machine.host} has the addresses`, () => machine.holds([IPV4, IPV6]));
}

/** Waits until nothing is wrong. @returns who has the addresses, and the other one */
async function settle(): Promise<readonly [BalancerMachine, BalancerMachine]> {
  const [first, second] = machines;
  const roles = await waitUntil("one has the addresses", async () => {
    const priorities = machines.map((each) => each.priorityOf("fairlead") ?? WELL);
    if (priorities.some((each) => each !== WELL)) return null;
    const [one, other] = [await first.holds([IPV4, IPV6]), await second.holds([IPV4, IPV6])];
    if (one === other) return null;
    return one ? ([first, second] as const) : ([second, first] as const);
  });
  await isServedBy(roles[0]);
  return roles;
}

describe("the machine that has the addresses", () => {
  it("loses them with its Fairlead, and takes nothing back when it is well again", async () => {
    const [holder, other] = await settle();
    const before = await waitUntil("a client of TLS is served", async () => {
      const outcome = await connect("secure");
      return outcome.accepted ? outcome : null;
    });
    await hasServed(holder, "secure");
    await holder.killFairlead();
    await hasAddresses(other);
    await isServedBy(other);
    const after = await connect("secure", before.session);
    expect(after).toMatchObject({ accepted: true, resumed: true });
    await hasServed(other, "secure");

    const visits = cameFrom("device-4");
    holder.startFairlead();
    await holder.waitForPriority("fairlead", WELL);
    await holder.hear(ADVERTS_ENOUGH);
    expect(await holder.holds([IPV4])).toBe(false);
    expect(await other.holds([IPV4, IPV6])).toBe(true);
    expect(cameFrom("device-4")).toEqual(visits);
  });

  it("keeps them where no machine has a server", async () => {
    const [holder, other] = await settle();
    await endProcess(broker);
    for (const machine of machines) await machine.waitForPriority("fairlead", NO_SERVER);
    await other.hear(ADVERTS_ENOUGH);
    expect(await holder.holds([IPV4, IPV6])).toBe(true);
    expect(await other.holds([IPV4])).toBe(false);
    startBroker();
    await settle();
  });

  it("loses them where it alone has no server", async () => {
    const [holder, other] = await settle();
    const route = ["unreachable", addressOf("server")];
    await hosts.ip(holder.host, "route", "add", ...route);
    await hasAddresses(other);
    await isServedBy(other);
    await hosts.ip(holder.host, "route", "del", ...route);
    expect((await settle())[0].host).toBe(other.host);
  });

  it("loses them with keepalived and its network", async () => {
    const [holder, other] = await settle();
    await plug(hosts, holder.host, "down");
    await holder.endKeepalived("SIGKILL");
    await hasAddresses(other);
    await isServedBy(other);
    await plug(hosts, holder.host, "up");
    holder.startKeepalived(keepalivedFile("keepalived.conf"));
    await holder.hear(ADVERTS_ENOUGH);
    expect((await settle())[0].host).toBe(other.host);
  });
});

describe("two machines that send adverts to each other's own address", () => {
  it("agree on one, and the other one follows when keepalived is stopped", async () => {
    const [first, second] = machines;
    for (const machine of machines) await machine.endKeepalived();
    first.startKeepalived(unicastFile("first", "second"));
    second.startKeepalived(unicastFile("second", "first"));
    const [holder, other] = await settle();
    await holder.endKeepalived();
    await hasAddresses(other);
    await isServedBy(other);
    expect(await holder.holds([IPV4])).toBe(false);
  });
});

describe("two machines that both serve", () => {
  it("have addresses each, and one has all of them when the other's Fairlead is gone", async () => {
    const [first, second] = machines;
    for (const machine of machines) {
      await machine.endKeepalived();
      machine.startKeepalived(keepalivedFile("active-active.conf"));
    }
    await waitUntil("each has its own", async () => {
      const own = (await first.holds([IPV4, IPV6])) && (await second.holds(OTHERS));
      return own && !(await first.holds([OTHERS[0]!])) && !(await second.holds([IPV4]));
    });
    await first.killFairlead();
    await waitUntil("one has all", () => second.holds([IPV4, IPV6, ...OTHERS]));
    await isServedBy(second);
  });
});

describe("keepalived", () => {
  it.each([
    ["keepalived.conf", "first"],
    ["active-active.conf", "first"],
    ["active-active.conf", "second"],
  ])("has nothing against %s on the %s", async (name, id) => {
    await testConfig(keepalivedFile(name), id);
  });

  it("has nothing against unicast, but against words that it does not know", async () => {
    await testConfig(unicastFile("first", "second"), "first");
    const file = keepalivedFile("keepalived.conf");
    await expect(testConfig(file.replace("advert_int", "adverts"), "first")).rejects.toThrow(
      "'adverts'",
    );
  });

  /** Rejects with what is wrong with a file. */
  async function testConfig(config: string, id: string): Promise<void> {
    const file = join(folder, "tested.conf");
    writeFileSync(file, config);
    const args = ["--config-test", "--config-id", id, "--use-file", file];
    // Version 2.2.7 ends itself in a test of scripts with a user unless its parent is process 0.
    const alone = ["--fork", "--pid", findProgram("keepalived")];
    await hosts.run("client", "unshare", ...alone, ...args);
  }
});
