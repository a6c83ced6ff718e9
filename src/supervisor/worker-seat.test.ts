import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeWorkers } from "../../tests/fixtures/fake-workers.ts";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { makeWorkerStart } from "../../tests/fixtures/worker-start.ts";
import { createPlan } from "./plan.ts";
import { type WorkerDeath, WorkerSeat } from "./worker-seat.ts";

const plan = createPlan(await settingsFrom(TWO_POOLS), 1);
const ticketKey = new Uint8Array(80);

let workers: FakeWorkers;
let deaths: WorkerDeath[];
let problems: string[];
let seat: WorkerSeat;

beforeEach(() => {
  vi.useFakeTimers();
  workers = new FakeWorkers();
  deaths = [];
  problems = [];
  seat = new WorkerSeat({
    worker: 0,
    describePlan: () => plan,
    describeTicketKeys: () => [ticketKey],
    startThread: workers.startThread,
    describeStart: (worker) => makeWorkerStart({ serversMax: 3, listenersMax: 2 }, worker),
    onDied: (death) => deaths.push(death),
    onServing: () => {},
    onProblem: (_worker, message) => problems.push(message),
  });
});

afterEach(() => {
  vi.useRealTimers();
});

function die(error = new Error("Out of memory")): void {
  workers.started.at(-1)!.events.onEnd(error);
}

