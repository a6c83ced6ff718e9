import { afterAll, describe, expect, it } from "vitest";
import { startSupervised } from "../../../tests/fixtures/supervised.ts";
import { makeEndpoint } from "../../bytes/endpoint.ts";
import { Rule } from "../../mqtt/rule.ts";
import { REASON } from "../../shm/close-reason.ts";
import { Audit } from "../access/audit.ts";
import { Actions } from "../actions.ts";
import { Rates } from "./rates.ts";
import { runCommand } from "./run-command.ts";
import { dumpBytes } from "./show-errors.ts";

const { supervisor, logger } = await startSupervised();
const actions = new Actions({ supervisor, reloader: null, audit: new Audit(logger, () => {}) });
const rates = new Rates(supervisor);

afterAll(async () => {
  rates.stop();
  await supervisor.stop(0);
});

function say(line: string): Promise<string> {
  const context = { supervisor, actions, rates, level: "admin", from: "unix" } as const;
  return runCommand(line.split(" "), context);
}

const TIME = String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\]`;

describe("show errors", () => {
  it("shows the latest of each frontend and backend, or of those that are asked for", async () => {
    expect(await say("show errors")).toMatch(
      new RegExp(`^Total events captured on ${TIME} : 0\n$`),
    );
    const writer = supervisor.shared.errorWriter(0);
    Object.assign(writer.facts, { atMs: Date.now(), listener: 0, pool: 0, server: -1, level: 5 });
    writer.facts.endpoint.set(makeEndpoint("192.0.2.7", 4711)!);
    Object.assign(writer.facts, { reason: REASON["connect-malformed"], rule: Rule.notConnect });
    writer.facts.faultOffset = 9;
    writer.write(false, new TextEncoder().encode("GET / HTTP/1.1\r\nx"), 0, 17);
    Object.assign(writer.facts, { reason: REASON["malformed-from-server"], rule: 0, server: 1 });
    writer.facts.faultOffset = -1;
    writer.write(true, Uint8Array.of(0x0f), 0, 1);
    const all = await say("show errors");
    expect(all.split("\n").slice(1)).toEqual([
      " ",
      expect.stringMatching(new RegExp(`^${TIME} frontend mqtt \\(#2\\): invalid request$`)),
      "  backend brokers (#4), server <NONE> (#-1), src 192.0.2.7:4711",
      "  len 17, of which 17 are shown, error at position 9",
      "  connect-malformed: The CONNECT breaks a rule of MQTT; the log names it.",
      "  MQTT-3.1.0-1: The first packet is not a CONNECT; HTTP starts like that, for one",
      "  ",
      "  00000  GET / HTTP/1.1\\r\\n",
      "  00016  x",
      " ",
      expect.stringMatching(new RegExp(`^${TIME} backend brokers \\(#4\\): invalid response$`)),
      "  frontend mqtt (#2), server b (#2), src 192.0.2.7:4711",
      "  len 1, of which 1 are shown",
      "  malformed-from-server: The server sent a packet that is not MQTT.",
      "  ",
      "  00000  \\x0F",
      "",
    ]);
    for (const [words, kinds] of [
      ["request", ["frontend"]],
      ["mqtt", ["frontend"]],
      ["2 response", []],
      ["4", ["backend"]],
      ["-1 response", ["backend"]],
    ] as const) {
      const shown = (await say(`show errors ${words}`)).match(/(?<=\] )(frontend|backend)/g) ?? [];
      expect(shown, words).toEqual(kinds);
    }
    expect(await say("show errors nobody")).toBe("No such proxy.\n");
  });

  // What haproxy 2.6 prints of the same bytes; tests/process/haproxy-socket.test.ts asks it.
  it("dumps bytes as HAProxy does", () => {
    const bytes = [
      ...new TextEncoder().encode("\u0010a\\\t\r\n"),
      0x1b,
      0xff,
      ...Array(80).fill(120),
    ];
    expect(dumpBytes(Uint8Array.from(bytes))).toEqual([
      "  00000  \\x10a\\\\\\t\\r\\n",
      `  00006  \\e\\xFF${"x".repeat(64)}`,
      `  00072+ ${"x".repeat(16)}`,
    ]);
    expect(dumpBytes(new Uint8Array(0))).toEqual([]);
  });
});
