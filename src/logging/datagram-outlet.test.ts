import { mkdtempSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UdpReceiver, UnixReceiver } from "../../tests/fixtures/log-receiver.ts";
import { freePort } from "../../tests/process/ports.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { openUdpSender, openUnixSender } from "../linux/datagram.ts";
import { DatagramOutlet } from "./datagram-outlet.ts";
import { QUEUE_BYTES_MAX } from "./outlet.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-outlet-"));
  path = join(folder, "log");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const text = (words: string) => new TextEncoder().encode(words);
const toUnix = () =>
  new DatagramOutlet({ open: async () => openUnixSender(path), survivesRefusal: false });
const toUdp = (port: number) => {
  const endpoint = makeEndpoint("127.0.0.1", port)!;
  return new DatagramOutlet({ open: async () => openUdpSender(endpoint), survivesRefusal: true });
};

describe("DatagramOutlet", () => {
  it("sends what was said before it was open, in order", async () => {
    const receiver = await UdpReceiver.open();
    const outlet = toUdp(receiver.port);
    outlet.send(text("one"));
    outlet.send(text("two"));
    await waitUntil("both are there", () => receiver.messages.length === 2);
    expect(receiver.messages).toEqual(["one", "two"]);
    expect(outlet.status).toEqual({ sentCount: 2, droppedCount: 0, problem: null });
    await outlet.close(0);
    await receiver.close();
  });

  it("keeps what a receiver that hangs does not take, and drops what is too much", async () => {
    const receiver = new UnixReceiver(path);
    const outlet = toUnix();
    await outlet.opened;
    const message = text("x".repeat(1_000));
    const total = 3_000;
    for (let i = 0; i < total; i++) outlet.send(message);
    const { sentCount, droppedCount, problem } = outlet.status;
    expect(problem).toBe("the receiver is behind");
    const kept = total - sentCount - droppedCount;
    expect(kept * message.length).toBeLessThanOrEqual(QUEUE_BYTES_MAX);
    expect(droppedCount).toBeGreaterThan(0);
    let read = 0;
    await waitUntil("what was kept has come", () => {
      while (receiver.read() !== null) read++;
      return read === total - droppedCount;
    });
    expect(outlet.status.droppedCount).toBe(droppedCount);
    await outlet.close(0);
    receiver.close();
  });

  it("finds a receiver that was not there, and one that has come back", async () => {
    const outlet = toUnix();
    await outlet.opened;
    outlet.send(text("early"));
    expect(outlet.status.problem).toBe("no such file or folder");
    const first = new UnixReceiver(path);
    await waitUntil("the early one has come", () => first.read() === "early");
    first.close();
    unlinkSync(path);
    outlet.send(text("kept"));
    const second = new UnixReceiver(path);
    await waitUntil("the one that was kept has come", () => second.read() === "kept");
    await outlet.close(0);
    second.close();
  });

  it("counts what UDP says was refused, and goes on", async () => {
    const outlet = toUdp(await freePort());
    await outlet.opened;
    for (let i = 0; i < 10; i++) outlet.send(text("nobody hears"));
    const { sentCount, droppedCount, problem } = outlet.status;
    expect(sentCount + droppedCount).toBe(10);
    expect(droppedCount).toBeGreaterThan(0);
    expect(problem).toBe("connection refused");
    await outlet.close(0);
  });

  it("gives up on what was never sent when it is closed", async () => {
    const outlet = toUnix();
    outlet.send(text("lost"));
    await outlet.close(50);
    expect(outlet.status.droppedCount).toBe(1);
  });
});
