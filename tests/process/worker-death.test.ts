// A worker cannot be made to die from outside, so the supervisor runs in the test's own process,
// with the built worker, and ends one where it is.

import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { endpointPort } from "../../src/bytes/endpoint.ts";
import { LISTENER_COUNTER } from "../../src/shm/counters.ts";
import { Supervisor } from "../../src/supervisor/supervisor.ts";
import { startThreadAt, type WorkerThread } from "../../src/supervisor/worker-thread.ts";
import { makeMemoryLogger } from "../fixtures/memory-logger.ts";
import { settingsFrom } from "../fixtures/settings.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

const BUILT_WORKER = new URL("../../dist/worker.js", import.meta.url);
const CLIENTS = 40;

async function startSupervisor(brokerPort: number, reactor: string) {
  const threads: WorkerThread[] = [];
  const { logger, lines } = makeMemoryLogger();
  const supervisor = await Supervisor.start({
    settings: await settingsFrom(`
workers: 2
reactor: ${reactor}
listeners: { mqtt: { listen: "127.0.0.1:1883", pool: brokers } }
pools: { brokers: { servers: ["127.0.0.1:${brokerPort}"] } }
`),
    coreCount: 2,
    logger,
    startThread: (...of) => {
      const thread = startThreadAt(BUILT_WORKER, ...of);
      threads.push(thread);
      return thread;
    },
  });
  closeAtEnd({ close: () => supervisor.stop(0) });
  return { supervisor, threads, lines };
}

async function connectAll(port: number): Promise<RawClient[]> {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) => RawClient.connect({ port, clientId: `client-${i}` })),
  );
  for (const { socket } of clients) closeAtEnd({ close: () => socket.destroy() });
  return clients;
}

describe("a worker that dies", () => {
  it.each(["epoll", "io_uring"])(
    "takes its own clients along, gives everything back and is replaced: %s",
    async (reactor) => {
      const broker = closeAtEnd(await Mosquitto.start());
      const { supervisor, threads, lines } = await startSupervisor(broker.port, reactor);
      const { shared, seats } = supervisor;
      expect(seats.map((seat) => seat.reactor)).toEqual([reactor, reactor]);
      const port = endpointPort(supervisor.endpointOf(0)!, 0);
      const openBefore = readdirSync("/proc/self/fd").length;
      const clients = await connectAll(port);
      const [kept, lost] = [0, 1].map((worker) => shared.process.share(0, worker)) as [
        number,
        number,
      ];
      expect(kept + lost).toBe(CLIENTS);
      expect(lost).toBeGreaterThan(0);

      const bytesIn = () => supervisor.traffic.sum(0, LISTENER_COUNTER.bytesIn);
      const bytesBefore = bytesIn();
      expect(bytesBefore).toBeGreaterThan(CLIENTS);
      threads[1]!.terminate();
      await waitUntil("the worker is replaced", () => {
        return seats[1]!.replacementCount === 1 && seats[1]!.state === "serving";
      });
      expect(lines).toContainEqual(
        expect.objectContaining({ level: "error", worker: 1, connectionCount: lost }),
      );
      expect(bytesIn()).toBe(bytesBefore);
      expect(shared.process.total(0)).toBe(kept);
      expect(shared.servers.active(0)).toBe(kept);
      await waitUntil("its clients have noticed", () => {
        return clients.filter(({ socket }) => socket.destroyed).length === lost;
      });

      await connectAll(port);
      expect(shared.process.share(0, 1)).toBeGreaterThan(0);
      await supervisor.stop(0);
      expect([shared.process.total(0), shared.servers.active(0)]).toEqual([0, 0]);
      await waitUntil("no file is left", () => readdirSync("/proc/self/fd").length <= openBefore);
    },
  );
});
