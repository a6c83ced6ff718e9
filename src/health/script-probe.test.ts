import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { checkSettings } from "../../tests/fixtures/check-settings.ts";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import { PLAIN_TRANSPORT } from "../../tests/fixtures/plain-plan.ts";
import { closeAtEnd } from "../../tests/process/close-at-end.ts";
import { freePort } from "../../tests/process/ports.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import type { ScriptStep } from "../config/check-settings.ts";
import { type Clock, systemClock } from "./clock.ts";
import { makeProbe } from "./probes.ts";

const TIMEOUT_MS = 60_000;

async function listen(onConnect: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnect);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeAtEnd(server);
  return (server.address() as { port: number }).port;
}

// Answers each line with itself.
const echo = (socket: Socket) => void socket.on("data", (bytes) => socket.write(bytes));

const send = (text: string): ScriptStep => ({ do: "send", bytes: Buffer.from(text), comment: "" });

function expecting(value: string): ScriptStep {
  const plain = { on: "string", not: false, bytesMin: null, onSuccess: "", onError: "" } as const;
  return { do: "expect", expect: { ...plain, value }, comment: "" };
}

function connecting(port: number | null, proxyProtocol: boolean | null = null): ScriptStep {
  return { do: "connect", port, tls: null, proxyProtocol, comment: "" };
}

function run(port: number, ...script: ScriptStep[]) {
  return runBy(systemClock, port, ...script);
}

function runBy(clock: Clock, port: number, ...script: ScriptStep[]) {
  const settings = checkSettings({ type: "script", script, timeoutMs: TIMEOUT_MS });
  const endpoint = makeEndpoint("127.0.0.1", port)!;
  const target = { name: "a", endpoint, host: "127.0.0.1", transport: PLAIN_TRANSPORT };
  return makeProbe({ settings, target, clock })(new AbortController().signal);
}

describe("script probes", () => {
  it("connect by themselves, or as often as they are told, to whatever port", async () => {
    const [port, other] = [await listen(echo), await listen((socket) => socket.end("other"))];
    expect(await run(port, send("a"), expecting("a"))).toMatchObject({ code: "L7OK" });
    const both = [connecting(null), send("a"), expecting("a"), connecting(other)];
    expect(await run(port, ...both, expecting("other"))).toMatchObject({ code: "L7OK" });
    expect(await run(port, connecting(null), connecting(other))).toMatchObject({ code: "L4OK" });
  });

  it("end at the first connection that fails", async () => {
    let heardSize = 0;
    const port = await listen((socket) => {
      socket.on("data", ({ length }) => {
        heardSize += length;
      });
    });
    const gone = await freePort();
    expect(await run(port, connecting(gone), connecting(null))).toMatchObject({ code: "L4CON" });
    const clock = new ManualClock();
    const silenced = runBy(clock, port, send("a"), expecting("b"), connecting(gone));
    await waitUntil("it has said its word", () => heardSize === 1);
    await clock.advanceTo(TIMEOUT_MS);
    expect(await silenced).toMatchObject({
      code: "L7TOUT",
      sentence: `no "b" within ${TIMEOUT_MS} ms`,
    });
  });

  it("begin with a PROXY header where a step wants it", async () => {
    const port = await listen(echo);
    const proxied = [connecting(null, true), expecting("PROXY TCP4 127.0.0.1 127.0.0.1 ")];
    expect(await run(port, ...proxied)).toMatchObject({ code: "L7OK" });
  });
});
