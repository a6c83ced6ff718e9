import { describe, expect, it } from "vitest";
import { CONNECT, Scene } from "../../tests/relay/relay-scene.ts";
import { formatEndpoint, makeEndpoint } from "../bytes/endpoint.ts";
import { textValue } from "../rules/value.ts";

const PEER = makeEndpoint("192.0.2.9", 4_000)!;

describe("RuleSubject", () => {
  it("is the connection that it points at", () => {
    const scene = new Scene();
    scene.relayed(CONNECT, makeEndpoint("192.0.2.8", 1)!);
    scene.relayed(CONNECT, PEER);
    const subject = scene.context.rules.subject.point(1);
    expect(formatEndpoint(subject.client, subject.clientAt)).toBe("192.0.2.9:4000");
    expect(formatEndpoint(subject.local, subject.localAt)).toBe("192.0.2.100:1883");
    expect([subject.listenerName, subject.poolName]).toEqual(["mqtt", "brokers"]);
    expect([subject.listener, subject.pool, subject.proxied]).toEqual([0, 0, false]);
    expect(subject.tls).toBeNull();
    expect(subject.nowMs).toBe(scene.io.now);
  });

  it("keeps variables of each connection until it has ended", () => {
    const scene = new Scene();
    const slots = [scene.relayed(), scene.relayed()];
    const { subject } = scene.context.rules;
    subject.point(0).variables.set("txn.a", textValue("first"));
    expect(subject.point(1).variables.get("txn.a")).toBeNull();
    expect(subject.point(0).variables.get("txn.a")).toEqual(textValue("first"));
    scene.io.break(slots[0]!, 104);
    expect(subject.point(0).variables.get("txn.a")).toBeNull();
  });
});
