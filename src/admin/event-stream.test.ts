import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { EventFeed } from "./event-feed.ts";
import { EventStreams, formatEvent } from "./event-stream.ts";

let scene: AdminScene;
const sockets: Socket[] = [];

beforeAll(async () => {
  scene = await AdminScene.start();
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await scene.stop();
});

/** Asks for events and reads nothing until somebody listens for it. */
function openStream(headers = ""): Socket {
  const { hostname: host, port } = new URL(scene.admin.url);
  const socket = connect({ host, port: Number(port) });
  socket.on("error", () => {});
  socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  sockets.push(socket);
  return socket;
}

function readAll(socket: Socket): { text: string } {
  const read = { text: "" };
  socket.on("data", (bytes) => {
    read.text += bytes;
  });
  return read;
}

const act = () => scene.patch("/api/v1/pools/brokers/servers/a", { weight: 5 });

describe("EventStreams", () => {
  it("sends events as they come, and those that were missed", async () => {
    const first = readAll(openStream());
    await waitUntil("the stream begins", () => first.text.includes(": events"));
    await act();
    await waitUntil("the event comes", () => first.text.includes("event: action"));
    expect(first.text).toContain("content-type: text/event-stream");
    expect(first.text).toContain('"target":"brokers/a"');
    const again = readAll(openStream("Last-Event-ID: 0\r\n"));
    await waitUntil("what was missed comes", () => again.text.includes("id: 1\n"));
  });

  it("cuts off who does not read, and no other", async () => {
    const feed = new EventFeed(scene.supervisor);
    const streams = new EventStreams(feed);
    const server = createServer((_request, response) => streams.serve(response, ""));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const open = () => {
      const socket = connect({ host: "127.0.0.1", port });
      socket.on("error", () => {});
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      sockets.push(socket);
      return socket;
    };
    const slow = open().pause();
    const quick = readAll(open());
    await waitUntil("both follow", () => streams.count === 2);
    const target = "x".repeat(16_384);
    const action = { by: "a", from: "b", action: "c", target, detail: {} };
    let told = 0;
    // What the kernel keeps for the slow one is full at some time; the quick one takes everything.
    await waitUntil("the slow one is cut off", async () => {
      for (let i = 0; i < 3; i++) feed.tellAction({ ...action, detail: { told: told++ } });
      await waitUntil("the quick one has read", () => quick.text.includes(`"told":${told - 1}}`));
      return streams.count === 1;
    });
    slow.destroy();
    expect(feed.followerCount).toBe(1);
    streams.stop();
    feed.stop();
    server.close();
  });

  it("refuses more readers than may", async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    const slow = Array.from({ length: 64 }, () => openStream());
    for (const socket of slow) socket.pause();
    await waitUntil("no more may follow", async () => {
      const controller = new AbortController();
      const response = await fetch(`${scene.admin.url}/api/v1/events`, {
        signal: controller.signal,
      });
      controller.abort();
      return response.status === 503;
    });
    expect((await scene.get("/api/v1/status")).status).toBe(200);
  });
});

describe("formatEvent", () => {
  it("is one block, whatever a name holds", () => {
    const event = { id: 7, at: "now", type: "server", reason: "a\nb" } as const;
    expect(formatEvent(event)).toBe(`id: 7\nevent: server\ndata: ${JSON.stringify(event)}\n\n`);
  });
});
