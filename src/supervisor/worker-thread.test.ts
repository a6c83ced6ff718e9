import { readSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeWorkerStart } from "../../tests/fixtures/worker-start.ts";
import type { FromWorker } from "../shm/worker-messages.ts";
import { WakeBell } from "./wake.ts";
import { startThreadAt, type WorkerThread } from "./worker-thread.ts";

function entry(code: string): URL {
  const opening = 'import { workerData as start } from "node:worker_threads";\n';
  return new URL(`data:text/javascript,${encodeURIComponent(opening + code)}`);
}

let bell: WakeBell;

beforeEach(() => {
  bell = new WakeBell();
});

afterEach(() => bell.close());

function run(code: string, onMessage: (message: FromWorker) => void = () => {}) {
  const start = { ...makeWorkerStart({ serversMax: 1, listenersMax: 1 }), wakeFd: bell.fd };
  let thread: WorkerThread | null = null;
  const ended = new Promise<Error | null>((onEnd) => {
    thread = startThreadAt(entry(code), start, bell, { onMessage, onEnd });
  });
  return { thread: thread as unknown as WorkerThread, ended };
}

describe("startThreadAt", () => {
  it("hands over the port, passes messages on and tells a clean end", async () => {
    const messages: FromWorker[] = [];
    const code = 'start.port.postMessage({ type: "stopped" }); process.exit(0);';
    const { ended } = run(code, (message) => messages.push(message));
    expect(await ended).toBeNull();
    expect(messages).toEqual([{ type: "stopped" }]);
  });

  it("tells the error that a thread died of", async () => {
    const { ended } = run('throw new Error("Cannot go on");');
    expect((await ended)?.message).toBe("Cannot go on");
  });

  it("bounds what V8 makes new objects in, however much survives", async () => {
    const messages: FromWorker[] = [];
    const code = `
      import { getHeapSpaceStatistics } from "node:v8";
      const kept = [];
      for (let i = 0; i < 200_000; i++) kept[i] = { i };
      const space = getHeapSpaceStatistics().find((each) => each.space_name === "new_space");
      start.port.postMessage({ type: "problem", message: String(space.space_size) });
      process.exit(0);`;
    const { ended } = run(code, (message) => messages.push(message));
    expect(await ended).toBeNull();
    const [told] = messages;
    expect(told?.type === "problem" && Number(told.message)).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it("rings with each message", async () => {
    const code = 'start.port.once("message", () => process.exit(3));';
    const { thread, ended } = run(code);
    thread.post({ type: "stop", graceMs: 0 });
    expect((await ended)?.message).toBe("Worker ended with code 3");
    expect(readSync(bell.fd, new Uint8Array(8))).toBe(8);
  });

  it("ends a thread that never comes back", async () => {
    let onLooping: (message: FromWorker) => void = () => {};
    const looping = new Promise<FromWorker>((resolve) => {
      onLooping = resolve;
    });
    const code = 'start.port.postMessage({ type: "stopped" }); for (;;) {}';
    const { thread, ended } = run(code, (message) => onLooping(message));
    await looping;
    thread.terminate();
    expect(await ended).toBeInstanceOf(Error);
  });
});
