// Loopback ports for test processes that cannot be told "any port" themselves.
//
// The kernel picks; the ports are free when this returns and nobody holds them after that, so a
// process must bind soon. Kept apart from the ports of outgoing connections only by chance: a
// fixture that fails to bind says so.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** @returns `count` different ports that are free on 127.0.0.1 now */
export async function freePorts(count: number): Promise<number[]> {
  const holders = await Promise.all(Array.from({ length: count }, holdPort));
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map((holder) => once(holder.close(), "close")));
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

async function holdPort() {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  return holder;
}
