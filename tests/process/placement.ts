// Which broker a client came to, as the brokers' own logs say it.

import type { Mosquitto } from "./mosquitto.ts";
import { waitUntil } from "./wait-until.ts";

/** @returns the client ids that connected to a broker, in order; one for each connection */
export function arrivalsAt(broker: Mosquitto): string[] {
  return broker.logLines.flatMap((line) => {
    const [, clientId] = line.match(/New client connected from \S+ as (\S+) \(/) ?? [];
    return clientId === undefined ? [] : [clientId];
  });
}

/** Waits until a client has connected to one of the brokers. @returns which one */
export async function placeOf(brokers: readonly Mosquitto[], clientId: string): Promise<number> {
  return (await placesOf(brokers, clientId, 1))[0]!;
}

/**
 * Waits until a client has connected `count` times.
 * @returns the broker of each connection; in order, as long as all are the same
 */
export function placesOf(
  brokers: readonly Mosquitto[],
  clientId: string,
  count: number,
): Promise<number[]> {
  return waitUntil(`"${clientId}" has connected ${count} times`, () => {
    const places = brokers.flatMap((broker, place) => {
      return arrivalsAt(broker).flatMap((id) => (id === clientId ? [place] : []));
    });
    return places.length >= count ? places : null;
  });
}
