// `fairlead ctl trace` of real clients before a real broker: over TCP, TLS and WebSocket, in every
// version, of clients that were there and of clients that come, on both reactors.

import { createConnection } from "node:net";
import type { IClientOptions } from "mqtt";
import { generate } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PINGREQ } from "../../src/mqtt/packet.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { RunningCommand } from "./fairlead.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { waitUntil } from "./wait-until.ts";

const LISTENERS = ["plain", "tls", "ws", "wss"] as const;
type Listener = (typeof LISTENERS)[number];
type Scene = ManyListeners<Listener>;

let broker: Mosquitto;
let scenes: Readonly<Record<"epoll" | "io_uring", Scene>>;

beforeAll(async () => {
  broker = await Mosquitto.start();
  const [epoll, uring] = await Promise.all([startOn("epoll"), startOn("io_uring")]);
  scenes = { epoll, io_uring: uring };
});

afterAll(async () => {
  for (const scene of Object.values(scenes)) await scene.end();
  await broker.close();
});

async function startOn(reactor: string): Promise<Scene> {
  const { server } = await certificatesOfTest();
  const tls = { certificates: [{ certificate: server.certFile, key: server.keyFile }] };
  return ManyListeners.start({
    listeners: { plain: {}, tls: { tls }, ws: { websocket: {} }, wss: { tls, websocket: {} } },
    pools: { brokers: { servers: [broker.address] } },
    workers: 2,
    sections: { reactor },
  });
}

function urlOf({ ports }: Scene, listener: Listener): string {
  const scheme = { plain: "mqtt", tls: "mqtts", ws: "ws", wss: "wss" }[listener];
  return `${scheme}://127.0.0.1:${ports[listener]}${listener.startsWith("ws") ? "/mqtt" : ""}`;
}

function connect(scene: Scene, listener: Listener, options: IClientOptions): Promise<JsClient> {
  const own = { rejectUnauthorized: false, ...options };
  return JsClient.connectTo(urlOf(scene, listener), own).then(closeAtEnd);
}

/** A trace that the balancer has begun. */
async function trace(scene: Scene, ...args: readonly string[]): Promise<RunningCommand> {
  const { adminPort } = scene.fairlead;
  const before = actions(scene).length;
  const url = `http://127.0.0.1:${adminPort}`;
  const command = closeAtEnd(new RunningCommand("ctl", "--url", url, "trace", ...args));
  await waitUntil("the trace has begun", () => actions(scene).length > before);
  return command;
}

function actions({ fairlead }: Scene) {
  return fairlead.log.filter((entry) => entry["action"] === "trace");
}

/** Lines without their times. */
function textOf({ lines }: RunningCommand): string[] {
  return lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ""));
}

