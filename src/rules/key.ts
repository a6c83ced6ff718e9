// The key that a table makes of a value: addresses are 16 bytes, integers four, texts themselves.
//
// Texts are kept whole, however long `len` says: two clients never share an entry. Pure; the bytes
// are written into the scratch of this module and hold until the next call.

import type { KeyType } from "./names.ts";
import type { KeyBytes } from "./subject.ts";
import { cast, type Value } from "./value.ts";

/** MQTT's own limit of a text, and what a key of stick/ may be long. */
const KEY_SIZE_MAX = 65_535;

const key: KeyBytes = { bytes: new Uint8Array(KEY_SIZE_MAX), offset: 0, length: 0 };

/** @returns the key, to be used at once, or null when the value makes none */
export function keyOf(value: Value, type: KeyType): KeyBytes | null {
  const made = cast(value, type);
  if (made === null) return null;
  switch (made.type) {
    case "address":
      key.bytes.set(made.address);
      key.length = made.address.length;
      return key;
    case "integer":
      for (let i = 0; i < 4; i++)
        key.bytes[i] = Number((made.integer >> BigInt(24 - 8 * i)) & 255n);
      key.length = 4;
      return key;
    case "text":
    case "binary":
      return ofText(made.text);
    case "boolean":
      return null;
  }
}

function ofText(text: string): KeyBytes | null {
  if (text.length > KEY_SIZE_MAX) return null;
  for (let i = 0; i < text.length; i++) key.bytes[i] = text.charCodeAt(i);
  key.length = text.length;
  return key;
}
