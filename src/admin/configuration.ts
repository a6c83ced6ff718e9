// The settings that run, for people and programs to look at: as plain values, with what is secret
// left out. Pure.

import { ENDPOINT_SIZE, formatEndpoint } from "../bytes/endpoint.ts";

/** What stands in for a secret. */
export const HIDDEN = "(hidden)";

/** Keys whose text nobody is shown. */
const SECRET_KEYS: ReadonlySet<string> = new Set(["password", "token", "key"]);
/** Certificates and keys as they were read: the files are named beside them. */
const LEFT_OUT_KEYS: ReadonlySet<string> = new Set(["material", "chain"]);

/** @returns a copy of settings that JSON can hold, without passwords, tokens, keys and hashes */
export function describeSettings(value: unknown, key = ""): unknown {
  if (typeof value === "string" || typeof value === "number" || value === null) {
    return value !== null && SECRET_KEYS.has(key) ? HIDDEN : value;
  }
  if (ArrayBuffer.isView(value)) return describeBytes(value);
  if (Array.isArray(value)) return value.map((item) => describeSettings(item));
  if (typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([name]) => !LEFT_OUT_KEYS.has(name));
  return Object.fromEntries(entries.map(([name, item]) => [name, describeSettings(item, name)]));
}

function describeBytes(view: ArrayBufferView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (bytes.length === ENDPOINT_SIZE) return formatEndpoint(bytes, 0);
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
