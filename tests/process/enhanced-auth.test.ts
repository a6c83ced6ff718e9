// Enhanced authentication (5.0, 4.12) through the balancer: mosquitto asks with AUTH before it
// answers the CONNECT, MQTT.js replies, and the CONNACK behind it counts as any other.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { IClientOptions, MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Balancer, startBalancer, waitForEnd } from "./balancer.ts";
import { connackOf } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";
import { placesOf } from "./placement.ts";

const METHOD = "reversed";
const CONTINUE = 0x18;
const NOT_AUTHORIZED = 0x87;
const PACKET_SIZE = 4_096;

const folder = mkdtempSync(join(tmpdir(), "fairlead-enhanced-auth-"));
const plugin = join(folder, "challenge.so");

beforeAll(() => {
  const source = fileURLToPath(new URL("challenge-plugin.c", import.meta.url));
  execFileSync("gcc", ["-Wall", "-Werror", "-shared", "-fPIC", source, "-o", plugin]);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(): Promise<Balancer & { readonly brokers: readonly Mosquitto[] }> {
  const config = [`plugin ${plugin}`];
  const brokers = await Promise.all([0, 1, 2].map(() => Mosquitto.start({ config })));
  for (const broker of brokers) closeAtEnd(broker);
  const balancer = await startBalancer({
    servers: brokers.map(({ address }) => `"${address}"`),
    listener: `packetSize: ${PACKET_SIZE}`,
    pool: ["check: { type: none }", "stick: { by: client-id }"],
  });
  return { ...balancer, brokers };
}

function five(clientId: string): IClientOptions {
  return { clientId, protocolVersion: 5, properties: { authenticationMethod: METHOD } };
}

/** Has a client reply to each word that it is sent. @returns those words */
function answering(reply: (word: string) => string) {
  const asked: string[] = [];
  const prepare = (client: MqttClient) => {
    client.handleAuth = ({ properties }, done) => {
      const word = String(properties?.authenticationData);
      asked.push(word);
      const authenticationData = Buffer.from(reply(word));
      const said = { authenticationMethod: METHOD, authenticationData };
      done(undefined, { cmd: "auth", reasonCode: CONTINUE, properties: said });
    };
  };
  return { asked, prepare };
}

const reversed = (word: string) => [...word].reverse().join("");

describe("a client that is asked for more before it is let in", () => {
  it("hears and replies, is told its bounds, and sticks to who let it in", async () => {
    const { port, fairlead, brokers } = await start();
    const url = `mqtt://127.0.0.1:${port}`;
    for (let visit = 1; visit <= 4; visit++) {
      const { asked, prepare } = answering(reversed);
      const connack = await connackOf(url, five("meter"), prepare);
      expect(asked).toEqual(["power", "drawer"]);
      expect(connack).toMatchObject({
        reasonCode: 0,
        properties: { maximumPacketSize: PACKET_SIZE },
      });
    }
    const [first, ...later] = await placesOf(brokers, "meter", 4);
    expect(later).toEqual([first, first, first]);
    await waitForEnd(fairlead, "meter");
    const page = await fairlead.fetchPage("/api/v1/tables/brokers/entries");
    expect(JSON.parse(page)).toMatchObject({ entries: [{ key: "meter" }] });
  });

  it("is refused in the server's words, and sticks nowhere", async () => {
    const { port, fairlead } = await start();
    const { asked, prepare } = answering((word) => word);
    const connack = await connackOf(`mqtt://127.0.0.1:${port}`, five("guesser"), prepare);
    expect(asked).toEqual(["power"]);
    expect(connack.reasonCode).toBe(NOT_AUTHORIZED);
    expect(await waitForEnd(fairlead, "guesser")).toMatchObject({ reason: "server-refused" });
    const page = await fairlead.fetchPage("/api/v1/tables/brokers/entries");
    expect(JSON.parse(page)).toMatchObject({ entries: [] });
  });
});
