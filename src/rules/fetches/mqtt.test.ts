import { describe, expect, it } from "vitest";
import { ask, makeSubject, sayTo } from "../../../tests/fixtures/rule-subject.ts";
import { VALID } from "../../../tests/fuzz/connect-corpus.ts";
import { MQTT_FETCHES } from "./mqtt.ts";

const names = MQTT_FETCHES.map(({ name }) => name).filter((name) => !name.endsWith("property"));

function answers(packet: string) {
  const bytes = Uint8Array.from(VALID.find(([name]) => name === packet)![1]);
  const subject = sayTo(makeSubject(), bytes);
  const found = names.map((name) => [name.slice(5), ask(name, subject)]);
  return { subject, found: Object.fromEntries(found) as Record<string, unknown> };
}

describe("MQTT_FETCHES", () => {
  it("say everything about a CONNECT of 5.0", () => {
    const { subject, found } = answers("5.0, every property");
    expect(found).toEqual({
      ...{ client_id: "id", user_name: "user", password: "secret", version: "5.0", level: 5n },
      ...{ bridge: false, keep_alive: 60n, clean_start: true, session_expiry: 4_294_967_295n },
      ...{ receive_maximum: 20n, maximum_packet_size: 1_048_576n, topic_alias_maximum: 10n },
      ...{ will: true, will_topic: "w/t", will_qos: 2n, will_retain: true },
      authentication_method: "SCRAM-SHA-256",
    });
    expect(ask("mqtt.user_property(region)", subject)).toBe("eu");
    expect(ask("mqtt.user_property(none)", subject)).toBe("absent");
  });

  it("have the values that MQTT gives to what is left out", () => {
    expect(answers("3.1.1, kept session").found).toMatchObject({
      ...{ version: "3.1.1", clean_start: false, session_expiry: 4_294_967_295n },
      ...{ receive_maximum: 65_535n, user_name: "absent", will: false, will_topic: "absent" },
    });
    expect(answers("3.1.1").found).toMatchObject({ session_expiry: 0n, password: "absent" });
    expect(answers("5.0").found).toMatchObject({ session_expiry: 0n, maximum_packet_size: 0n });
    expect(answers("3.1, bridge").found).toMatchObject({ version: "3.1", bridge: true });
    expect(answers("5.0, empty id").found).toMatchObject({ client_id: "absent" });
  });

  it("wait for the packet, and have nothing when there is none", () => {
    for (const name of names) {
      expect(ask(name)).toBe("not yet");
      expect(ask(name, makeSubject({ payloadMayGrow: false }))).toBe("absent");
    }
  });
});
