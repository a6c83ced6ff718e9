import { afterEach, expect, it } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { ADMIN_MAINTENANCE } from "../shm/server-state.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { describeListeners, describeService } from "./status-sentence.ts";

const FINE = { refusal: null, silentWorkers: [] };
const running: Supervisor[] = [];

afterEach(async () => {
  for (const supervisor of running.splice(0)) await supervisor.stop(0);
});

async function start(text?: string): Promise<Supervisor> {
  const { supervisor } = await startSupervised(text);
  running.push(supervisor);
  return supervisor;
}

it("says where clients can connect and how many servers they have", async () => {
  const supervisor = await start();
  const [mqtt, plain] = describeListeners(supervisor);
  expect(mqtt).toMatch(/^mqtt on 127\.0\.0\.1:[1-9]\d*$/);
  const { servers } = supervisor.shared;
  expect(describeService(supervisor, FINE)).toBe(`${mqtt}, ${plain}; 3 of 3 servers up`);
  servers.setUp(0, false);
  servers.setAdmin(1, ADMIN_MAINTENANCE);
  expect(describeService(supervisor, FINE)).toBe(`${mqtt}, ${plain}; 1 of 3 servers up`);
});

it("says what is wrong", async () => {
  const troubles = { refusal: "the configuration has mistakes", silentWorkers: [0, 3] };
  const parts = describeService(await start(), troubles).split("; ");
  expect(parts.slice(1)).toEqual([
    "3 of 3 servers up",
    "worker 0 does not answer",
    "worker 3 does not answer",
    "the last reload was refused: the configuration has mistakes",
  ]);
});

it("names a few listeners and counts the others", async () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const supervisor = await start(`
workers: 1
admin: false
listeners:
${names.map((name, i) => `  ${name}: { listen: "127.0.0.1:${2000 + i}", pool: one }`).join("\n")}
pools: { one: { check: { type: none }, servers: ["127.0.0.1:1"] } }
`);
  const sentence = describeService(supervisor, FINE);
  expect(sentence).toMatch(/^a on [^ ]+, b on [^ ]+, c on [^ ]+, d on [^ ]+ and 2 more; 1 of 1/);
});
