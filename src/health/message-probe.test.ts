import { describe, expect, it } from "vitest";
import { checkSettings } from "../../tests/fixtures/check-settings.ts";
import { PLAIN_TRANSPORT } from "../../tests/fixtures/plain-plan.ts";
import { closeAtEnd } from "../../tests/process/close-at-end.ts";
import {
  answersRubbish,
  answersWith,
  POLITE_CONNACK,
  type Rudeness,
  RudeServer,
} from "../../tests/process/rude-peers.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import type { ProbeTarget } from "./probe.ts";
import { makeProbe } from "./probes.ts";

const SUBACK = Uint8Array.of(0x90, 3, 0, 1, 0);

async function start(name: string, rudeness: Rudeness): Promise<ProbeTarget> {
  const { port } = closeAtEnd(await RudeServer.start(rudeness));
  const endpoint = makeEndpoint("127.0.0.1", port)!;
  return { name, endpoint, host: "127.0.0.1", transport: PLAIN_TRANSPORT };
}

const settings = checkSettings({
  type: "mqtt-message",
  timeoutMs: 60_000,
  message: { topicPrefix: "t", qos: 0, across: true },
});

const signal = () => new AbortController().signal;

describe("message probes across", () => {
  it("say nothing of a server when the other one makes no sense", async () => {
    const target = await start("a", answersWith(POLITE_CONNACK, SUBACK));
    const mate = await start("b", answersRubbish);
    const result = await makeProbe({ settings, target, other: () => mate })(signal());
    expect(result).toMatchObject({ outcome: "inconclusive", code: "L7RSP" });
    expect(result.sentence).toMatch(/^"b" could not publish: unexpected bytes instead of CONNACK/);
  });

  it("blame the server that refuses to be subscribed to", async () => {
    const target = await start("a", answersWith(POLITE_CONNACK, Uint8Array.of(0x90, 3, 0, 1, 128)));
    const mate = await start("b", answersRubbish);
    expect(await makeProbe({ settings, target, other: () => mate })(signal())).toMatchObject({
      outcome: "failed",
      code: "L7STS",
    });
  });

  it("refuse settings that make no valid CONNECT", async () => {
    const target = await start("a", answersRubbish);
    const alone = { ...settings, password: "alone" };
    expect(() => makeProbe({ settings: alone, target })).toThrow(RangeError);
  });
});
