// The `http` check, and those of brokers' own endpoints: one request, and what must be true of the
// answer.
//
// Expectations about the head are judged as soon as it is there, those about the body when it is
// whole. Asks for the connection to be closed; keeps nothing alive.

import type { HttpCheckSettings, HttpExpectation } from "../config/check-settings.ts";
import type { CheckFinding } from "./check-result.ts";
import { type Conversation, fails, LISTEN, showBytes, type Turn } from "./conversation.ts";
import { HttpAnswer, type HttpHead } from "./http-answer.ts";

export interface HttpConversationSettings {
  readonly http: HttpCheckSettings;
  readonly userName: string | null;
  readonly password: string | null;
}

export class HttpConversation implements Conversation {
  readonly awaited = "HTTP answer";
  private readonly settings: HttpConversationSettings;
  private readonly answer: HttpAnswer;

  constructor(settings: HttpConversationSettings) {
    this.settings = settings;
    this.answer = new HttpAnswer(settings.http.method);
  }

  onConnect(): Turn {
    return { send: Buffer.from(writeRequest(this.settings)), finding: null };
  }

  onBytes(bytes: Uint8Array): Turn {
    this.answer.add(bytes);
    const { problem, head } = this.answer;
    if (problem !== null) return fails("L7RSP", `${problem}: ${showBytes(bytes)}`);
    return head === null ? LISTEN : this.judge(head, this.answer.isComplete);
  }

  onEnd(): Turn {
    const { head } = this.answer;
    return head === null ? LISTEN : this.judge(head, true);
  }

  private judge(head: HttpHead, isWhole: boolean): Turn {
    const { expect, drainStatus } = this.settings.http;
    if (drainStatus !== null && hasStatus(drainStatus, head.status)) {
      const sentence = `HTTP ${head.status}: the server wants no new clients`;
      return found({ outcome: "draining", code: "L7OKC", sentence, status: head.status });
    }
    for (const expectation of expect) {
      const isAboutBody = expectation.on === "body" || expectation.on === "body-pattern";
      if (isAboutBody && !isWhole) return LISTEN;
      if (holds(expectation, head, this.answer.body)) continue;
      const sentence = `HTTP ${head.status}, expected ${describeExpectation(expectation)}`;
      return found({ outcome: "failed", code: "L7STS", sentence, status: head.status });
    }
    const sentence = `HTTP ${head.status}`;
    return found({ outcome: "passed", code: "L7OK", sentence, status: head.status });
  }
}

function found(finding: CheckFinding): Turn {
  return { send: null, finding };
}

function holds(expectation: HttpExpectation, head: HttpHead, body: string): boolean {
  const { on, value, header, not } = expectation;
  const tests: Record<HttpExpectation["on"], () => boolean> = {
    status: () => hasStatus(value, head.status),
    "status-pattern": () => new RegExp(value).test(String(head.status)),
    body: () => body.includes(Buffer.from(value).toString("latin1")),
    "body-pattern": () => new RegExp(value).test(body),
    header: () => head.headers.get(header) === value,
  };
  return tests[on]() !== not;
}

/** @param statuses codes and ranges: `200-399,404` */
export function hasStatus(statuses: string, status: number): boolean {
  return statuses.split(",").some((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return status >= first! && status <= last!;
  });
}

function describeExpectation({ on, value, header, not }: HttpExpectation): string {
  const what: Record<HttpExpectation["on"], string> = {
    status: `status ${value}`,
    "status-pattern": `a status like ${value}`,
    body: `"${value}" in the body`,
    "body-pattern": `a body like ${value}`,
    header: `header ${header}: ${value}`,
  };
  return not ? `not ${what[on]}` : what[on];
}

function writeRequest({ http, userName, password }: HttpConversationSettings): string {
  const { method, path, version, headers, body, host } = http;
  const own = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const standard: readonly (readonly [string, string | null])[] = [
    ["Host", version === "1.1" ? host : null],
    ["Connection", "close"],
    ["User-Agent", "fairlead-check"],
    ["Authorization", userName === null ? null : basicLogin(userName, password)],
    ["Content-Length", body === null ? null : String(Buffer.byteLength(body))],
  ];
  const lines = standard
    .filter(([name, value]) => value !== null && !own.has(name.toLowerCase()))
    .concat(Object.entries(headers))
    .map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/${version}`, ...lines, "", body ?? ""].join("\r\n");
}

/** RFC 7617, 2. */
function basicLogin(userName: string, password: string | null): string {
  return `Basic ${Buffer.from(`${userName}:${password ?? ""}`).toString("base64")}`;
}
