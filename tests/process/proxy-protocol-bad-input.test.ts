// PROXY headers that lie, are cut, come too late or from those who may not send them: each ends its
// connection for its own reason, at once or by its deadline, and nothing is left behind.

import { once } from "node:events";
import { createConnection } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../fuzz/random.ts";
import { fetchEnded } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { Neighbours } from "./neighbours.ts";
import { politeConnect, RudeClient } from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

const MUTATED_COUNT = 2_000;
const AT_A_TIME = 50;

let broker: Mosquitto;
let scene: ManyListeners<"required" | "optional" | "hurried" | "mqtt">;
let neighbours: Neighbours;

beforeAll(async () => {
  broker = await Mosquitto.start();
  const from = ["127.0.0.1", "127.1.0.0/16"];
  scene = await ManyListeners.start({
    workers: 2,
    listeners: {
      required: { proxyProtocol: { from } },
      optional: { proxyProtocol: { mode: "optional", from } },
      hurried: { proxyProtocol: { from, deadline: "300ms" }, connectDeadline: "300ms" },
      mqtt: {},
    },
    pools: { brokers: { servers: [broker.address] } },
  });
  neighbours = await Neighbours.start(scene.ports.mqtt);
});

afterAll(async () => {
  expect(await neighbours.stop()).toEqual([]);
  await scene.end();
  await broker.close();
});

