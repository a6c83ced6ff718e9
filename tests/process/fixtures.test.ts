import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { JsClient, MosquittoSub, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { canConnect, Mosquitto } from "./mosquitto.ts";
import { findProgram } from "./peer-program.ts";
import { freePorts, freePortsInARow } from "./ports.ts";
import { RawClientPool } from "./raw-clients.ts";
import * as rude from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

describe("findProgram", () => {
  it("names the Debian package of what is missing", () => {
    const path = process.env["PATH"];
    expect(() => findProgram("no-such-program")).toThrow(/Debian package "no-such-program"/);
    expect(process.env["PATH"]).toBe(path);
  });
});

describe("freePorts", () => {
  it("gives different ports on which nobody listens", async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    expect(await canConnect(ports[0]!)).toBe(false);
  });
});

describe("freePortsInARow", () => {
  it("gives rows that can be listened on, all at once, and no port twice", async () => {
    const firsts = [await freePortsInARow(20), await freePortsInARow(20)];
    const ports = firsts.flatMap((first) => Array.from({ length: 20 }, (_, i) => first + i));
    const others = await freePorts(20);
    expect(new Set([...ports, ...others]).size).toBe(60);
    await Promise.all(
      ports.map(async (port) => {
        const server = createServer().listen(port, "127.0.0.1");
        onTestFinished(() => void server.close());
        await once(server, "listening");
      }),
    );
  });
});

describe("Mosquitto", () => {
  it("stops, dies and comes back on its port, with its log kept", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    await expect.poll(() => broker.logLines.join("\n")).toContain("mosquitto version");
    await broker.stop();
    expect([broker.pid, await canConnect(broker.port)]).toEqual([null, false]);
    await broker.start();
    expect(await canConnect(broker.port)).toBe(true);
    await broker.kill();
    expect(await canConnect(broker.port)).toBe(false);
  });

  it("says why it cannot start", async () => {
    const start = Mosquitto.start({ config: ["no_such_setting true"] });
    await expect(start).rejects.toThrow(/Unknown configuration variable "no_such_setting"/);
  });

  it("hears other people's clients, which hear each other", async () => {
    const { port } = closeAtEnd(await Mosquitto.start());
    const js = closeAtEnd(await JsClient.connect(port, { protocolVersion: 5 }));
    await js.client.subscribeAsync("to/js", { qos: 1 });
    const sub = closeAtEnd(await MosquittoSub.start(port, "-t", "to/sub", "-V", "mqttv31"));
    await mosquittoPub(port, "-t", "to/js", "-m", "from pub", "-q", "1", "-V", "mqttv5");
    await js.client.publishAsync("to/sub", "from js");
    expect(await js.waitFor("to/js")).toMatchObject({ payload: "from pub", qos: 1 });
    expect(await sub.waitFor("to/sub")).toMatchObject({ payload: "from js", retain: false });
  });

  it("holds a pool of raw clients and complains about none", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const pool = closeAtEnd(new RawClientPool(broker.port, "raw"));
    await Promise.all(([3, 4, 5] as const).map((level) => pool.open(100, level)));
    expect(pool.openCount).toBe(300);
    await pool.disconnectAll();
    await waitUntil("all are gone", () => {
      return broker.logLines.filter((line) => line.endsWith(" disconnected.")).length === 300;
    });
    expect(broker.complaints).toEqual([]);
  });

  it("loses the clients of a pool when it dies", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const pool = closeAtEnd(new RawClientPool(broker.port, "raw"));
    await pool.open(10);
    await broker.kill();
    await Promise.all(pool.clients.map(({ closed }) => closed));
    expect(pool.openCount).toBe(0);
    await expect(pool.open(1)).rejects.toThrow("ECONNREFUSED");
  });
});

describe("rude clients", () => {
  it("reach a broker, which ends those that speak something else", async () => {
    const { port } = closeAtEnd(await Mosquitto.start());
    const slow = closeAtEnd(await rude.sendsByteByByte(port));
    await waitUntil("CONNACK", () => slow.received.length === 4);
    const http = closeAtEnd(await rude.sendsHttp(port));
    const tls = closeAtEnd(await rude.sendsTlsClientHello(port));
    expect(await http.ended).toMatch(/FIN|ECONNRESET/);
    expect(await tls.ended).toMatch(/FIN|ECONNRESET/);
  });

  it("send what their names say", async () => {
    const server = closeAtEnd(await rude.RudeServer.start(rude.neverAnswers));
    const packet = rude.politeConnect();
    await rude.sendsThenResets(server.port, packet, () => server.readSize === packet.length);
    for (const client of [
      await rude.saysNothing(server.port),
      await rude.sendsHalfThenSilence(server.port),
      await rude.neverReads(server.port, rude.politeConnect()),
    ]) {
      closeAtEnd(client);
    }
    await waitUntil("one reset arrives", () => server.endings.includes("ECONNRESET"));
    expect([server.connectionCount, server.endings.length]).toEqual([4, 1]);
  });
});

describe("rude servers", () => {
  it.each([
    ["acceptsThenCloses", rude.acceptsThenCloses, /^$/, "FIN"],
    ["readsThenResets", rude.readsThenResets, /^$/, "ECONNRESET"],
    ["speaksFirst", rude.speaksFirst, /^220 /, null],
    ["answersRubbish", rude.answersRubbish, /^HTTP\/1\.1 400/, null],
  ])("%s does that", async (_, rudeness, answer, ending) => {
    const server = closeAtEnd(await rude.RudeServer.start(rudeness));
    const client = closeAtEnd(await rude.sends(server.port, rude.politeConnect()));
    await waitUntil("the answer", () => answer.test(client.received.toString()));
    if (ending !== null) expect(await client.ended).toBe(ending);
  });

  it("refuse once they are closed", async () => {
    const server = await rude.RudeServer.start(rude.neverAnswers);
    await server.close();
    expect(await canConnect(server.port)).toBe(false);
  });
});
