import type { Packet } from "mqtt-packet";
import { afterEach, describe, expect, it } from "vitest";
import { LoadUnderTest } from "../../tests/fixtures/load-under-test.ts";
import { ACCEPT, ScriptedBroker } from "../../tests/fixtures/scripted-broker.ts";

let load: LoadUnderTest;
let broker: ScriptedBroker;

afterEach(() => {
  broker?.close();
  load.end();
});

async function subscribe(qos: 0 | 1 | 2, granted: number): Promise<void> {
  broker = await ScriptedBroker.start((packet): readonly Packet[] => {
    if (packet.cmd === "connect") return [ACCEPT];
    if (packet.cmd === "subscribe") {
      return [{ cmd: "suback", messageId: packet.messageId!, granted: [granted] }];
    }
    return packet.cmd === "pubrec" ? [{ cmd: "pubrel", messageId: packet.messageId! }] : [];
  });
  load = new LoadUnderTest({ kind: "sub", connectionCount: 2, qos, topic: "t/%i" }, broker.port);
  await load.until(() => broker.of("subscribe").length === 2);
}

function deliver(qos: 0 | 1 | 2): void {
  const message = { topic: "t", payload: "p".repeat(300), retain: false, dup: false } as const;
  broker.send({ cmd: "publish", qos, messageId: 700, ...message });
}

describe("Subscriber", () => {
  it("subscribes each connection to its own topic", async () => {
    await subscribe(1, 1);
    const filters = broker.of("subscribe").map((packet) => {
      return packet.cmd === "subscribe" ? packet.subscriptions[0] : null;
    });
    expect(filters).toMatchObject([
      { topic: "t/1", qos: 1 },
      { topic: "t/2", qos: 1 },
    ]);
    await load.until(() => load.count("subscribed") === 2);
  });

  it("counts a refusal", async () => {
    await subscribe(0, 0x80);
    await load.until(() => load.failures.includes("SUBSCRIBE refused: 0x80: 2"));
    expect([load.count("subscribed"), load.count("up")]).toEqual([0, 2]);
  });

  it.each([
    [0, []],
    [1, ["puback", "puback"]],
    [2, ["pubrec", "pubcomp", "pubrec", "pubcomp"]],
  ] as const)("counts and acknowledges messages of QoS %i", async (qos, answers) => {
    await subscribe(qos, qos);
    await load.until(() => load.count("subscribed") === 2);
    deliver(qos);
    await load.until(() => load.count("received") === 2);
    const kinds = () => broker.packets.map(({ cmd }) => cmd).filter((cmd) => cmd.startsWith("pub"));
    await load.until(() => kinds().length === answers.length);
    expect(kinds().sort()).toEqual([...answers].sort());
  });
});
