// The admin address under a crowd: a thousand readers of events who do not read. Memory stays
// bounded, whoever is beyond the limits is told so and counted, and clients do not notice.
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { STREAMS_MAX, UNREAD_MAX_BYTES } from "../../src/admin/event-stream.ts";
import { startBalancer } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";
import { peakMemoryMiB } from "./process-facts.ts";
import { waitUntil } from "./wait-until.ts";

const READERS = 1_000;
const MIB = 1024 * 1024;
/** What is unread for readers who may follow, and as much again for what Node makes of it. */
const MEMORY_MAX_MIB = (2 * STREAMS_MAX * UNREAD_MAX_BYTES) / MIB + 128;

/** Asks for events and never reads one. */
function openSlowReader(adminPort: number): Socket {
  const socket = connect({ host: "127.0.0.1", port: adminPort });
  socket.on("error", () => {});
  socket.write("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return socket.pause();
}

it("a thousand slow readers of events take no more than they may, and clients go on", async () => {
  const broker = closeAtEnd(await Mosquitto.start());
  const pool = ["check: { type: none }", "stick: { by: client-id }"];
  const { fairlead, port } = await startBalancer({ servers: [broker.address], pool });
  const { client } = closeAtEnd(await JsClient.connect(port, { clientId: "unmoved" }));
  const before = peakMemoryMiB(fairlead.pid);
  for (let i = 0; i < READERS; i++) {
    const socket = openSlowReader(fairlead.adminPort);
    closeAtEnd({ close: () => socket.destroy() });
  }
  const metric = (name: string) => fairlead.fetchMetric(`fairlead_admin_${name}`);
  await waitUntil("as many follow as may, and the others were refused", async () => {
    const refused = await metric('requests_refused_total{status="503"}').catch(() => 0);
    return refused >= READERS - STREAMS_MAX && (await metric("event_streams")) === STREAMS_MAX;
  });

  const url = `http://127.0.0.1:${fairlead.adminPort}/api/v1/tables/brokers/entries/`;
  const headers = { "fairlead-request": "test" };
  let acknowledged = 0;
  await waitUntil("those who follow and do not read are cut off", async () => {
    const act = () => fetch(url + "k".repeat(1_000), { method: "DELETE", headers });
    const answers = await Promise.all(Array.from({ length: 200 }, act));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    await client.publishAsync("still/here", "x", { qos: 1 });
    acknowledged++;
    return (await metric("event_streams")) === 0;
  });
  expect(acknowledged).toBeGreaterThan(0);
  await expect.poll(() => metric("event_streams_cut_off_total")).toBe(STREAMS_MAX);
  expect(peakMemoryMiB(fairlead.pid) - before).toBeLessThan(MEMORY_MAX_MIB);
  expect(fairlead.log.filter(({ event }) => event === "connection")).toEqual([]);
  const refusal = await fairlead.waitForLog("a refusal", ({ status }) => status === 503);
  expect(refusal).toMatchObject({ event: "admin-refused" });
});
