// Addresses that stand for all of IPv6, and for all of IPv4 unless that is kept away. Pure.

/** @param address as our document has it, with its port: `[::]:1883` */
export function isIpv6Wildcard(address: string): boolean {
  return /^\[[0:]+\]:\d+$/.test(address);
}
