// Consecutive loopback ports that nobody listens on, for `--node-port 0`.
//
// The ports are free when this returns and nobody holds them after that: binding says who came
// first.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

const TRIES_MAX = 50;

/** @returns the first of `count` free ports in a row on 127.0.0.1 */
export async function findFreePorts(count: number): Promise<number> {
  for (let i = 0; i < TRIES_MAX; i++) {
    const first = await tryRun(count);
    if (first !== null) return first;
  }
  throw new Error(`Cannot find ${count} free ports in a row on 127.0.0.1`);
}

async function tryRun(count: number): Promise<number | null> {
  const held: Server[] = [];
  try {
    const first = await hold(0, held);
    for (let i = 1; i < count; i++) await hold(first + i, held);
    return first;
  } catch {
    // One of them is taken, or beyond 65,535: another run is tried.
    return null;
  } finally {
    await Promise.all(held.map((server) => once(server.close(), "close")));
  }
}

async function hold(port: number, held: Server[]): Promise<number> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  held.push(server);
  return (server.address() as AddressInfo).port;
}
