import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptOf } from "../websocket/accept-key.ts";
import { type Conversation, LISTEN, type Turn } from "./conversation.ts";
import { WebSocketConversation } from "./websocket-conversation.ts";

const PLAN = { path: "/mqtt", host: "broker.example:8083" };
const MASK = Uint8Array.of(1, 2, 3, 4);

// Says "ask", hears until "answer" is whole, says "bye".
class FakeInner implements Conversation {
  readonly awaited = "answer";
  heard = "";

  onConnect(): Turn {
    return { send: Buffer.from("ask"), finding: null };
  }

  onBytes(bytes: Uint8Array): Turn {
    this.heard += Buffer.from(bytes).toString();
    if (this.heard !== "answer") return LISTEN;
    const finding = { outcome: "passed", code: "L7OK", sentence: "heard" } as const;
    return { send: Buffer.from("bye"), finding };
  }

  onEnd(): Turn {
    return LISTEN;
  }
}

function converse() {
  const random = (size: number) => MASK.slice(0, size);
  const inner = new FakeInner();
  return { inner, conversation: new WebSocketConversation({ plan: PLAN, inner, random }) };
}

const KEY = Buffer.from(MASK).toString("base64");
const ACCEPTED = Buffer.from(
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${acceptOf(KEY)}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`,
);

function frame(opcode: number, text: string): Buffer {
  return Buffer.from([0x80 | opcode, text.length, ...Buffer.from(text)]);
}

function masked(opcode: number, bytes: Uint8Array): number[] {
  const payload = [...bytes].map((byte, i) => byte ^ MASK[i % 4]!);
  return [0x80 | opcode, 0x80 | bytes.length, ...MASK, ...payload];
}

describe("WebSocketConversation", () => {
  it("asks for an upgrade to mqtt", () => {
    const request = Buffer.from(converse().conversation.onConnect().send!).toString();
    expect(request).toMatch(/^GET \/mqtt HTTP\/1\.1\r\nHost: broker\.example:8083\r\n/);
    expect(request).toContain(`Sec-WebSocket-Key: ${KEY}\r\n`);
    expect(request).toContain("Sec-WebSocket-Protocol: mqtt\r\n\r\n");
  });

  it("holds the inner conversation in masked frames and closes after its last words", () => {
    const { conversation } = converse();
    conversation.onConnect();
    const first = conversation.onBytes(ACCEPTED);
    expect([...first.send!]).toEqual(masked(2, Buffer.from("ask")));
    const last = conversation.onBytes(frame(2, "answer"));
    expect(last.finding).toMatchObject({ sentence: "heard" });
    const goodbye = [...masked(2, Buffer.from("bye")), ...masked(8, Uint8Array.of(3, 232))];
    expect([...last.send!]).toEqual(goodbye);
  });

  it("takes frames however they are split, fragments and pings among them", () => {
    const fragments = Buffer.concat([
      Buffer.from([0x02, 3, ...Buffer.from("ans")]),
      frame(9, "hi"),
      Buffer.from([0x80, 3, ...Buffer.from("wer")]),
    ]);
    const whole = Buffer.concat([ACCEPTED, fragments]);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        const { conversation, inner } = converse();
        conversation.onConnect();
        const edges = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const turns = edges.slice(1).map((edge, i) => {
          return conversation.onBytes(whole.subarray(edges[i], edge));
        });
        expect(inner.heard).toBe("answer");
        expect(turns.at(-1)?.finding ?? turns.find(({ finding }) => finding)?.finding).toBeTruthy();
        const said = Buffer.concat(turns.flatMap(({ send }) => (send === null ? [] : [send])));
        expect(said.includes(Buffer.from(masked(10, Buffer.from("hi"))))).toBe(true);
      }),
    );
  });

  it.each([
    ["HTTP/1.1 404 Not Found\r\n\r\n", "L7STS", "HTTP 404 instead of an upgrade"],
    [ACCEPTED.toString().replace("Accept: ", "Accept: x"), "L7RSP", /wrong key/],
    ["220 smtp\r\n\r\n", "L7RSP", /^no answer to an upgrade: .* "220 smtp"$/],
    [ACCEPTED.toString().replace(": mqtt", ": chat"), "L7RSP", /without the subprotocol "mqtt"$/],
    [`HTTP/1.1 101 x\r\nX: ${"y".repeat(9_000)}`, "L7RSP", /too large$/],
  ])("says what is wrong with %j", (answer, code, sentence) => {
    const { conversation } = converse();
    conversation.onConnect();
    const { finding } = conversation.onBytes(Buffer.from(answer));
    expect(finding).toMatchObject({ outcome: "failed", code });
    expect(finding?.sentence).toMatch(sentence);
  });

  it.each([
    [8, "WebSocket closed before answer"],
    [1, "a WebSocket frame is wrong: close code 1003 of RFC 6455"],
    [3, "a WebSocket frame is wrong: close code 1002 of RFC 6455"],
    [0, "a WebSocket frame is wrong: close code 1002 of RFC 6455"],
  ])("does not take a frame of type %i", (opcode, sentence) => {
    const { conversation } = converse();
    conversation.onConnect();
    conversation.onBytes(ACCEPTED);
    expect(conversation.onBytes(frame(opcode, "x")).finding).toMatchObject({ sentence });
  });
});
