import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import { closeAtEnd } from "../../tests/process/close-at-end.ts";
import { freePort } from "../../tests/process/ports.ts";
import {
  acceptsThenCloses,
  answersRubbish,
  answersWith,
  neverAnswers,
  neverReadsAnything,
  POLITE_CONNACK,
  type Rudeness,
  RudeServer,
  readsThenResets,
  speaksFirst,
} from "../../tests/process/rude-peers.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import type { CheckResult } from "./check-result.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Conversation } from "./conversation.ts";
import { MqttConversation } from "./mqtt-conversation.ts";
import { holdConversation } from "./probe-socket.ts";
import { BARE_TRANSPORT } from "./probe-transport.ts";
import { makeTcpConversation } from "./tcp-conversation.ts";

const TIMEOUT_MS = 60_000;

function makeMqtt(): Conversation {
  return new MqttConversation({
    version: "3.1.1",
    clientId: "check-1",
    userName: null,
    password: null,
  });
}

function ask(
  port: number,
  conversation: Conversation,
  clock: Clock = systemClock,
): Promise<CheckResult> {
  const { signal } = new AbortController();
  const endpoint = makeEndpoint("127.0.0.1", port)!;
  const [transport, timeoutMs] = [BARE_TRANSPORT, TIMEOUT_MS];
  return holdConversation({ endpoint, transport, conversation, timeoutMs, clock, signal });
}

/** @returns from where a server is asked */
async function askedFrom(source: string): Promise<string | undefined> {
  let from: string | undefined;
  const server = createServer((socket) => {
    from = socket.remoteAddress;
    socket.end();
  });
  closeAtEnd(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const transport = { ...BARE_TRANSPORT, source: makeEndpoint(source, 0)! };
  const { signal } = new AbortController();
  const endpoint = makeEndpoint("127.0.0.1", port)!;
  const conversation = makeTcpConversation(false);
  const given = { endpoint, transport, conversation, timeoutMs: TIMEOUT_MS };
  await holdConversation({ ...given, clock: systemClock, signal });
  await waitUntil("it was asked", () => from);
  return from;
}

async function askMqtt(rudeness: Rudeness) {
  const server = closeAtEnd(await RudeServer.start(rudeness));
  return { server, result: await ask(server.port, makeMqtt()) };
}

/** Asks until this is what the server owes, and then until the deadline. */
async function askInVain(rudeness: Rudeness, awaited: string): Promise<CheckResult> {
  const server = closeAtEnd(await RudeServer.start(rudeness));
  const conversation = makeMqtt();
  const onConnect = vi.spyOn(conversation, "onConnect");
  const clock = new ManualClock();
  const asking = ask(server.port, conversation, clock);
  await waitUntil(`it waits for ${awaited}`, () => {
    return onConnect.mock.calls.length === 1 && conversation.awaited === awaited;
  });
  await clock.advanceTo(TIMEOUT_MS);
  return asking;
}

describe("probe says what went wrong", () => {
  it("when the server refuses", async () => {
    expect(await ask(await freePort(), makeMqtt())).toMatchObject({
      outcome: "failed",
      code: "L4CON",
      sentence: "connection refused",
    });
  });

  it.each([
    ["never answers", neverAnswers, "CONNACK"],
    ["never reads", neverReadsAnything, "CONNACK"],
    ["answers CONNECT only", answersWith(POLITE_CONNACK), "PINGRESP"],
  ])("when the server %s", async (_, rudeness, awaited) => {
    const sentence = `no ${awaited} within ${TIMEOUT_MS} ms`;
    const result = await askInVain(rudeness, awaited);
    expect(result).toMatchObject({ outcome: "failed", code: "L7TOUT", sentence });
  });

  it("not when it was held up itself, unless no answer comes in as much time", async () => {
    const server = closeAtEnd(await RudeServer.start(neverAnswers));
    const conversation = makeMqtt();
    const onConnect = vi.spyOn(conversation, "onConnect");
    const clock = new ManualClock();
    const asking = ask(server.port, conversation, clock);
    await waitUntil("it is connected", () => onConnect.mock.calls.length === 1);
    const heldUpMs = 5_000;
    clock.standStill(TIMEOUT_MS + heldUpMs);
    await clock.advanceTo(clock.now() + heldUpMs - 1);
    expect(clock.timerCount).toBe(1);
    await clock.advanceTo(clock.now() + 1);
    expect(await asking).toMatchObject({ outcome: "failed", code: "L7TOUT" });
  });

  it.each([
    [
      "answers as a web server",
      answersRubbish,
      "L7RSP",
      /^unexpected .* CONNACK: .* "HTTP\/1\.1"$/,
    ],
    ["speaks first", speaksFirst, "L7RSP", /^unexpected bytes instead of CONNACK: 32 32 30 20 /],
    ["accepts and closes", acceptsThenCloses, "L7RSP", /^connection closed before CONNACK$/],
    ["accepts and resets", readsThenResets, "L7RSP", /^connection reset before CONNACK$/],
    ["says no", answersWith(Uint8Array.of(0x20, 2, 0, 5)), "L7STS", /^CONNACK 5: not authorized$/],
  ])("when the server %s", async (_, rudeness, code, sentence) => {
    const { result } = await askMqtt(rudeness);
    expect(result).toMatchObject({ outcome: "failed", code });
    expect(result.sentence).toMatch(sentence);
  });
});

describe("probe says goodbye", () => {
  it.each([
    ["after a pass", answersWith(POLITE_CONNACK, Uint8Array.of(0xd0, 0)), "L7OK"],
    ["after rubbish", answersRubbish, "L7RSP"],
  ])("with FIN, never with a reset, %s", async (_, rudeness, code) => {
    const { server, result } = await askMqtt(rudeness);
    expect(result.code).toBe(code);
    expect(server.endings).toEqual(["FIN"]);
  });

  it("with FIN although the server's greeting was not asked for", async () => {
    const server = closeAtEnd(await RudeServer.start(speaksFirst));
    expect(await ask(server.port, makeTcpConversation(false))).toMatchObject({
      code: "L4OK",
    });
    expect(server.endings).toEqual(["FIN"]);
  });

  it("and lets go, still passed, of a server that never says goodbye itself", async () => {
    const server = closeAtEnd(await RudeServer.start(neverAnswers));
    const clock = new ManualClock();
    const asking = ask(server.port, makeTcpConversation(false), clock);
    await waitUntil("the server saw the end", () => server.endings.length === 1);
    await clock.advanceTo(TIMEOUT_MS);
    expect(await asking).toMatchObject({ code: "L4OK" });
  });
});

describe("a probe with a source", () => {
  it("comes from that address, where the server is of its family", async () => {
    expect(await askedFrom("127.0.0.5")).toBe("127.0.0.5");
    expect(await askedFrom("::1")).toBe("127.0.0.1");
  });
});
