import { generate, type Packet, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { MessageConversation } from "./message-conversation.ts";
import { PublishConversation } from "./publish-conversation.ts";

const PAYLOAD = Buffer.from("nonce");
const TOPIC = "fairlead/check/a";

type Version = "3.1.1" | "5.0";

function login(version: Version) {
  return { version, clientId: "check-1", userName: null, password: null };
}

function makeWaiting(version: Version, qos: 0 | 1, across: (() => void) | null = null) {
  const times = [100, 107];
  return new MessageConversation({
    ...login(version),
    message: { topic: TOPIC, payload: PAYLOAD, qos },
    now: () => times.shift() ?? 0,
    across: across && { server: "b", publish: across },
  });
}

function packets(bytes: Uint8Array | null, version: Version): Packet[] {
  const found: Packet[] = [];
  const reader = parser({ protocolVersion: version === "5.0" ? 5 : 4 });
  reader.on("packet", (packet) => found.push(packet));
  reader.parse(Buffer.from(bytes ?? []));
  return found;
}

function say(packet: Packet, version: Version): Buffer {
  return generate(packet, { protocolVersion: version === "5.0" ? 5 : 4 });
}

const connack = (version: Version) =>
  say({ cmd: "connack", returnCode: 0, reasonCode: 0, sessionPresent: false }, version);
const suback = (version: Version, code = 0) =>
  say({ cmd: "suback", messageId: 1, granted: [code] }, version);

function publish(version: Version, qos: 0 | 1, payload = PAYLOAD): Buffer {
  const id = qos === 0 ? {} : { messageId: 9 };
  const packet = { cmd: "publish", topic: TOPIC, payload, qos, dup: false, retain: false, ...id };
  return say(packet as Packet, version);
}

describe.each(["3.1.1", "5.0"] as const)("MessageConversation in %s", (version) => {
  it.each([0, 1] as const)("subscribes, publishes and hears itself at QoS %i", (qos) => {
    const conversation = makeWaiting(version, qos);
    expect(packets(conversation.onConnect().send, version)).toMatchObject([
      { cmd: "connect", clientId: "check-1", clean: true },
    ]);
    const subscribes = packets(conversation.onBytes(connack(version)).send, version);
    expect(subscribes).toMatchObject([
      { cmd: "subscribe", subscriptions: [{ topic: TOPIC, qos }] },
    ]);
    const publishes = packets(conversation.onBytes(suback(version)).send, version);
    expect(publishes).toMatchObject([{ cmd: "publish", topic: TOPIC, payload: PAYLOAD, qos }]);
    const last = conversation.onBytes(publish(version, qos));
    expect(last.finding).toMatchObject({ outcome: "passed", code: "L7OK", latencyMs: 7 });
    const acknowledged = qos === 0 ? [] : [{ cmd: "puback", messageId: 9 }];
    expect(packets(last.send, version)).toMatchObject([...acknowledged, { cmd: "disconnect" }]);
  });

  it("takes what comes in any pieces", () => {
    const conversation = makeWaiting(version, 0);
    conversation.onConnect();
    const answers = [connack(version), suback(version), publish(version, 0)];
    const turns = [...Buffer.concat(answers)].map((byte) => {
      return conversation.onBytes(Uint8Array.of(byte));
    });
    expect(turns.at(-1)?.finding).toMatchObject({ outcome: "passed" });
    expect(turns.slice(0, -1).every(({ finding }) => finding === null)).toBe(true);
  });

  it("lets messages of others pass", () => {
    const conversation = makeWaiting(version, 1);
    conversation.onConnect();
    conversation.onBytes(Buffer.concat([connack(version), suback(version)]));
    const turn = conversation.onBytes(publish(version, 1, Buffer.from("other")));
    expect(turn.finding).toBeNull();
    expect(packets(turn.send, version)).toMatchObject([{ cmd: "puback", messageId: 9 }]);
  });

  it("says what is refused", () => {
    const refused = makeWaiting(version, 0);
    refused.onConnect();
    refused.onBytes(connack(version));
    expect(refused.onBytes(suback(version, 0x80)).finding).toMatchObject({
      code: "L7STS",
      sentence: "SUBACK 128: subscription refused",
    });
    const unheard = makeWaiting(version, 0);
    unheard.onConnect();
    const busy =
      version === "5.0" ? Buffer.from([0x20, 3, 0, 0x89, 0]) : Buffer.from([0x20, 2, 0, 3]);
    expect(unheard.onBytes(busy).finding?.sentence).toMatch(/^CONNACK \d+: server /);
    const rubbish = makeWaiting(version, 0);
    rubbish.onConnect();
    expect(rubbish.onBytes(Buffer.from("HTTP/1.1 400")).finding?.code).toBe("L7RSP");
  });

  it("has another server publish, once it is subscribed", () => {
    let published = 0;
    const conversation = makeWaiting(version, 0, () => published++);
    conversation.onConnect();
    conversation.onBytes(connack(version));
    expect(published).toBe(0);
    expect(conversation.onBytes(suback(version)).send).toBeNull();
    expect([published, conversation.awaited]).toEqual([1, 'message through "b"']);
    expect(conversation.onBytes(publish(version, 0)).finding?.sentence).toBe(
      `message through "b" came, MQTT ${version}`,
    );
  });
});

describe.each(["3.1.1", "5.0"] as const)("PublishConversation in %s", (version) => {
  it.each([0, 1] as const)("passes when the server has taken the message at QoS %i", (qos) => {
    const message = { topic: TOPIC, payload: PAYLOAD, qos };
    const conversation = new PublishConversation(login(version), message);
    conversation.onConnect();
    const said = packets(conversation.onBytes(connack(version)).send, version);
    expect(said.map(({ cmd }) => cmd)).toEqual(qos === 0 ? ["publish", "pingreq"] : ["publish"]);
    const taken: Packet = qos === 0 ? { cmd: "pingresp" } : { cmd: "puback", messageId: 2 };
    const last = conversation.onBytes(say(taken, version));
    expect(last.finding).toMatchObject({ outcome: "passed" });
    expect(packets(last.send, version)).toMatchObject([{ cmd: "disconnect" }]);
  });
});
