import { describe, expect, it } from "vitest";
import { PACKET_TYPES, publishWords, QOS_VALUES, sumWords, wordsOfType } from "./packet-words.ts";

describe("words of packets", () => {
  it("are of one type each, and every byte but those of type 0 has one", () => {
    const types = PACKET_TYPES.flatMap(({ type }) => wordsOfType(type));
    expect(types).toEqual(Array.from({ length: 240 }, (_, i) => 16 + i));
  });

  it("tell QoS, RETAIN and DUP of a PUBLISH", () => {
    const ofQos = QOS_VALUES.map((of) => publishWords(({ qos }) => qos === of));
    expect(ofQos[1]).toEqual([0x32, 0x33, 0x3a, 0x3b]);
    // Both bits of QoS are a mistake.
    const malformed = publishWords().filter((word) => !ofQos.flat().includes(word));
    expect(malformed).toEqual([0x36, 0x37, 0x3e, 0x3f]);
    expect(publishWords(({ retained, duplicate }) => retained && duplicate)).toEqual([
      0x39, 0x3b, 0x3d, 0x3f,
    ]);
  });

  it("are added up from where a row begins", () => {
    expect(sumWords((index) => index, 1000, [1, 2])).toBe(2003);
  });
});
