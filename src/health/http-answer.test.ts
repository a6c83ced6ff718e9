import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANSWER_SIZE_MAX } from "./conversation.ts";
import { HttpAnswer } from "./http-answer.ts";

const CHUNKED =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\nx-a: 2\r\n\r\n" +
  "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";

function read(text: string, method = "GET"): HttpAnswer {
  const answer = new HttpAnswer(method);
  answer.add(Buffer.from(text, "latin1"));
  return answer;
}

describe("HttpAnswer", () => {
  it("reads status, headers and a chunked body, however they are split", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(CHUNKED.length)), (cuts) => {
        const answer = new HttpAnswer("GET");
        const edges = [0, ...cuts.sort((a, b) => a - b), CHUNKED.length];
        for (const [i, edge] of edges.slice(1).entries()) {
          answer.add(Buffer.from(CHUNKED.slice(edges[i], edge)));
        }
        expect(answer.head?.status).toBe(200);
        expect(answer.head?.headers.get("x-a")).toBe("1, 2");
        expect([answer.body, answer.isComplete]).toEqual(["hello world", true]);
      }),
    );
  });

  it("knows a whole body by its length, by having none, or not at all", () => {
    const sized = "HTTP/1.0 503 Busy\r\nContent-Length: 4\r\n\r\nbusy and more";
    expect(read(sized)).toMatchObject({ body: "busy", isComplete: true });
    expect(read(sized.replace("busy and more", "bu"))).toMatchObject({ isComplete: false });
    expect(read("HTTP/1.1 204 No Content\r\n\r\n").isComplete).toBe(true);
    expect(read("HTTP/1.1 200\r\nContent-Length: 9\r\n\r\n", "HEAD").isComplete).toBe(true);
    expect(read("HTTP/1.0 200 OK\r\n\r\nbody")).toMatchObject({ body: "body", isComplete: false });
  });

  it.each(["220 broker.example ESMTP\r\n", " ", "HTTP/2 200\r\n\r\n", "HTTP/1.1 OK\r\n\r\n"])(
    "says that %j is not HTTP",
    (text) => {
      expect(read(text).problem).toBe("not HTTP");
    },
  );

  it("waits for what may become HTTP, within its bound", () => {
    for (const text of ["", "HTT", "HTTP/1.1 200 OK\r\n"]) {
      expect(read(text)).toMatchObject({ problem: null, head: null, isComplete: false });
    }
    const endless = `HTTP/1.1 200 OK\r\nX: ${"x".repeat(ANSWER_SIZE_MAX)}`;
    expect(read(endless).problem).toBe("head too long");
    const long = read(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(2 * ANSWER_SIZE_MAX)}`);
    expect(long.isComplete).toBe(true);
    expect(long.body.length).toBeLessThan(ANSWER_SIZE_MAX);
  });

  it("takes any bytes without falling", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (pieces) => {
        const answer = new HttpAnswer("GET");
        for (const piece of pieces) answer.add(piece);
        expect(answer.body.length).toBeLessThanOrEqual(ANSWER_SIZE_MAX);
      }),
    );
  });
});
