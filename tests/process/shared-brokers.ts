// Real brokers that all tests of a file share, and what examples call them.

import { afterAll, beforeAll } from "vitest";
import { Mosquitto } from "./mosquitto.ts";

/** @returns brokers of the file that asks: empty until its tests begin, closed behind the last */
export function shareBrokers(count: number): readonly Mosquitto[] {
  const brokers: Mosquitto[] = [];
  beforeAll(async () => {
    brokers.push(...(await Promise.all(Array.from({ length: count }, () => Mosquitto.start()))));
  });
  afterAll(async () => {
    await Promise.all(brokers.map((broker) => broker.close()));
  });
  return brokers;
}

/** @returns the environment in which examples find their servers: NODE1, NODE2 and so on */
export function nodesOf(
  servers: readonly { readonly address: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(servers.map(({ address }, i) => [`NODE${i + 1}`, address]));
}
