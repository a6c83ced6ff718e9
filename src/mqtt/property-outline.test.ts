import { describe, expect, it } from "vitest";
import { HeadReader } from "./head-reader.ts";
import { Property } from "./property.ts";
import { outlineProperties, PROPERTIES_MAX } from "./property-outline.ts";

function outline(section: readonly number[], size = section.length + 1) {
  const reader = new HeadReader(Uint8Array.from([section.length, ...section]), size);
  return { found: outlineProperties(reader), reader };
}

describe("outlineProperties", () => {
  it("knows each property by its name, with a value of its type", () => {
    const { found, reader } = outline([
      ...[Property.payloadFormatIndicator, 1],
      ...[Property.receiveMaximum, 1, 0],
      ...[Property.sessionExpiryInterval, 0xff, 0xff, 0xff, 0xff],
      ...[Property.subscriptionIdentifier, 0x80, 1],
      ...[Property.reasonString, 0, 2, 0x6e, 0x6f],
      ...[Property.correlationData, 0, 3, 1, 2, 3],
      ...[Property.userProperty, 0, 1, 0x6b, 0, 1, 0x76],
    ]);
    expect(found).toEqual([
      ["payloadFormatIndicator", 1],
      ["receiveMaximum", 256],
      ["sessionExpiryInterval", 0xffff_ffff],
      ["subscriptionIdentifier", 128],
      ["reasonString", "no"],
      ["correlationData", "3 bytes"],
      ["userProperty", "k=v"],
    ]);
    expect(reader.isGood).toBe(true);
  });

  it("hides what authenticates", () => {
    const { found } = outline([Property.authenticationData, 0, 2, 0x73, 0x74]);
    expect(found).toEqual([["authenticationData", "(hidden)"]]);
  });

  it("stops at an identifier that nobody has, and at a value without room", () => {
    expect(outline([0x7f]).reader.isMalformed).toBe(true);
    expect(outline([Property.receiveMaximum, 1]).reader.isMalformed).toBe(true);
  });

  it("lists so many", () => {
    const section = Array.from({ length: PROPERTIES_MAX + 30 }, () => [Property.topicAlias, 0, 1]);
    const flat = section.flat();
    const bytes = Uint8Array.from([(flat.length & 0x7f) | 0x80, flat.length >> 7, ...flat]);
    const reader = new HeadReader(bytes, bytes.length);
    expect(outlineProperties(reader)).toHaveLength(PROPERTIES_MAX);
    expect([reader.isGood, reader.left]).toEqual([true, 0]);
  });
});
