// An endpoint: an IP address and a port in 18 bytes, the same for both families.
//
//   ┌───────────────────────────────────────┬──────────────────┐
//   │ IPv6, or IPv4 as ::ffff:a.b.c.d  (16) │ port, network (2) │
//   └───────────────────────────────────────┴──────────────────┘
//
// Pure: no I/O; names are resolved by the control plane before an endpoint exists.

export const ENDPOINT_SIZE = 18;
export const ADDRESS_SIZE = 16;

/** ENDPOINT_SIZE bytes. */
export type Endpoint = Uint8Array;

/** @returns whether the address at `at` is an IPv4 address in IPv6 clothing (RFC 4291, 2.5.5.2) */
export function isIpv4Mapped(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}

export function endpointPort(bytes: Uint8Array, at: number): number {
  return (bytes[at + ADDRESS_SIZE]! << 8) | bytes[at + ADDRESS_SIZE + 1]!;
}

/** @returns the address as people write it: `192.0.2.1`, `2001:db8::1` */
export function formatAddress(bytes: Uint8Array, at: number): string {
  if (isIpv4Mapped(bytes, at)) return bytes.subarray(at + 12, at + 16).join(".");
  return compressIpv6(bytes, at);
}

/** @returns `192.0.2.1:1883` or `[2001:db8::1]:1883` */
export function formatEndpoint(bytes: Uint8Array, at: number): string {
  const address = formatAddress(bytes, at);
  const port = endpointPort(bytes, at);
  return isIpv4Mapped(bytes, at) ? `${address}:${port}` : `[${address}]:${port}`;
}

/** @returns the endpoint of an address literal, or null when `address` is not one */
export function makeEndpoint(address: string, port: number): Endpoint | null {
  const endpoint = new Uint8Array(ENDPOINT_SIZE);
  const ok = address.includes(":")
    ? parseIpv6(address, endpoint)
    : parseIpv4(address, endpoint, 12);
  if (!ok) return null;
  if (!address.includes(":")) endpoint.fill(0xff, 10, 12);
  endpoint[ADDRESS_SIZE] = port >> 8;
  endpoint[ADDRESS_SIZE + 1] = port & 0xff;
  return endpoint;
}

// RFC 5952: the longest run of two or more zero groups becomes "::", the first one of equals.
function compressIpv6(bytes: Uint8Array, at: number): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => (bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!,
  );
  const { start, length } = longestZeroRun(groups);
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}

const DIGIT_0 = 0x30;

// Four numbers without leading zeros; read by character, as a file may have thousands.
function parseIpv4(text: string, target: Uint8Array, at: number): boolean {
  let index = 0;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text[index++] !== ".") return false;
    const start = index;
    let value = 0;
    for (; index < text.length && index - start < 3; index++) {
      const digit = text.charCodeAt(index) - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const size = index - start;
    if (size === 0 || value > 255 || (size > 1 && text[start] === "0")) return false;
    target[at + part] = value;
  }
  return index === text.length;
}

function parseIpv6(text: string, target: Uint8Array): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const head = parseGroups(halves[0]!);
  const tail = halves.length === 2 ? parseGroups(halves[1]!) : [];
  if (head === null || tail === null) return false;
  const given = head.length + tail.length;
  if (halves.length === 2 ? given > 14 : given !== 16) return false;
  target.set(head, 0);
  target.set(tail, ADDRESS_SIZE - tail.length);
  return true;
}

// The bytes of "a:b:c", or of "a:b:1.2.3.4" whose last part stands for two groups.
function parseGroups(text: string): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes(".")) {
      const ipv4 = new Uint8Array(4);
      if (!parseIpv4(part, ipv4, 0)) return null;
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      const group = Number.parseInt(part, 16);
      bytes.push(group >> 8, group & 0xff);
    }
  }
  return bytes;
}
