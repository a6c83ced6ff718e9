// Consecutive loopback ports that nobody listens on, for `--node-port 0`.
//
// The ports are free when this returns and nobody holds them after that: binding says who came
// first (drawn-ports.ts). They lie below those that Linux takes for outgoing connections unless
// told otherwise (net.ipv4.ip_local_port_range): on a busy machine hardly three of those in a row
// are free, as each stays taken for a minute after its connection has ended.

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

const TRIES_MAX = 50;
const PORT_MIN = 10_000;
const PORT_END = 32_768;

/**
 * @param except ports that are meant for something else
 * @returns the first of `count` free ports in a row on 127.0.0.1
 */
export async function findFreePorts(
  count: number,
  except: ReadonlySet<number> = new Set(),
): Promise<number> {
  for (let i = 0; i < TRIES_MAX; i++) {
    const first = randomInt(PORT_MIN, PORT_END - count);
    const row = Array.from({ length: count }, (_, nth) => first + nth);
    if (row.some((port) => except.has(port))) continue;
    if (await areFree(row)) return first;
  }
  throw new Error(`Cannot find ${count} free ports in a row on 127.0.0.1`);
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  const held: Server[] = [];
  try {
    for (const port of ports) await hold(port, held);
    return true;
  } catch {
    // One of them is taken: another row is tried.
    return false;
  } finally {
    await Promise.all(held.map((server) => once(server.close(), "close")));
  }
}

async function hold(port: number, held: Server[]): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  held.push(server);
}
