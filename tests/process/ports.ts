// Loopback ports for test processes that cannot be told "any port" themselves.
//
// Drawn at random below the ports that Linux takes for outgoing connections: a broker that is
// started again must find its port free, though thousands of clients have connected meanwhile. The
// ports are free when this returns and nobody holds them after that. So that no other test gets
// them before they are listened on, test files that run side by side draw from shares of their own,
// and each draws none twice.

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

const PORT_MIN = 10_000;
/** Where net.ipv4.ip_local_port_range begins unless told otherwise. */
const PORT_END = 32_768;
const TRIES_MAX = 200;
/** More than vitest.config.ts lets run side by side. */
const SHARES = 8;
const SHARE_SIZE = Math.floor((PORT_END - PORT_MIN) / SHARES);

/** Vitest numbers those that run side by side; another run on this machine has another parent. */
const share = (Number(process.env["VITEST_POOL_ID"] ?? 0) + process.ppid) % SHARES;
const drawn = new Set<number>();

/** @returns `count` different ports that are free on 127.0.0.1 now */
export async function freePorts(count: number): Promise<number[]> {
  const holders: Server[] = [];
  for (let tries = 0; tries < TRIES_MAX && holders.length < count; tries++) {
    const port = PORT_MIN + share * SHARE_SIZE + randomInt(SHARE_SIZE);
    if (drawn.has(port)) continue;
    drawn.add(port);
    const holder = await holdPort(port);
    if (holder !== null) holders.push(holder);
  }
  if (holders.length < count) throw new Error(`Cannot find ${count} free ports on 127.0.0.1`);
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map((holder) => once(holder.close(), "close")));
  return ports;
}

/** @returns the first of `count` ports in a row that are free on 127.0.0.1 now */
export async function freePortsInARow(count: number): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const first = PORT_MIN + share * SHARE_SIZE + randomInt(SHARE_SIZE - count);
    const row = Array.from({ length: count }, (_, i) => first + i);
    if (row.some((port) => drawn.has(port))) continue;
    for (const port of row) drawn.add(port);
    const holders = await Promise.all(row.map(holdPort));
    const held = holders.filter((holder) => holder !== null);
    await Promise.all(held.map((holder) => once(holder.close(), "close")));
    if (held.length === count) return first;
  }
  throw new Error(`Cannot find ${count} free ports in a row on 127.0.0.1`);
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

async function holdPort(port: number): Promise<Server | null> {
  const holder = createServer().listen(port, "127.0.0.1");
  try {
    await once(holder, "listening");
    return holder;
  } catch {
    return null; // Somebody has it; another one is drawn.
  }
}
