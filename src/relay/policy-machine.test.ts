import { describe, expect, it } from "vitest";
import { CONNECT, Scene, type SceneOptions } from "../../tests/relay/relay-scene.ts";
import { CALL_BOUNDS_MS } from "../shm/histogram.ts";

function scene(hooks: string, options: SceneOptions["relay"] = {}): Scene {
  const text = `exports.default = { pools: {}, ${hooks} }`;
  const policy = { file: "/nowhere/fairlead.config.js", text, version: "1" };
  return new Scene({ policy, relay: options });
}

describe("PolicyMachine", () => {
  it("measures each call; counts those over the budget, and tells of one a second", () => {
    const told: string[] = [];
    const tellProblem = (message: string) => told.push(message);
    let nowMs = 0;
    const clock = () => {
      nowMs += 3;
      return nowMs;
    };
    const slow = scene("onConnect() {}, hookBudgetMs: 2", { clock, tellProblem });
    slow.client();
    slow.client();
    expect(slow.count("policyTimes", CALL_BOUNDS_MS.indexOf(5))).toBe(2);
    expect(slow.count("policyTimes", CALL_BOUNDS_MS.length + 1)).toBe(6);
    expect(slow.count("policyOverBudget")).toBe(2);
    expect(told).toEqual(["The policy's onConnect took 3.0 ms; its budget is 2 ms"]);
    slow.io.pass(1_000);
    slow.client();
    expect(told[1]).toContain("; 1 more since the last line");
    const quick = scene("onConnect() {}, hookBudgetMs: 5", { clock });
    quick.client();
    expect(quick.count("policyOverBudget")).toBe(0);
  });

  it("tells of faults at most once a second, and how many were not told", () => {
    const told: string[] = [];
    const tellProblem = (message: string) => told.push(message);
    const broken = scene("onConnect() { throw new Error('no such tenant') }", { tellProblem });
    for (let i = 0; i < 3; i++) broken.client();
    const sentence = "The policy's onConnect failed: it threw Error: no such tenant";
    expect(told).toEqual([`${sentence}; client "device-1" is refused`]);
    broken.io.pass(1_000);
    broken.client();
    expect(told[1]).toContain("2 more since the last line");
    expect(broken.count("policyFaults")).toBe(4);
  });

  it("tells of the end of each connection that had sent a CONNECT", () => {
    const told: string[] = [];
    const tellProblem = (message: string) => told.push(message);
    const text = `onClose({ clientId, listener, pool, server, reason, bytesFromClient }) {
      throw new Error([clientId, listener, pool, server, reason, bytesFromClient].join());
    }`;
    const heard = scene(text, { tellProblem });
    const slot = heard.accepted(CONNECT);
    heard.io.end(slot);
    heard.io.end(slot ^ 1);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`device-1,mqtt,brokers,s0,client-closed,${CONNECT.length}`);
    heard.io.end(heard.io.accept(0));
    heard.io.end(heard.client(CONNECT.subarray(0, 9)));
    heard.io.end(heard.client(Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9)));
    expect(heard.count("policyTimes")).toBe(1);
    expect(heard.leftovers()).toEqual([]);
  });
});
