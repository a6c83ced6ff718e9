// What the first byte of a packet says, by its words in a row of counts: which of the 256 belong to
// a type, to a QoS, to retained messages. One list for the metrics, the API and the page.
//
//   ┌──────┬─────┬─────┬────────┐
//   │ type │ DUP │ QoS │ RETAIN │   of a PUBLISH (5.0, 3.3.1; 3.1.1, 3.3.1); other types have
//   └──────┴─────┴─────┴────────┘   fixed bits behind the type
//      4      1     2      1
//
// A PUBLISH with both bits of QoS set is malformed: it counts as a PUBLISH, and for no QoS.

import { PACKET_TYPE_NAMES, PacketType } from "../mqtt/packet-type.ts";

export type PacketName = keyof typeof PacketType;

/** Types by name; type 0 is reserved, and no packet. */
export const PACKET_TYPES = PACKET_TYPE_NAMES.map((name, type) => ({
  name: name as PacketName,
  type,
})).slice(1);

const DUP = 0x08;
const RETAIN = 0x01;
/** At most once, at least once, exactly once. */
export const QOS_VALUES = [0, 1, 2] as const;

/** Adds up words of the row of counts that begins at `from`. */
export function sumWords(
  read: (index: number) => number,
  from: number,
  words: readonly number[],
): number {
  return words.reduce((sum, word) => sum + read(from + word), 0);
}

/** First bytes of packets of a type. */
export function wordsOfType(type: number): readonly number[] {
  return Array.from({ length: 16 }, (_, flags) => (type << 4) | flags);
}

/** First bytes of PUBLISH packets, and of all of them the chosen ones. */
export function publishWords(
  choose: (flags: { qos: number; retained: boolean; duplicate: boolean }) => boolean = () => true,
): readonly number[] {
  return wordsOfType(PacketType.publish).filter((first) => {
    const flags = { qos: (first >> 1) & 3, retained: (first & RETAIN) !== 0 };
    return choose({ ...flags, duplicate: (first & DUP) !== 0 });
  });
}
