// Four hosts on one network, as machines at a switch: a client, two balancers that share virtual
// addresses, a server.
//
//   client   .1 ──┐          ┌── .11 first
//                 ├─ switch ─┤
//   server   .2 ──┘          └── .12 second
//
//   10.99.3.0/24, fd99:3::/64; nobody has the virtual addresses until keepalived gives them.
//
// Needs root and ip(8), as namespaces.ts; the switch is a bridge in a namespace of its own.

import { Namespaces } from "./namespaces.ts";

/** The last number of an address of each. */
const HOSTS = { client: 1, server: 2, first: 11, second: 12 } as const;
export type Host = keyof typeof HOSTS;
export type BridgedHosts = Namespaces<Host | "switch">;

/** What the interface of each is called, and that of the switch towards it. */
export const DEVICE = "lan";
const towards = (host: Host) => `to-${host}`;

export async function makeBridgedHosts(): Promise<BridgedHosts> {
  const names = Object.keys(HOSTS) as Host[];
  return await Namespaces.make([...names, "switch"], async (hosts) => {
    // Without snooping every port gets what is for several.
    const bridge = ["type", "bridge", "stp_state", "0", "mcast_snooping", "0"];
    await hosts.ip("switch", "link", "add", DEVICE, ...bridge);
    await hosts.ip("switch", "link", "set", DEVICE, "up");
    for (const host of names) {
      await hosts.join([host, DEVICE], ["switch", towards(host)]);
      await hosts.ip("switch", "link", "set", towards(host), "master", DEVICE);
      const [ipv4, ipv6] = [`${addressOf(host)}/24`, `fd99:3::${HOSTS[host]}/64`];
      await hosts.ip(host, "addr", "add", ipv4, "dev", DEVICE);
      await hosts.ip(host, "addr", "add", ipv6, "dev", DEVICE, "nodad");
    }
  });
}

/** @returns the IPv4 address of a host itself */
export function addressOf(host: Host): string {
  return `10.99.3.${HOSTS[host]}`;
}

/** Plugs the cable of a host into the switch, or pulls it out. */
export async function plug(hosts: BridgedHosts, host: Host, state: "up" | "down"): Promise<void> {
  await hosts.ip("switch", "link", "set", towards(host), state);
}