describe.each(["epoll", "io_uring"] as const)("fairlead ctl trace on %s", (reactor) => {
  it.each(LISTENERS)("shows a client of %s that comes, to its end", async (listener) => {
    const scene = scenes[reactor];
    for (const [version, level] of [
      ["3.1.1", 4],
      ["5.0", 5],
    ] as const) {
      const clientId = `new-${listener}-${level}`;
      const command = await trace(scene, clientId);
      const login = { username: "ops", password: "hunter2" };
      const options = { clientId, protocolVersion: level, ...login, keepalive: 30 };
      const js = await connect(scene, listener, options);
      await js.client.subscribeAsync("demo/#", { qos: 2 });
      await js.client.publishAsync("demo/a", "top secret", { qos: 2 });
      await js.waitFor("demo/a");
      await waitUntil("its own message is answered", () =>
        textOf(command).some((line) => line.startsWith("< PUBREL")),
      );
      await js.client.endAsync();
      expect(await command.untilEnd()).toBe(0);
      const text = textOf(command).join("\n");
      for (const pattern of [
        new RegExp(
          `^= connection \\d+-\\d+-\\d+ from 127.0.0.1:\\d+ at listener ${listener}$`,
          "m",
        ),
        new RegExp(
          `^> CONNECT ${version}, client id "${clientId}", keep alive 30 s, clean start, `,
        ),
        /user name "ops", password \(hidden\)/,
        /^= server brokers\/127\.0\.0\.1:\d+$/m,
        level === 5 ? /^< CONNACK 0x00 success/m : /^< CONNACK 0x00 accepted \[4 bytes\]$/m,
        /^> SUBSCRIBE id \d+, "demo\/#" QoS 2/m,
        /^< SUBACK id \d+, 0x02 granted QoS 2/m,
        /^> PUBLISH "demo\/a", QoS 2, id \d+, payload 10 bytes \[\d+ bytes\]$/m,
        /^< PUBREC id \d+/m,
        /^> PUBREL id \d+/m,
        /^< PUBCOMP id \d+/m,
        /^< PUBLISH "demo\/a", QoS 2, id \d+, payload 10 bytes/m,
        /^> DISCONNECT/m,
        /^= connection \S+ has ended: client-disconnected, /m,
      ]) {
        expect(text).toMatch(new RegExp(pattern.source, "m"));
      }
      expect(text).not.toContain("secret");
      expect(text).not.toContain("hunter2");
      expect(command.complaints).toEqual([
        `No client "${clientId}" is connected: its packets are shown when it comes`,
      ]);
    }
  });

  it("shows a client that was there, with payloads, up to a count", async () => {
    const scene = scenes[reactor];
    const clientId = "there";
    const js = await connect(scene, "tls", { clientId, protocolVersion: 5 });
    await js.client.subscribeAsync("there/#");
    await mosquittoPub(scene.ports.plain, "-t", "there/before", "-m", "unseen");
    await js.waitFor("there/before");
    const command = await trace(scene, clientId, "--payload", "--count", "2");
    await waitUntil("it is shown", () => command.lines.length >= 2);
    await mosquittoPub(scene.ports.plain, "-t", "there/text", "-m", "it works");
    await js.waitFor("there/text");
    const large = Buffer.alloc(100_000, 0xff);
    await js.client.publishAsync("there/large", large, { qos: 1 });
    expect(await command.untilEnd()).toBe(0);
    const text = textOf(command);
    expect(text.slice(0, 5)).toEqual([
      expect.stringMatching(/^= connection \S+ from 127\.0\.0\.1:\d+ at listener tls$/),
      expect.stringMatching(/^= server brokers\//),
      expect.stringMatching(/^< PUBLISH "there\/text", QoS 0, payload 8 bytes \[\d+ bytes\]$/),
      `${" ".repeat(15)}it works`,
      expect.stringMatching(/^> PUBLISH "there\/large", QoS 1, id \d+, payload 100000 bytes/),
    ]);
    expect(text[5]).toBe(`${" ".repeat(15)}hex ${"ff".repeat(64)} …`);
    expect(command.complaints).toEqual([]);
    // Nobody looks any more: the client goes on as before.
    await js.client.publishAsync("there/after", "x", { qos: 1 });
    await js.waitFor("there/after");
  });

  it("stays with --follow, speaks JSON, and ends after a while", async () => {
    const scene = scenes[reactor];
    const options = ["--follow", "--json", "--for", "1h"];
    const command = await trace(scene, "comes-and-goes", ...options);
    for (const end of [1, 2]) {
      await mosquittoPub(scene.ports.plain, "-i", "comes-and-goes", "-t", "a", "-m", "b");
      await waitUntil(
        "its end is shown",
        () => command.lines.filter((line) => line.includes('"closed"')).length === end,
      );
    }
    const events = command.lines.map((line) => JSON.parse(line));
    const names = events.map(({ event, type }) => type ?? event);
    const visit = ["opened", "CONNECT", "server", "CONNACK", "PUBLISH", "DISCONNECT", "closed"];
    expect(names).toEqual([...visit, ...visit]);
    expect(command.exitCode).toBeNull();
    const brief = await trace(scene, "nobody", "--for", "200ms");
    expect(await brief.untilEnd()).toBe(0);
  });
});

it("says what Fairlead itself tells a client, and is in the audit log", async () => {
  const scene = scenes.epoll;
  const clientId = "sent-away";
  await connect(scene, "ws", { clientId, protocolVersion: 5 });
  const command = await trace(scene, clientId);
  const { adminPort } = scene.fairlead;
  const closing = new RunningCommand(
    "ctl",
    "--url",
    `127.0.0.1:${adminPort}`,
    "conn",
    "close",
    clientId,
  );
  closeAtEnd(closing);
  expect(await command.untilEnd()).toBe(0);
  expect(textOf(command).join("\n")).toMatch(
    /^< DISCONNECT by Fairlead 0x98 administrative action, reasonString /m,
  );
  expect(actions(scene).at(-1)).toMatchObject({ by: "anonymous", target: clientId });
});

it("counts what it cannot show of a flood, and holds nobody up", async () => {
  const scene = scenes.io_uring;
  const clientId = "flood";
  const command = await trace(scene, clientId, "--json");
  const count = 100_000;
  const publish = Buffer.from([0x30, 5, 0, 1, 0x61, 0x68, 0x69]);
  const socket = createConnection({ host: "127.0.0.1", port: scene.ports.plain });
  closeAtEnd({ close: async () => void socket.destroy() });
  let received = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    received = Buffer.concat([received, bytes]);
  });
  socket.write(generate({ cmd: "connect", clientId, protocolVersion: 4, clean: true }));
  await waitUntil("the client is shown", () => command.lines.join("").includes("CONNACK"));
  socket.write(Buffer.concat([...Array(count).fill(publish), PINGREQ]));
  // Every one of them has reached the broker, traced or not.
  await waitUntil("the broker answers what came last", () => received.at(-2) === 0xd0);
  const counted = () => {
    const events = command.lines.map((line) => JSON.parse(line));
    const shown = events.filter(({ type }) => type === "PUBLISH").length;
    const lost = events.reduce((sum, { packets = 0 }) => sum + packets, 0);
    const pings = events.filter(({ type }) => /^PING/.test(type)).length;
    return { shown, lost, all: shown + lost + pings };
  };
  await waitUntil("everything is shown or counted", () => counted().all === count + 2);
  expect(counted().shown).toBeGreaterThan(0);
  expect(counted().lost).toBeGreaterThan(0);
  socket.end(Buffer.from([0xe0, 0]));
  expect(await command.untilEnd()).toBe(0);
});