describe("WorkerSeat", () => {
  it("sends keys and plan to a thread that is ready and serves once it is applied", async () => {
    await seat.start();
    expect(seat.state).toBe("serving");
    expect(seat.reactor).toBe("epoll");
    const keys = { type: "ticket-keys", keys: [ticketKey] };
    expect(workers.started[0]!.received).toEqual([keys, { type: "plan", plan }]);
  });

  it("tells what is new only to a thread that has a plan", async () => {
    const news = { type: "ticket-keys", keys: [] } as const;
    const starting = seat.start();
    seat.tell(news);
    await starting;
    expect(workers.started[0]!.received).not.toContain(news);
    seat.tell(news);
    expect(workers.started[0]!.received.at(-1)).toBe(news);
    die();
    seat.tell(news);
    expect(workers.started).toHaveLength(1);
  });

  it("knows a thread that does not answer, until it does", async () => {
    await seat.start();
    const { received, events } = workers.started[0]!;
    const echoes = () => received.filter(({ type }) => type === "echo").length;
    expect([seat.askForEcho(), echoes()]).toEqual([true, 1]);
    await Promise.resolve();
    workers.answersEchoes = false;
    expect([seat.askForEcho(), seat.askForEcho(), seat.askForEcho()]).toEqual([true, false, false]);
    expect(echoes()).toBe(2);
    events.onMessage({ type: "echo" });
    expect(seat.askForEcho()).toBe(true);
  });

  it("asks nothing of a thread that is being replaced or stopped", async () => {
    workers.answersEchoes = false;
    await seat.start();
    expect([seat.askForEcho(), seat.askForEcho()]).toEqual([true, false]);
    die();
    expect([seat.askForEcho(), seat.askForEcho()]).toEqual([true, true]);
    await vi.advanceTimersByTimeAsync(50);
    expect([seat.askForEcho(), seat.askForEcho()]).toEqual([true, false]);
    const stopped = seat.stop(0);
    expect(seat.askForEcho()).toBe(true);
    await stopped;
  });

  it("does not replace a thread that never came up", async () => {
    workers.nextFails = new Error("Cannot load koffi");
    await expect(seat.start()).rejects.toThrow("Cannot load koffi");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(workers.started).toHaveLength(1);
    await seat.stop(0);
  });

  it("replaces a thread that dies, and gives back what it held before that", async () => {
    await seat.start();
    die();
    expect(deaths).toMatchObject([{ worker: 0, error: { message: "Out of memory" } }]);
    expect(workers.started).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(50);
    expect(workers.started).toHaveLength(2);
    expect(seat.state).toBe("serving");
    expect(seat.replacementCount).toBe(1);
    expect(workers.started[1]!.start.wakeFd).toBe(workers.started[0]!.start.wakeFd);
  });

  it("waits longer each time, up to half a minute, and less after a good minute", async () => {
    await seat.start();
    for (let i = 0; i < 12; i++) {
      die();
      await vi.advanceTimersByTimeAsync(30_000);
    }
    expect(deaths.slice(0, 4).map(({ pauseMs }) => pauseMs)).toEqual([50, 100, 200, 400]);
    expect(deaths.at(-1)?.pauseMs).toBe(30_000);
    await vi.advanceTimersByTimeAsync(60_000);
    die();
    expect(deaths.at(-1)?.pauseMs).toBe(50);
  });

  it("ends a thread that does not serve in time, and starts another", async () => {
    await seat.start();
    workers.takesPlans = false;
    die();
    await vi.advanceTimersByTimeAsync(50 + 59_999);
    expect(workers.started.map(({ isTerminated }) => isTerminated)).toEqual([false, false]);
    workers.takesPlans = true;
    await vi.advanceTimersByTimeAsync(1);
    expect(problems).toEqual(["The worker does not serve in time and is ended"]);
    expect([workers.started[1]!.isTerminated, deaths.length]).toEqual([true, 2]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([workers.started.length, seat.state, problems.length]).toEqual([3, "serving", 1]);
  });

  it("fails to start when the first thread does not serve in time", async () => {
    workers.takesPlans = false;
    const started = expect(seat.start()).rejects.toThrow("Worker ended with code 1");
    await vi.advanceTimersByTimeAsync(60_000);
    await started;
    expect([problems.length, seat.state, deaths]).toEqual([1, "ended", []]);
  });

  it("asks a thread to stop and waits until it has", async () => {
    await seat.start();
    await seat.stop(1000);
    expect(workers.started[0]!.received.at(-1)).toEqual({ type: "stop", graceMs: 1000 });
    expect(seat.state).toBe("ended");
    expect(deaths).toEqual([]);
  });

  it("ends a thread that does not stop in time", async () => {
    workers.isObedient = false;
    await seat.start();
    const stopped = seat.stop(1000);
    await vi.advanceTimersByTimeAsync(5_999);
    expect(workers.started[0]!.isTerminated).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    expect(workers.started[0]!.isTerminated).toBe(true);
    expect(problems).toHaveLength(1);
  });

  it("tells of a thread that dies instead of stopping", async () => {
    workers.isObedient = false;
    await seat.start();
    const stopped = seat.stop(1000);
    die(new Error("Assertion failed"));
    await stopped;
    expect(problems.join()).toContain("died while it was stopping: Error: Assertion failed");
  });

  it("starts no replacement once it is stopped", async () => {
    await seat.start();
    die();
    await seat.stop(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(workers.started).toHaveLength(1);
  });

  it("passes problems on", async () => {
    await seat.start();
    workers.started[0]!.events.onMessage({ type: "problem", message: "Out of buffers" });
    expect(problems).toEqual(["Out of buffers"]);
  });

  it("sends a new plan and waits until it is run", async () => {
    await seat.start();
    let isRunning = false;
    workers.takesPlans = false;
    const running = seat.usePlan(2).then(() => {
      isRunning = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isRunning).toBe(false);
    expect(workers.started[0]!.received.at(-1)?.type).toBe("plan");
    const { events } = workers.started[0]!;
    events.onMessage({ type: "plan-applied", generation: 2 });
    events.onMessage({ type: "oldest-plan", generation: 2 });
    await running;
    expect(seat.oldestGeneration).toBe(2);
  });

  it("leaves a new plan to the thread that takes the place of a dead one", async () => {
    await seat.start();
    workers.takesPlans = false;
    const running = seat.usePlan(1);
    die();
    workers.takesPlans = true;
    await vi.advanceTimersByTimeAsync(1_000);
    await running;
    expect(seat.state).toBe("serving");
  });

  it("rings no bell once it has ended", async () => {
    await seat.start();
    await seat.stop(0);
    expect(() => seat.wake()).not.toThrow();
  });

  it("keeps nobody waiting for a plan that no thread will run", async () => {
    await seat.start();
    workers.takesPlans = false;
    const running = seat.usePlan(2);
    await seat.stop(0);
    await running;
    await seat.usePlan(3);
  });
});
