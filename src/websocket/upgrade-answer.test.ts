import { describe, expect, test } from "vitest";
import { type HttpHead, readHttpHead } from "./http-head.ts";
import { HTTP_ANSWER_SIZE_MAX, writeHttpAnswer, writeUpgradeAnswer } from "./upgrade-answer.ts";

const STATUSES = [400, 403, 404, 405, 408, 426, 431, 503, 505];

const bytes = new Uint8Array(7 + HTTP_ANSWER_SIZE_MAX);
const textOf = (size: number) => new TextDecoder().decode(bytes.subarray(7, 7 + size));

describe("writeUpgradeAnswer", () => {
  test("writes 101 with and without a subprotocol", () => {
    const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    const start =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n`;
    expect(textOf(writeUpgradeAnswer(bytes, 7, { accept, protocol: "mqtt" }))).toBe(
      `${start}Sec-WebSocket-Protocol: mqtt\r\n\r\n`,
    );
    expect(textOf(writeUpgradeAnswer(bytes, 7, { accept, protocol: "" }))).toBe(`${start}\r\n`);
  });
});

describe("writeHttpAnswer", () => {
  test.each(STATUSES)("%i is an answer with a text of the length that it says", (status) => {
    const size = writeHttpAnswer(bytes, 7, status);
    expect(size).toBeLessThanOrEqual(HTTP_ANSWER_SIZE_MAX);
    const head = readHttpHead(bytes, 7, size, size) as HttpHead;
    expect(head.startLine).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z][A-Za-z/. 0-9]+$`));
    expect(Number(head.fields.get("content-length"))).toBe(size - head.size);
    expect(head.fields.get("connection")).toMatch(/close$/);
    expect(textOf(size).slice(head.size)).toMatch(/^[A-Z].*[a-z0-9]\n$/);
  });

  test("says what else the status asks for", () => {
    const fieldsOf = (status: number) => {
      const size = writeHttpAnswer(bytes, 7, status);
      return (readHttpHead(bytes, 7, size, size) as HttpHead).fields;
    };
    expect(fieldsOf(405).get("allow")).toBe("GET");
    expect(fieldsOf(426).get("sec-websocket-version")).toBe("13");
    expect(fieldsOf(426).get("upgrade")).toBe("websocket");
    expect(fieldsOf(426).get("connection")).toBe("Upgrade, close");
    expect(fieldsOf(404).has("upgrade")).toBe(false);
  });

  test("has no answer of another status", () => {
    expect(() => writeHttpAnswer(bytes, 7, 200)).toThrow("one of the statuses");
  });
});
