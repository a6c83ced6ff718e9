import { describe, expect, it } from "vitest";
import { isTopicName, parseFilter } from "./topic-filter.ts";

const LIMITS = { topicLevelsMax: 4, topicMaxBytes: 20 };

describe("isTopicName", () => {
  it.each(["a", "a/b", "/", "/a", "a//b", "$SYS/x", "ü/漢"])("takes %j", (topic) => {
    expect(isTopicName(topic, LIMITS)).toBe(true);
  });

  it.each(["", "a/+", "a/#", "a+b", "#", "a\0b"])("refuses %j", (topic) => {
    expect(isTopicName(topic, LIMITS)).toBe(false);
  });

  it("refuses one level or one byte more than allowed", () => {
    expect(isTopicName("1/2/3/4", LIMITS)).toBe(true);
    expect(isTopicName("1/2/3/4/5", LIMITS)).toBe(false);
    expect(isTopicName("x".repeat(20), LIMITS)).toBe(true);
    expect(isTopicName("x".repeat(21), LIMITS)).toBe(false);
    expect(isTopicName("ü".repeat(11), LIMITS)).toBe(false);
  });
});

describe("parseFilter", () => {
  it.each(["a", "#", "+", "a/#", "+/+", "/+", "a/+/c", "$SYS/#"])("takes %j", (filter) => {
    expect(parseFilter(filter, LIMITS)).toEqual({ group: null, filter });
  });

  it.each(["", "a#", "#/a", "a/#/b", "a+", "+a/b", "a/b+", "a\0"])("refuses %j", (filter) => {
    expect(parseFilter(filter, LIMITS)).toBeNull();
  });

  it("takes a shared subscription apart", () => {
    expect(parseFilter("$share/g/a/+", LIMITS)).toEqual({ group: "g", filter: "a/+" });
    expect(parseFilter("$share/g//a", LIMITS)).toEqual({ group: "g", filter: "/a" });
  });

  it.each(["$share/", "$share/g", "$share/g/", "$share//a", "$share/g+/a", "$share/#/a"])(
    "refuses the shared subscription %j",
    (filter) => {
      expect(parseFilter(filter, LIMITS)).toBeNull();
    },
  );
});
