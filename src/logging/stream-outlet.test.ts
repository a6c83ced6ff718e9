import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { type Framing, StreamOutlet } from "./stream-outlet.ts";

let server: Server;
let port: number;
const sockets: Socket[] = [];
let received = "";

beforeEach(async () => {
  received = "";
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {
      // A test may reset it.
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

const read = (socket: Socket) => socket.on("data", (bytes) => (received += bytes.toString()));
const text = (words: string) => new TextEncoder().encode(words);
const open = (framing: Framing) =>
  new StreamOutlet({
    open: () => connect({ host: "127.0.0.1", port }),
    readyEvent: "connect",
    framing,
  });

describe("StreamOutlet", () => {
  it.each<[Framing, string]>([
    ["octet-counting", "7 <1>eins9 <1>zwölf"],
    ["newline", "<1>eins\n<1>zwölf\n"],
  ])("tells messages apart by %s (RFC 6587)", async (framing, expected) => {
    server.on("connection", read);
    const outlet = open(framing);
    outlet.send(text("<1>eins"));
    outlet.send(text("<1>zwölf"));
    await waitUntil("all of it has come", () => received.length >= expected.length);
    expect(received).toBe(expected);
    await waitUntil("both count as sent", () => outlet.status.sentCount === 2);
    await outlet.close(100);
  });

  it("keeps a bounded amount for a receiver that hangs", async () => {
    server.on("connection", (socket) => socket.pause());
    const outlet = open("newline");
    await waitUntil("it is connected", () => sockets.length === 1);
    const message = text("x".repeat(10_000));
    await waitUntil("it drops", () => {
      for (let i = 0; i < 200; i++) outlet.send(message);
      return outlet.status.droppedCount > 0;
    });
    await outlet.close(50);
  });

  it("connects again to a receiver that broke off", async () => {
    const outlet = open("newline");
    await waitUntil("it is connected", () => sockets.length === 1);
    sockets[0]!.resetAndDestroy();
    await waitUntil("it has noticed", () => outlet.status.problem !== null);
    server.on("connection", read);
    outlet.send(text("again"));
    await waitUntil("it has come", () => received === "again\n");
    expect(outlet.status.problem).toBeNull();
    await outlet.close(100);
  });

  it("appends to a file, and to a new one once it was rotated", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-file-"));
    const path = join(folder, "access.log");
    const outlet = new StreamOutlet({
      open: () => createWriteStream(path, { flags: "a" }),
      readyEvent: "open",
      framing: "newline",
    });
    outlet.send(text("before"));
    await waitUntil("it is written", () => outlet.status.sentCount === 1);
    renameSync(path, `${path}.1`);
    outlet.reopen();
    outlet.send(text("after"));
    await outlet.close(60_000);
    expect([readFileSync(`${path}.1`, "utf8"), readFileSync(path, "utf8")]).toEqual([
      "before\n",
      "after\n",
    ]);
    rmSync(folder, { recursive: true });
  });
});
