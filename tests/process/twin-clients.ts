// Brokers and clients for both of haproxy-twins.ts: each twin has brokers of its own, which are
// told apart by name, and clients come from addresses.

import { Socket } from "node:net";
import { closeAtEnd } from "./close-at-end.ts";
import type { Twin } from "./haproxy-twins.ts";
import { LeavingBroker } from "./leaving-broker.ts";
import { connectPacket } from "./raw-clients.ts";

export const SERVERS = ["one", "two", "three"];

export const TIMES = `defaults
  mode tcp
  timeout connect 20s
  timeout client 20s
  timeout server 20s
  timeout check 20s
`;

/** Brokers that take whoever comes, and the order in which clients came to them. */
export async function startBrokers() {
  const visits: string[] = [];
  const all: LeavingBroker[] = [];
  for (const name of SERVERS) all.push(await LeavingBroker.start(() => visits.push(name)));
  const connectionCount = () => all.reduce((sum, each) => sum + each.connectionCount, 0);
  return { ports: all.map(({ port }) => port), visits, connectionCount };
}

/** @returns a connection from an address of this machine, and whether it was served or refused */
export function comeFrom(port: number, address: string) {
  const socket = new Socket();
  closeAtEnd({ close: () => socket.destroy() });
  socket.on("error", () => socket.destroy());
  const outcome = new Promise<"served" | "refused">((resolve) => {
    socket.on("data", () => resolve("served")).on("close", () => resolve("refused"));
  });
  const host = address.includes(":") ? "::1" : "127.0.0.1";
  socket.connect({ host, port, localAddress: address });
  socket.write(connectPacket(`from ${address}`, 4));
  return { socket, outcome };
}

/** @returns how many clients wait for servers of a section, as `show stat` has it */
export async function waitingAt(twin: Twin, section: string): Promise<number> {
  const rows = (await twin.say("show stat")).split("\n").map((row) => row.split(","));
  const servers = rows.filter(([name, server]) => name === section && SERVERS.includes(server!));
  return servers.reduce((sum, [, , waiting]) => sum + Number(waiting), 0);
}
