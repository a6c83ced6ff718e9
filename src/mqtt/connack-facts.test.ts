import fc from "fast-check";
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { ConnackFacts, UNSAID } from "./connack-facts.ts";
import { Property } from "./property.ts";

const facts = new ConnackFacts();

function read(properties: object): Uint8Array {
  const packet = generate(
    { cmd: "connack", reasonCode: 0, sessionPresent: false, properties },
    { protocolVersion: 5 },
  );
  const bytes = Uint8Array.from([0xff, 0xff, ...packet]);
  facts.read(bytes, 2, packet.length);
  return bytes;
}

describe("ConnackFacts", () => {
  it("finds what the server said among everything that it may say", () => {
    const bytes = read({
      sessionExpiryInterval: 4_000_000_000,
      receiveMaximum: 10,
      maximumQoS: 1,
      retainAvailable: false,
      maximumPacketSize: 100,
      assignedClientIdentifier: "given-7",
      topicAliasMaximum: 5,
      reasonString: "why",
      userProperties: { a: "b" },
      wildcardSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
      serverKeepAlive: 33,
      responseInformation: "r",
      serverReference: "s",
      authenticationMethod: "m",
      authenticationData: Buffer.from("d"),
    });
    expect([facts.serverKeepAlive, facts.sessionExpiry]).toEqual([33, 4_000_000_000]);
    const id = bytes.slice(facts.clientIdOffset, facts.clientIdOffset + facts.clientIdLength);
    expect(new TextDecoder().decode(id)).toBe("given-7");
  });

  it("says nothing of what the server did not say", () => {
    read({ reasonString: "hello" });
    const { serverKeepAlive, sessionExpiry, clientIdLength } = facts;
    expect([serverKeepAlive, sessionExpiry, clientIdLength]).toEqual([UNSAID, UNSAID, 0]);
    facts.read(Uint8Array.of(0x20, 3, 0, 0, 0), 0, 5);
    expect(facts.serverKeepAlive).toBe(UNSAID);
    facts.read(Uint8Array.of(0x20, 2, 0, 0), 0, 4);
    expect(facts.serverKeepAlive).toBe(UNSAID);
  });

  it("stops at a property that it does not know", () => {
    // Were it taken for an empty text, the keep alive behind it would be believed.
    const unknown = [0x7f, 0, 0];
    const keepAlive = [Property.serverKeepAlive, 0, 33];
    const sayWith = (...properties: number[]) => {
      const section = [properties.length, ...properties];
      const bytes = Uint8Array.of(0x20, 2 + section.length, 0, 0, ...section);
      facts.read(bytes, 0, bytes.length);
      return facts.serverKeepAlive;
    };
    expect(sayWith(...keepAlive, ...unknown)).toBe(33);
    expect(sayWith(...unknown, ...keepAlive)).toBe(UNSAID);
  });

  it("stays inside the packet, whatever it holds", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
        const bytes = Uint8Array.from([0x20, tail.length + 2, 0, 0, ...tail]);
        facts.read(bytes, 0, bytes.length);
        expect(facts.clientIdOffset + facts.clientIdLength).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