/** A header of version 2 for 192.0.2.1:4000, with what is given instead. */
function v2(given: { length?: number; version?: number; family?: number; more?: Buffer }): Buffer {
  const { version = 0x21, family = 0x11, more = Buffer.alloc(0) } = given;
  const addresses = Buffer.from("c0000201c00002020fa0075b", "hex");
  const rest = Buffer.concat([addresses, more]);
  const length = given.length ?? rest.length;
  const head = [0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
  return Buffer.concat([Buffer.from([...head, version, family, length >> 8, length & 255]), rest]);
}

const v1 = (text: string) => Buffer.from(text, "latin1");
const GOOD_V1 = v1("PROXY TCP4 192.0.2.1 192.0.2.2 4000 1883\r\n");

async function send(
  listener: keyof typeof scene.ports,
  bytes: Uint8Array,
  localAddress = "127.0.0.1",
): Promise<RudeClient> {
  const port = scene.ports[listener];
  const socket = createConnection({ host: "127.0.0.1", port, localAddress });
  await once(socket, "connect");
  socket.write(bytes);
  return new RudeClient(socket);
}

async function expectEnd(reason: string, open: () => Promise<RudeClient>): Promise<void> {
  const before = await fetchEnded(scene.fairlead, reason);
  const client = closeAtEnd(await open());
  expect(await client.ended).toMatch(/FIN|ECONNRESET/);
  await scene.waitForEnded(reason, before + 1);
}

/** Waits until nobody but the neighbours is there. @returns how many have ended by then */
async function settle(): Promise<number> {
  const { fairlead } = scene;
  await waitUntil("all others have gone", async () => {
    return (await fairlead.fetchMetric("fairlead_connections")) === neighbours.count;
  });
  return await fairlead.fetchMetric("fairlead_connections_ended_total");
}

describe("a header from an address that may not send one", () => {
  it.each(["127.0.0.2", "127.2.0.1"])("is not believed: %s", async (from) => {
    for (const header of [GOOD_V1, v2({})]) {
      for (const listener of ["required", "optional"] as const) {
        const bytes = Buffer.concat([header, politeConnect("forger")]);
        await expectEnd("proxy-header-forbidden", () => send(listener, bytes, from));
      }
    }
  });

  it("is believed from its neighbour, who may", async () => {
    const bytes = Buffer.concat([GOOD_V1, politeConnect("honest")]);
    const client = closeAtEnd(await send("required", bytes, "127.1.200.7"));
    await waitUntil("CONNACK", () => client.received.length === 4);
  });
});

describe("a header of version 2 whose length lies", () => {
  it.each([
    ["shorter than its addresses", v2({ length: 4 })],
    ["one byte shorter than its addresses", v2({ length: 11 })],
    ["longer than any", v2({ length: 0xffff })],
    ["for IPv6, as long as for IPv4", v2({ family: 0x21 })],
    ["a TLV that is longer than the header", v2({ more: Buffer.from("0400ff00", "hex") })],
    ["half a TLV", v2({ more: Buffer.from("0400", "hex") })],
    ["a wrong checksum", v2({ more: Buffer.from("03000400000000", "hex") })],
    ["of no version", v2({ version: 0x31 })],
    ["of no command", v2({ version: 0x2f })],
    ["of no family", v2({ family: 0x51 })],
  ])("ends the connection at once: %s", async (_, header) => {
    const bytes = Buffer.concat([header, politeConnect("liar")]);
    await expectEnd("proxy-header-malformed", () => send("required", bytes));
  });

  it("is not waited for beyond the deadline", async () => {
    const bytes = v2({ length: 1_000 });
    await expectEnd("proxy-header-deadline", () => send("hurried", bytes));
  });
});

describe("a header of version 1 that is none", () => {
  it.each([
    ["without an end", `PROXY TCP4 ${"1".repeat(200)}`],
    ["without addresses", "PROXY TCP4\r\n"],
    ["with an address out of range", "PROXY TCP4 300.0.2.1 192.0.2.2 4000 1883\r\n"],
    ["with a port out of range", "PROXY TCP4 192.0.2.1 192.0.2.2 4000 65536\r\n"],
    ["of another family", "PROXY TCP6 192.0.2.1 192.0.2.2 4000 1883\r\n"],
    ["of another protocol", "PROXY UDP4 192.0.2.1 192.0.2.2 4000 1883\r\n"],
    ["with a line feed alone", "PROXY TCP4 192.0.2.1 192.0.2.2 4000 1883\n"],
  ])("ends the connection at once: %s", async (_, text) => {
    const bytes = Buffer.concat([v1(text), politeConnect("liar")]);
    await expectEnd("proxy-header-malformed", () => send("required", bytes));
  });
});

describe("no header", () => {
  it("ends the connection where one is required", async () => {
    await expectEnd("proxy-header-missing", () => send("required", politeConnect("naked")));
  });

  it("is as good where one is optional, from everybody", async () => {
    for (const from of ["127.0.0.1", "127.0.0.2"]) {
      const client = closeAtEnd(await send("optional", politeConnect("naked"), from));
      await waitUntil("CONNACK", () => client.received.length === 4);
    }
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["its first bytes", v2({}).subarray(0, 7)],
    ["half a line", GOOD_V1.subarray(0, 20)],
  ])("comes in time from one that sends %s", async (_, bytes) => {
    await expectEnd("proxy-header-deadline", () => send("hurried", bytes));
  });
});

describe("2,000 mutated headers", () => {
  it("end for reasons of their own, and nobody else notices", async () => {
    const { fairlead } = scene;
    const before = await settle();
    const random = new Random(20_261_121);
    let left = MUTATED_COUNT;
    const sendOneAfterTheOther = async (): Promise<void> => {
      while (left-- > 0) {
        const client = await send("hurried", mutated(random));
        const answered = new Promise((resolve) => client.socket.once("data", resolve));
        await Promise.race([client.ended, answered]);
        client.close();
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, sendOneAfterTheOther));
    await waitUntil("all have ended", async () => (await settle()) === before + MUTATED_COUNT);
    await expect.poll(() => fetchEnded(fairlead, "proxy-header-malformed")).toBeGreaterThan(100);
    const page = await fairlead.fetchPage("/metrics");
    expect(page).toContain('ended_by_reason_total{reason="internal-error"} 0');
    await neighbours.waitForMore();
  });
});

// One to three bytes changed, lost or added, anywhere in a header and the CONNECT behind it.
function mutated(random: Random): Uint8Array {
  const header = random.pick([GOOD_V1, v2({}), v2({ more: Buffer.from("04000100", "hex") })]);
  const bytes = [...header, ...politeConnect("mutant")];
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(bytes.length);
    bytes.splice(at, random.below(3), ...random.bytes(random.below(3)));
  }
  return Uint8Array.from(bytes);
}
