// A server that answers CONNECT with "busy", beside a real broker: clients see the CONNACK that
// counts and no other. No real broker can be made to be busy for good.
import type { Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { ScriptedBroker } from "../fixtures/scripted-broker.ts";
import { startBalancer } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";

const CLIENTS = 6;
/** 3.1.1, table 3.1: Server unavailable. */
const UNAVAILABLE = 3;
/** 5.0, 3.2.2.2: Server busy. */
const BUSY = 0x89;

function startBusy(): Promise<ScriptedBroker> {
  return ScriptedBroker.start((packet: Packet) => {
    if (packet.cmd !== "connect") return [];
    const code = packet.protocolVersion === 5 ? { reasonCode: BUSY } : { returnCode: UNAVAILABLE };
    return [{ cmd: "connack", sessionPresent: false, ...code }];
  });
}

async function start(servers: readonly { readonly port: number }[]) {
  return startBalancer({
    servers: servers.map(({ port }, i) => `{ name: node${i}, address: "127.0.0.1:${port}" }`),
    pool: ["check: { type: none }", "balance: round-robin"],
  });
}

describe.each([4, 5] as const)("a server that is busy, to clients of version %i", (version) => {
  it("is passed over for the next, and the client sees that one's CONNACK only", async () => {
    const busy = closeAtEnd(await startBusy());
    const broker = closeAtEnd(await Mosquitto.start());
    const { port, fairlead } = await start([busy, broker]);
    for (let i = 0; i < CLIENTS; i++) {
      const options = { clientId: `device-${i}`, protocolVersion: version };
      const js = closeAtEnd(await JsClient.connect(port, options));
      await js.client.subscribeAsync(`to/${i}`, { qos: 1 });
      await js.client.publishAsync(`to/${i}`, "there", { qos: 1 });
      expect((await js.waitFor(`to/${i}`)).payload).toBe("there");
    }
    const asked = busy.of("connect").length;
    expect(asked).toBeGreaterThan(0);
    await expect.poll(() => fairlead.fetchMetric("fairlead_busy_answers_total")).toBe(asked);
    expect(busy.packets).toHaveLength(asked);
    expect(broker.complaints).toEqual([]);
  });

  it("says so itself when there is no other", async () => {
    const servers = [closeAtEnd(await startBusy()), closeAtEnd(await startBusy())];
    const { port } = await start(servers);
    const code = version === 5 ? BUSY : UNAVAILABLE;
    const options = { clientId: "device", protocolVersion: version };
    await expect(JsClient.connect(port, options)).rejects.toMatchObject({ code });
    expect(servers.map((server) => server.of("connect").length)).toEqual([1, 1]);
  });
});
