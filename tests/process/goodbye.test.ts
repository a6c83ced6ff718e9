// What clients are told when Fairlead is stopped, and when it may stop at once.
import { type EventEmitter, once } from "node:events";
import { describe, expect, it } from "vitest";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { canConnect, Mosquitto } from "./mosquitto.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

const SERVER_SHUTTING_DOWN = 0x8b;

async function startWith(grace: string): Promise<Balancer & { readonly broker: Mosquitto }> {
  const broker = closeAtEnd(await Mosquitto.start());
  const sections = [`shutdown: { grace: ${grace} }`];
  const balancer = await startBalancer({ servers: [broker.address], workers: 2, sections });
  return { ...balancer, broker };
}

// MQTT.js's emitter is not Node's own.
function onceOf({ client }: JsClient, event: "close" | "disconnect"): Promise<unknown[]> {
  return once(client as unknown as EventEmitter, event);
}

describe("stopping", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "on %s tells clients of 5.0 why, closes the others cleanly and exits with 0",
    async (signal) => {
      const { port, fairlead, broker } = await startWith("1s");
      const five = closeAtEnd(await JsClient.connect(port, { protocolVersion: 5, clientId: "5" }));
      const told = onceOf(five, "disconnect");
      const four = closeAtEnd(await JsClient.connect(port, { protocolVersion: 4, clientId: "4" }));
      const errors: Error[] = [];
      for (const { client } of [five, four]) client.on("error", (error) => errors.push(error));
      const closed = Promise.all([five, four].map((client) => onceOf(client, "close")));
      const raw = closeAtEnd(await RawClient.connect({ port, clientId: "raw", level: 3 }));

      fairlead.signal(signal);
      expect((await told)[0]).toMatchObject({ reasonCode: SERVER_SHUTTING_DOWN });
      await closed;
      await raw.closed;
      expect(errors).toEqual([]);
      await waitUntil("the process has ended", () => fairlead.exitCode !== null);
      expect(fairlead.exitCode).toBe(0);
      const ends = () => fairlead.log.filter(({ event }) => event === "connection");
      await waitUntil("the log is read to its end", () => ends().length === 3);
      expect(new Set(ends().map(({ reason }) => reason))).toEqual(new Set(["shut-down"]));
      expect(await canConnect(port)).toBe(false);
      expect(broker.complaints).toEqual([]);
    },
  );

  it("tells so by every way that clients come", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const { ca, server } = await certificatesOfTest();
    const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
    const { fairlead, ports } = await ManyListeners.start({
      listeners: { mqtt: {}, mqtts: { tls }, ws: { websocket: {} }, wss: { tls, websocket: {} } },
      pools: { brokers: { servers: [broker.address] } },
      sections: { shutdown: { grace: "100ms" } },
    });
    closeAtEnd(fairlead);
    const told: unknown[] = [];
    const closed: Promise<unknown>[] = [];
    for (const [way, port] of Object.entries(ports)) {
      for (const protocolVersion of [4, 5] as const) {
        const options = { ca: ca.cert, protocolVersion, clientId: `${way}-${protocolVersion}` };
        const client = await JsClient.connectTo(`${way}://127.0.0.1:${port}/mqtt`, options);
        closed.push(onceOf(closeAtEnd(client), "close"));
        client.client.on("disconnect", ({ reasonCode }) => told.push(reasonCode));
      }
    }
    fairlead.signal("SIGTERM");
    await Promise.all(closed);
    expect(told).toEqual(Array(4).fill(SERVER_SHUTTING_DOWN));
  });

  it("waits for nobody when nobody is there", async () => {
    const { port, fairlead } = await startWith("1h");
    const guest = closeAtEnd(await RawClient.connect({ port, clientId: "guest" }));
    await guest.disconnect();
    expect(await fairlead.stop()).toBe(0);
  });

  it("loses no message that a client got an acknowledgement for", async () => {
    const { port, fairlead, broker } = await startWith("1s");
    const witness = closeAtEnd(await JsClient.connect(broker.port));
    await witness.client.subscribeAsync("numbers", { qos: 1 });
    const acknowledged: string[] = [];
    const publisher = closeAtEnd(await JsClient.connect(port, { protocolVersion: 5 }));
    const publishing = (async () => {
      for (let i = 0; publisher.client.connected; i++) {
        await publisher.client.publishAsync("numbers", `${i}`, { qos: 1 });
        acknowledged.push(`${i}`);
      }
    })().catch(() => {
      // The publish under way when the connection ended; it was not acknowledged.
    });
    await waitUntil("it publishes", () => acknowledged.length > 10);
    fairlead.signal("SIGTERM");
    await onceOf(publisher, "close");
    await publisher.close();
    await publishing;
    await waitUntil("all are there", () => witness.received.length >= acknowledged.length);
    const received = witness.received.map(({ payload }) => payload);
    expect(received.slice(0, acknowledged.length)).toEqual(acknowledged);
    await waitUntil("the process has ended", () => fairlead.exitCode !== null);
    expect(fairlead.exitCode).toBe(0);
  });
});
