// Loopback ports for test processes that cannot be told "any port" themselves.
//
// Drawn at random below the ports that Linux takes for outgoing connections: a broker that is
// started again must find its port free, though thousands of clients have connected meanwhile. The
// ports are free when this returns and nobody holds them after that: a fixture that fails to bind
// says so.

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

const PORT_MIN = 10_000;
/** Where net.ipv4.ip_local_port_range begins unless told otherwise. */
const PORT_END = 32_768;
const TRIES_MAX = 100;

/** @returns `count` different ports that are free on 127.0.0.1 now */
export async function freePorts(count: number): Promise<number[]> {
  const holders: Server[] = [];
  for (let tries = 0; tries < TRIES_MAX && holders.length < count; tries++) {
    const holder = await holdPort(randomInt(PORT_MIN, PORT_END));
    if (holder !== null) holders.push(holder);
  }
  if (holders.length < count) throw new Error(`Cannot find ${count} free ports on 127.0.0.1`);
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map((holder) => once(holder.close(), "close")));
  return ports;
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
