import { EventEmitter } from "node:events";
import { createServer } from "node:net";
import { beforeEach, describe, expect, it } from "vitest";
import { FakeWorkers } from "../../tests/fixtures/fake-workers.ts";
import { UnixReceiver } from "../../tests/fixtures/log-receiver.ts";
import { type LogLine, makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { NotifySocket } from "../service/notify-socket.ts";
import type { Log } from "../supervisor/logger.ts";
import type { ReadAgain } from "../supervisor/reloader.ts";
import { Serving } from "./serve.ts";

const settings = await settingsFrom(TWO_POOLS);

let events: EventEmitter;
let workers: FakeWorkers;
let lines: LogLine[];
let log: Log;

beforeEach(() => {
  events = new EventEmitter();
  workers = new FakeWorkers();
  ({ lines, log } = makeMemoryLogger());
});

function start(
  changed: Partial<typeof settings> = {},
  read?: () => Promise<ReadAgain>,
): Promise<Serving> {
  const { startThread } = workers;
  return Serving.start({
    settings: { ...settings, ...changed },
    log,
    cluster: null,
    events,
    startThread,
    ...(read ? { read } : {}),
  });
}

describe("Serving", () => {
  it("says what it serves, and where", async () => {
    const serving = await start();
    const [, pages] =
      /serves mqtt on 127\.0\.0\.1:\d+, plain on 127\.0\.0\.1:\d+; pages at (http.+)$/.exec(
        String(lines.at(-1)?.["msg"]),
      ) ?? [];
    expect(pages).toBe(`${serving.admin?.url}/stats`);
    expect(lines.at(-1)).toMatchObject({ admin: serving.admin?.url });
    expect((await fetch(`${serving.admin?.url}/api/v1`)).status).toBe(200);
    await serving.stop();
  });

  it.each(["SIGTERM", "SIGINT"])("stops in order on %s and ends with 0", async (signal) => {
    const serving = await start();
    let wasServing = false;
    const ended = serving.untilStopped(() => {
      wasServing = serving.supervisor.seats.every(({ state }) => state === "serving");
    });
    events.emit(signal, signal);
    expect(await ended).toBe(0);
    expect(wasServing).toBe(true);
    expect(workers.started[0]!.received.at(-1)).toEqual({ type: "stop", graceMs: 10_000 });
    await expect(fetch(`${serving.admin?.url}/api/v1`)).rejects.toThrow();
  });

  it("reads the file again on SIGHUP, and stays", async () => {
    const changed = { ...settings, shutdown: { graceMs: 77 } };
    const serving = await start({}, async () => ({ settings: changed, diagnostics: [] }));
    const ended = serving.untilStopped();
    events.emit("SIGHUP", "SIGHUP");
    await expect.poll(() => serving.supervisor.settings.shutdown.graceMs).toBe(77);
    events.emit("SIGTERM", "SIGTERM");
    expect(await ended).toBe(0);
    expect(workers.started[0]!.received.at(-1)).toEqual({ type: "stop", graceMs: 77 });
  });

  it("tells the service manager that it is ready, reloads and stops, in order", async () => {
    const path = `@fairlead-serve-${process.pid}`;
    const receiver = new UnixReceiver(path);
    const orders = { socketPath: path, watchdogMs: null, problems: [] };
    const notifySocket = NotifySocket.open(orders, log.logger);
    const serving = await Serving.start({
      ...{ settings, log, cluster: null, events, notifySocket, startThread: workers.startThread },
      read: async () => ({ settings: null, diagnostics: [] }),
    });
    expect(receiver.read()).toBeNull();
    const ended = serving.untilStopped();
    expect(receiver.read()).toMatch(/^READY=1\nSTATUS=mqtt on .*; 3 of 3 servers up\n$/);
    events.emit("SIGHUP", "SIGHUP");
    const next = () => expect.poll(() => receiver.read());
    await next().toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+\n$/);
    await next().toMatch(/^READY=1\nSTATUS=.*the last reload was refused: the configuration has/);
    events.emit("SIGTERM", "SIGTERM");
    expect(await ended).toBe(0);
    await notifySocket?.close();
    expect(receiver.read()).toMatch(/^STOPPING=1\n/);
    expect(receiver.read()).toBeNull();
    receiver.close();
  });

  it("leaves SIGHUP alone where there is no file", async () => {
    const serving = await start();
    const ended = serving.untilStopped();
    expect(events.listenerCount("SIGHUP")).toBe(0);
    events.emit("SIGTERM", "SIGTERM");
    await ended;
  });

  it("ends at once, with 1, on a second signal", async () => {
    workers.isObedient = false;
    const serving = await start();
    const ended = serving.untilStopped();
    events.emit("SIGTERM", "SIGTERM");
    await expect.poll(() => workers.started[0]!.received.at(-1)?.type).toBe("stop");
    events.emit("SIGINT", "SIGINT");
    expect(await ended).toBe(1);
    expect(workers.started.every(({ isTerminated }) => isTerminated)).toBe(true);
  });

  it("ends every worker when the control plane itself fails, and says of what", async () => {
    const serving = await start();
    const ended = serving.untilStopped();
    events.emit("uncaughtException", new Error("Assertion failed"));
    expect(await ended).toBe(1);
    expect(workers.started.every(({ isTerminated }) => isTerminated)).toBe(true);
    expect(lines.find(({ level }) => level === "fatal")).toMatchObject({
      err: { message: "Assertion failed" },
    });
    await serving.stop();
  });

  it("leaves nothing running when the pages cannot be served", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const listen = { ...settings.admin!.listen, port };
    await expect(start({ admin: { ...settings.admin!, listen } })).rejects.toThrow(
      "Cannot bind admin",
    );
    expect(workers.started.map(({ received }) => received.at(-1)?.type)).toEqual(["stop", "stop"]);
    server.close();
  });

  it("serves without pages where they are switched off", async () => {
    const serving = await start({ admin: null });
    expect(serving.admin).toBeNull();
    await serving.stop();
  });
});
