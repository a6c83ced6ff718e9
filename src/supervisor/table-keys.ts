// Keys of tables as people read and write them: text where they are text, addresses as addresses,
// all else as 0x and hex. Pure: values in, values out.

import { ADDRESS_SIZE, ENDPOINT_SIZE, formatAddress, makeEndpoint } from "../bytes/endpoint.ts";

/** A table, by what its keys are: `address`, `text`, or what a sticky table is kept by. */
export interface Keyed {
  readonly key: string;
}

/** @returns the key as people read it, and as `parseKey` takes it */
export function formatKey({ key: kind }: Keyed, key: Uint8Array): string {
  if (isAddress(kind) && key.length === ADDRESS_SIZE) {
    const endpoint = new Uint8Array(ENDPOINT_SIZE);
    endpoint.set(key);
    return formatAddress(endpoint, 0);
  }
  const text = Buffer.from(key).toString("utf8");
  const isText = Buffer.compare(Buffer.from(text, "utf8"), key) === 0;
  return isText && /^[^\p{C}]+$/u.test(text) && !text.startsWith("0x")
    ? text
    : `0x${Buffer.from(key).toString("hex")}`;
}

/** @returns the bytes that entries are known by */
export function parseKey({ key: kind }: Keyed, text: string): Uint8Array {
  const endpoint = isAddress(kind) ? makeEndpoint(text, 0) : null;
  if (endpoint !== null) return endpoint.slice(0, ADDRESS_SIZE);
  if (/^0x([0-9a-f]{2})+$/i.test(text)) return Buffer.from(text.slice(2), "hex");
  return Buffer.from(text, "utf8");
}

function isAddress(kind: string): boolean {
  return kind === "source" || kind === "address";
}
