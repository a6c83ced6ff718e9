import fc from "fast-check";
import { parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { ANSWER_SIZE_MAX, type Turn } from "./conversation.ts";
import { MqttConversation, type MqttConversationSettings } from "./mqtt-conversation.ts";

const CONNACK_3 = [0x20, 2, 0, 0];
const CONNACK_5 = [0x20, 6, 0, 0, 3, 0x21, 0, 10];
const PINGREQ = [0xc0, 0];
const PINGRESP = [0xd0, 0];
const DISCONNECT = [0xe0, 0];

function converse(changed: Partial<MqttConversationSettings> = {}): MqttConversation {
  const credentials = { userName: null, password: null };
  return new MqttConversation({
    version: "3.1.1",
    clientId: "check-1",
    ...credentials,
    ...changed,
  });
}

// Feeds the server's bytes in chunks that end at `cuts`, until something is found.
function hear(conversation: MqttConversation, bytes: readonly number[], cuts: readonly number[]) {
  const sent: number[] = [];
  let last: Turn = { send: null, finding: null };
  const ends = [...new Set(cuts), bytes.length].sort((a, b) => a - b);
  let at = 0;
  for (const end of ends) {
    if (end <= at) continue;
    last = conversation.onBytes(Uint8Array.from(bytes.slice(at, end)));
    sent.push(...(last.send ?? []));
    at = end;
    if (last.finding !== null) break;
  }
  return { sent, finding: last.finding };
}

describe("MqttConversation", () => {
  it.each([
    ["3.1.1", 4],
    ["5.0", 5],
  ] as const)("introduces itself as a clean %s client", (version, level) => {
    const { send } = converse({ version, userName: "u", password: "p" }).onConnect();
    const packets: unknown[] = [];
    const reader = parser().on("packet", (packet) => packets.push(packet));
    reader.parse(Buffer.from(send!));
    expect(packets).toMatchObject([
      {
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: level,
        clean: true,
        clientId: "check-1",
        username: "u",
        password: Buffer.from("p"),
      },
    ]);
  });

  it("passes on CONNACK 0 and PINGRESP, over any split of the bytes", () => {
    for (const [version, connack] of [
      ["3.1.1", CONNACK_3],
      ["5.0", CONNACK_5],
    ] as const) {
      // Cut anywhere, but PINGRESP comes after PINGREQ, as from any real server.
      fc.assert(
        fc.property(fc.array(fc.nat(connack.length)), fc.array(fc.nat(2)), (first, second) => {
          const conversation = converse({ version });
          expect(hear(conversation, connack, first)).toEqual({ sent: PINGREQ, finding: null });
          const { sent, finding } = hear(conversation, PINGRESP, second);
          expect(sent).toEqual(DISCONNECT);
          expect(finding).toMatchObject({ outcome: "passed", code: "L7OK" });
        }),
      );
    }
  });

  it("lets pass what a server pushes before PINGRESP", () => {
    const publish = [0x30, 5, 0, 1, 0x61, 0xd0, 0];
    const conversation = converse();
    expect(hear(conversation, [...CONNACK_3, ...publish], [4, 7]).sent).toEqual(PINGREQ);
    expect(hear(conversation, [...publish, ...PINGRESP], [3]).finding?.code).toBe("L7OK");
  });

  it.each([
    ["3.1.1", [0x20, 2, 0, 3], "CONNACK 3: server unavailable"],
    ["3.1.1", [0x20, 2, 0, 5], "CONNACK 5: not authorized"],
    ["3.1.1", [0x20, 2, 0, 99], "CONNACK 99: unknown code"],
    ["5.0", [0x20, 3, 0, 0x88, 0], "CONNACK 136: server unavailable"],
  ] as const)("fails in %s with what CONNACK %j says", (version, bytes, sentence) => {
    const { finding } = hear(converse({ version }), bytes, []);
    expect(finding).toEqual({ outcome: "failed", code: "L7STS", sentence });
  });

  it("fails on DISCONNECT in place of PINGRESP", () => {
    const { finding } = hear(converse({ version: "5.0" }), [...CONNACK_5, 0xe0, 1, 0x8b], []);
    expect(finding).toMatchObject({ code: "L7RSP", sentence: "DISCONNECT instead of PINGRESP" });
  });

  it("fails on bytes that are not MQTT, before CONNACK and after", () => {
    expect(hear(converse(), [0x15, 3, 1, 0, 2], []).finding?.sentence).toBe(
      "unexpected bytes instead of CONNACK: 15 03 01 00 02",
    );
    expect(hear(converse(), [...CONNACK_3, 0, 0], [4]).finding?.sentence).toBe(
      "unexpected bytes instead of PINGRESP: 00 00",
    );
  });

  it("gives up on a server that pushes without end", () => {
    const conversation = converse();
    hear(conversation, CONNACK_3, []);
    // A PUBLISH of the largest size there is.
    const flood = new Uint8Array(ANSWER_SIZE_MAX).fill(0x61);
    flood.set([0x30, 0xff, 0xff, 0xff, 0x7f]);
    expect(conversation.onBytes(flood).finding).toMatchObject({
      code: "L7RSP",
      sentence: "no PINGRESP in the first 65536 bytes",
    });
  });

  it("comes to an end or listens on, whatever bytes come", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.boolean(), (chunks, polite) => {
        const conversation = converse({ version: "5.0" });
        if (polite) hear(conversation, CONNACK_5, []);
        for (const chunk of chunks) {
          const { finding } = conversation.onBytes(chunk);
          if (finding !== null) return;
        }
      }),
    );
  });
});
