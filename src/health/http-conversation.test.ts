import { describe, expect, it } from "vitest";
import { checkSettings } from "../../tests/fixtures/check-settings.ts";
import type { HttpCheckSettings, HttpExpectation } from "../config/check-settings.ts";
import { HttpConversation, hasStatus } from "./http-conversation.ts";

const PLAIN = checkSettings().http;

function converse(changed: Partial<HttpCheckSettings> = {}, userName: string | null = null) {
  const http = { ...PLAIN, ...changed };
  return new HttpConversation({ http, userName, password: "secret" });
}

function ask(changed: Partial<HttpCheckSettings> = {}, userName: string | null = null): string {
  return Buffer.from(converse(changed, userName).onConnect().send!).toString();
}

function answer(text: string, changed: Partial<HttpCheckSettings> = {}) {
  return converse(changed).onBytes(Buffer.from(text)).finding;
}

function expecting(expected: Partial<HttpExpectation>): Partial<HttpCheckSettings> {
  return { expect: [{ on: "status", value: "", header: "", not: false, ...expected }] };
}

describe("HttpConversation asks", () => {
  it("with a host, and without anything to be kept alive", () => {
    expect(ask({ path: "/status?x=1" })).toBe(
      "GET /status?x=1 HTTP/1.1\r\nHost: broker.example\r\nConnection: close\r\n" +
        "User-Agent: fairlead-check\r\n\r\n",
    );
  });

  it("as the operator wrote it: method, version, headers, body", () => {
    const headers = { host: "other.example", "X-Check": "1" };
    const request = ask({ method: "POST", version: "1.1", headers, body: "{}" });
    expect(request).toMatch(/^POST \/ HTTP\/1\.1\r\n/);
    expect(request).not.toContain("broker.example");
    expect(request).toContain(
      "\r\nContent-Length: 2\r\nhost: other.example\r\nX-Check: 1\r\n\r\n{}",
    );
    expect(ask({ version: "1.0" })).not.toContain("Host");
  });

  it("with a login where there is one", () => {
    expect(ask({}, "guest")).toContain("Authorization: Basic Z3Vlc3Q6c2VjcmV0\r\n");
  });
});

describe("HttpConversation judges", () => {
  it.each([
    ["HTTP/1.1 200 OK\r\n\r\n", "passed", "L7OK", "HTTP 200"],
    ["HTTP/1.0 302 Found\r\n\r\n", "passed", "L7OK", "HTTP 302"],
    ["HTTP/1.1 503 Busy\r\n\r\n", "failed", "L7STS", "HTTP 503, expected status 200-399"],
    ["SSH-2.0-x\r\n", "failed", "L7RSP", 'not HTTP: 53 53 48 2d 32 2e 30 2d "SSH-2.0-"'],
  ])("%j by the head alone", (text, outcome, code, sentence) => {
    expect(answer(text)).toMatchObject({ outcome, code, sentence });
  });

  const GREETING = "HTTP/1.1 404 No\r\nServer: EMQX\r\nContent-Length: 5\r\n\r\nhello";

  it.each([
    [{ on: "status", value: "404,410-420" }, true],
    [{ on: "status", value: "200", not: true }, true],
    [{ on: "status-pattern", value: "^4" }, true],
    [{ on: "body", value: "ell" }, true],
    [{ on: "body", value: "ell", not: true }, false],
    [{ on: "body-pattern", value: "^hel{2}o$" }, true],
    [{ on: "body-pattern", value: "bye" }, false],
    [{ on: "header", header: "server", value: "EMQX" }, true],
    [{ on: "header", header: "server", value: "emqx" }, false],
  ] as const)("by %j: %s", (expected, passes) => {
    const finding = answer(GREETING, expecting(expected));
    expect(finding?.outcome).toBe(passes ? "passed" : "failed");
    expect(finding?.status).toBe(404);
  });

  it("a body when it is whole, or when the server has ended", () => {
    const conversation = converse(expecting({ on: "body", value: "ready" }));
    const head = Buffer.from("HTTP/1.0 200 OK\r\n\r\nnot rea");
    expect(conversation.onBytes(head).finding).toBeNull();
    expect(conversation.onBytes(Buffer.from("dy")).finding).toBeNull();
    expect(conversation.onEnd().finding).toMatchObject({ outcome: "passed" });
    expect(converse().onEnd().finding).toBeNull();
  });

  it("a server that drains as one that is there and wants nobody new", () => {
    const changed = { drainStatus: "503" };
    expect(answer("HTTP/1.1 503 Evacuating\r\n\r\n", changed)).toMatchObject({
      outcome: "draining",
      code: "L7OKC",
    });
    expect(answer("HTTP/1.1 200 OK\r\n\r\n", changed)).toMatchObject({ outcome: "passed" });
  });
});

it("hasStatus knows codes and ranges", () => {
  expect([199, 200, 399, 400, 404].map((status) => hasStatus("200-399,404", status))).toEqual([
    false,
    true,
    true,
    false,
    true,
  ]);
});
