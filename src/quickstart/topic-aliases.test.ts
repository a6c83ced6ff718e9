import { describe, expect, it } from "vitest";
import { TopicAliases } from "./topic-aliases.ts";

describe("TopicAliases", () => {
  it("introduces a topic with its number, then uses the number alone", () => {
    const aliases = new TopicAliases(2);
    expect(aliases.lookUp("a")).toEqual({ number: 1, isKnown: false });
    aliases.learn("a");
    expect(aliases.lookUp("a")).toEqual({ number: 1, isKnown: true });
    expect(aliases.lookUp("b")).toEqual({ number: 2, isKnown: false });
  });

  it("does not count a topic that was not sent after all", () => {
    const aliases = new TopicAliases(1);
    aliases.lookUp("a");
    expect(aliases.lookUp("b")).toEqual({ number: 1, isKnown: false });
  });

  it("gives no more numbers than the client allows", () => {
    const aliases = new TopicAliases(1);
    aliases.learn("a");
    expect(aliases.lookUp("b")).toBeNull();
    expect(aliases.lookUp("a")?.number).toBe(1);
  });
});
