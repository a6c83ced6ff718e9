import { createServer } from "node:net";
import { expect, it } from "vitest";
import { closeAtEnd } from "../../tests/process/close-at-end.ts";
import { freePort } from "../../tests/process/ports.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import type { AgentAnswer } from "./agent-answer.ts";
import { AgentWatch } from "./agent-watch.ts";
import { systemClock } from "./clock.ts";

function watchAll() {
  const answers: [number, AgentAnswer][] = [];
  const onAnswer = (server: number, answer: AgentAnswer) => answers.push([server, answer]);
  const watch = new AgentWatch({ clock: systemClock, random: () => 0, onAnswer });
  closeAtEnd({ close: () => watch.stop() });
  return { watch, answers };
}

function settings(port: number) {
  const endpoint = makeEndpoint("127.0.0.1", port)!;
  return { endpoint, source: null, intervalMs: 20, timeoutMs: 60_000, send: "" };
}

it("AgentWatch asks over and over, and no more when it is told so", async () => {
  const lines = ["up", "drain", "ready 50%"];
  const program = createServer((socket) => socket.end(`${lines.shift() ?? "up"}\n`));
  await new Promise<void>((resolve) => program.listen(0, "127.0.0.1", resolve));
  closeAtEnd(program);
  const { port } = program.address() as { port: number };
  const { watch, answers } = watchAll();
  watch.watch(7, settings(port));
  await expect.poll(() => answers.length).toBeGreaterThan(2);
  expect(answers.slice(0, 3).map(([server, { up, admin }]) => [server, up, admin])).toEqual([
    [7, true, null],
    [7, null, "drain"],
    [7, null, "ready"],
  ]);
  expect(watch.result(7)).toMatchObject({ outcome: "passed" });
  watch.watch(7, null);
  const { length } = answers;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([answers.length, watch.result(7)]).toEqual([length, null]);
});

it("AgentWatch hears nothing from a program that is not there, and says why", async () => {
  const { watch, answers } = watchAll();
  watch.watch(0, settings(await freePort()));
  await expect.poll(() => watch.result(0)?.sentence).toBe("connection refused");
  expect(answers).toEqual([]);
});
