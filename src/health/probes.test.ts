import { describe, expect, it } from "vitest";
import { checkSettings } from "../../tests/fixtures/check-settings.ts";
import { PLAIN_TRANSPORT } from "../../tests/fixtures/plain-plan.ts";
import { closeAtEnd } from "../../tests/process/close-at-end.ts";
import { Mosquitto } from "../../tests/process/mosquitto.ts";
import { neverAnswers, RudeServer } from "../../tests/process/rude-peers.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import type { CheckSettings } from "../config/check-settings.ts";
import type { CheckResult } from "./check-result.ts";
import type { ProbeTarget } from "./probe.ts";
import { makeProbe } from "./probes.ts";

function target(port: number): ProbeTarget {
  const endpoint = makeEndpoint("127.0.0.1", port)!;
  return { name: "a", endpoint, host: "127.0.0.1", transport: PLAIN_TRANSPORT };
}

function check(port: number, changed: Partial<CheckSettings> = {}): Promise<CheckResult> {
  const settings = checkSettings(changed);
  return makeProbe({ settings, target: target(port) })(new AbortController().signal);
}

async function startMosquitto(...config: string[]): Promise<Mosquitto> {
  return closeAtEnd(await Mosquitto.start({ config }));
}

describe("mqtt probe of mosquitto", () => {
  it.each(["3.1.1", "5.0"] as const)("passes in %s and leaves its log clean", async (version) => {
    const broker = await startMosquitto();
    for (let i = 0; i < 3; i++) {
      const result = await check(broker.port, { version });
      expect(result).toMatchObject({ outcome: "passed", code: "L7OK" });
      expect(result.sentence).toBe(`CONNACK 0 and PINGRESP, MQTT ${version}`);
    }
    const goodbye = / Client fairlead-check-\w{8} disconnected\.$/;
    await waitUntil("three goodbyes are logged", () => {
      return broker.logLines.filter((line) => goodbye.test(line)).length === 3;
    });
    expect(broker.complaints).toEqual([]);
    expect(broker.logLines.join("\n")).toMatch(/New client .* as fairlead-check-\w{8} \(p\d, c1/);
  });

  it("uses another client id each time", async () => {
    const broker = await startMosquitto();
    await Promise.all([check(broker.port), check(broker.port)]);
    const ids = () => broker.logLines.flatMap((line) => line.match(/ as (\S+) \(/)?.[1] ?? []);
    await expect.poll(() => new Set(ids()).size).toBe(2);
  });

  it("fails while it is gone and passes when it is back", async () => {
    const broker = await startMosquitto();
    await broker.kill();
    expect(await check(broker.port)).toMatchObject({ outcome: "failed", code: "L4CON" });
    await broker.start();
    expect(await check(broker.port)).toMatchObject({ outcome: "passed", code: "L7OK" });
  });

  it("passes with user name and password, and fails with the code without", async () => {
    const broker = await startMosquitto("allow_anonymous false");
    expect(await check(broker.port)).toMatchObject({
      outcome: "failed",
      code: "L7STS",
      sentence: "CONNACK 5: not authorized",
    });
    expect(await check(broker.port, { version: "5.0" })).toMatchObject({
      code: "L7STS",
      sentence: "CONNACK 135: not authorized",
    });
    const open = await startMosquitto();
    const credentials = { userName: "someone", password: "secret" };
    expect(await check(open.port, credentials)).toMatchObject({ code: "L7OK" });
    await expect.poll(() => open.logLines.join("\n")).toContain("u'someone'");
  });
});

describe("tcp probe of mosquitto", () => {
  it("passes and leaves its log without errors", async () => {
    const broker = await startMosquitto();
    expect(await check(broker.port, { type: "tcp" })).toMatchObject({
      outcome: "passed",
      code: "L4OK",
      sentence: "connected",
    });
    await waitUntil("the goodbye is logged", () => {
      return broker.logLines.some((line) =>
        line.endsWith("Client <unknown> closed its connection."),
      );
    });
    expect(broker.complaints).toEqual([]);
  });
});

describe("makeProbe", () => {
  it("gives a probe that ends when it is aborted, with nothing said of the server", async () => {
    const { port } = closeAtEnd(await RudeServer.start(neverAnswers));
    const abort = new AbortController();
    const result = makeProbe({ settings: checkSettings(), target: target(port) })(abort.signal);
    abort.abort();
    expect(await result).toMatchObject({ outcome: "inconclusive", sentence: "check stopped" });
  });

  it("refuses settings that make no valid CONNECT", () => {
    const settings = checkSettings({ password: "alone" });
    expect(() => makeProbe({ settings, target: target(1) })).toThrow(RangeError);
  });
});
