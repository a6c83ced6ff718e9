import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { UnixReceiver } from "../../tests/fixtures/log-receiver.ts";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { ASSIGNMENT_LENGTH_MAX, NotifySocket } from "./notify-socket.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-service-"));

afterAll(() => rmSync(folder, { recursive: true }));

function open(socketPath: string | null, problems: readonly string[] = []) {
  const { logger, lines } = makeMemoryLogger();
  const socket = NotifySocket.open({ socketPath, watchdogMs: 2_000, problems }, logger);
  return { socket: socket!, messages: () => lines.map(({ msg }) => msg) };
}

it.each([join(folder, "notify"), `@fairlead-service-${process.pid}`])(
  "tells %s assignments, all in one datagram",
  async (path) => {
    const receiver = new UnixReceiver(path);
    const { socket, messages } = open(path);
    socket.tell("READY=1", "STATUS=mqtt on 0.0.0.0:1883");
    socket.tell("WATCHDOG=1");
    await socket.close();
    expect(receiver.read()).toBe("READY=1\nSTATUS=mqtt on 0.0.0.0:1883\n");
    expect(receiver.read()).toBe("WATCHDOG=1\n");
    expect(receiver.read()).toBeNull();
    expect(messages()).toEqual([]);
    receiver.close();
  },
);

it("lets no text begin an assignment, and cuts one that is too long", async () => {
  const path = join(folder, "texts");
  const receiver = new UnixReceiver(path);
  const { socket } = open(path);
  socket.tell("STATUS=two\nREADY=1");
  socket.tell(`STATUS=${"€".repeat(5_000)}`);
  await socket.close();
  expect(receiver.read()).toBe("STATUS=two READY=1\n");
  const cut = "€".repeat(ASSIGNMENT_LENGTH_MAX - "STATUS=".length);
  expect(receiver.read()).toBe(`STATUS=${cut}\n`);
  receiver.close();
});

it("is not there without a socket, and says why when it could be", () => {
  expect(open(null).socket).toBeNull();
  const { socket, messages } = open(null, ["NOTIFY_SOCKET is odd"]);
  expect(socket).toBeNull();
  expect(messages()).toEqual(["Not all is told to the service manager: NOTIFY_SOCKET is odd"]);
});

it("says once that nobody can be reached, and goes on", async () => {
  const path = join(folder, "nobody");
  const { socket, messages } = open(path);
  socket.tell("READY=1");
  await expect.poll(messages).toHaveLength(1);
  socket.tell("WATCHDOG=1");
  await socket.close();
  expect(messages()).toEqual([
    `Cannot reach the service manager at "${path}": no such file or folder`,
  ]);
});
