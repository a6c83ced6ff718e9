import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UdpReceiver, UnixReceiver } from "../../tests/fixtures/log-receiver.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { AssertionFailure } from "../assert.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { errno } from "./abi.ts";
import { closeSender, openUdpSender, openUnixSender, sendDatagram } from "./datagram.ts";

let folder: string;
const open: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-datagram-"));
});

afterEach(() => {
  for (const fd of open.splice(0)) closeSender(fd);
  rmSync(folder, { recursive: true });
});

function keep(fd: number): number {
  expect(fd).toBeGreaterThanOrEqual(0);
  open.push(fd);
  return fd;
}

const text = (words: string) => new TextEncoder().encode(words);

describe("sendDatagram", () => {
  it("sends one message a call over UDP", async () => {
    const receiver = await UdpReceiver.open();
    const fd = keep(openUdpSender(makeEndpoint("127.0.0.1", receiver.port)!));
    expect([sendDatagram(fd, text("one")), sendDatagram(fd, text("öther"))]).toEqual([3, 6]);
    await waitUntil("both are there", () => receiver.messages.length === 2);
    expect(receiver.messages).toEqual(["one", "öther"]);
    await receiver.close();
  });

  it("sends to a Unix socket, and never waits for its reader", () => {
    const path = join(folder, "log");
    const receiver = new UnixReceiver(path);
    const fd = keep(openUnixSender(path));
    let result = 0;
    let sent = 0;
    while (result >= 0 && sent < 10_000) {
      result = sendDatagram(fd, text(`message ${sent}`));
      if (result >= 0) sent++;
    }
    expect(result).toBe(-errno.EAGAIN);
    for (let i = 0; i < sent; i++) expect(receiver.read()).toBe(`message ${i}`);
    expect(receiver.read()).toBeNull();
    receiver.close();
    expect(sendDatagram(fd, text("too late"))).toBe(-errno.ECONNREFUSED);
  });

  it("sends to a name in the abstract namespace", () => {
    const name = `@fairlead-datagram-${process.pid}`;
    const receiver = new UnixReceiver(name);
    const fd = keep(openUnixSender(name));
    expect(sendDatagram(fd, text("READY=1"))).toBe(7);
    expect(receiver.read()).toBe("READY=1");
    receiver.close();
    expect(openUnixSender(name)).toBe(-errno.ECONNREFUSED);
  });

  it("takes no more than a datagram holds", () => {
    const fd = keep(openUdpSender(makeEndpoint("127.0.0.1", 9)!));
    expect(() => sendDatagram(fd, new Uint8Array(65_508))).toThrow(AssertionFailure);
  });
});

describe("openUnixSender", () => {
  it("says that nobody is there, and that a path is too long", () => {
    expect(openUnixSender(join(folder, "nobody"))).toBe(-errno.ENOENT);
    expect(openUnixSender(`/${"x".repeat(107)}`)).toBe(-errno.EINVAL);
    expect(openUnixSender(`@${"x".repeat(107)}`)).toBe(-errno.ECONNREFUSED);
    expect(openUnixSender(`@${"x".repeat(108)}`)).toBe(-errno.EINVAL);
  });
});
