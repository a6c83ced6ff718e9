import { expect, test } from "vitest";
import { at, documentOf } from "../../../tests/fixtures/haproxy-document.ts";

const SECTION = `
  timeout client 1m
  timeout connect 1s
  timeout server 1m
  balance first
  server a 10.0.0.1:1883
`;

const log = (...parts: readonly string[]) => {
  const { plain, said } = documentOf(parts.join("\n"));
  expect(said).toEqual([]);
  return at(plain, "log");
};

const global = (lines: string) => `global\n${lines}`;
const listen = (name: string, port: number, lines = "") =>
  `listen ${name}\n  bind *:${port}\n${lines}${SECTION}`;

test("without a log line connections leave none", () => {
  expect(log(listen("a", 1))).toEqual({ access: false });
});

test("a target of the global section gets the lines of sections with log global", () => {
  const lines = "  log global\n  option tcplog\n";
  expect(log(global("  log 127.0.0.1 local0 info"), listen("a", 1, lines))).toEqual({
    outlets: [
      {
        ...{ to: "udp://127.0.0.1:514", header: "local", facility: "local0", level: "info" },
        ...{ length: 1024, tag: "haproxy", format: "tcplog" },
      },
      { to: "stdout", access: false },
    ],
  });
});

test("sections that log in the same way share an outlet, and others have theirs", () => {
  const made = log(
    global("  log stdout format raw local0\n  log-tag balancer"),
    listen("a", 1, "  log global\n  option tcplog\n  option dontlognull\n"),
    listen("b", 2, "  log global\n  option tcplog\n  option dontlognull\n"),
    listen("c", 3, "  log global\n  log-format %ci:%cp\\ %ts\n  option dontlog-normal\n"),
    listen("d", 4),
  );
  const stdout = { to: "stdout", header: "raw", facility: "local0", tag: "balancer" };
  expect(made).toEqual({
    outlets: [
      { ...stdout, format: "tcplog", access: { empty: false, listeners: ["a", "b"] } },
      {
        ...{ ...stdout, format: "haproxy", template: "%ci:%cp %ts" },
        access: { only: "faults", listeners: ["c"] },
      },
    ],
  });
});

test("a target that no section logs to hears of Fairlead itself", () => {
  const made = log(global("  log 127.0.0.1 local0"), listen("a", 1));
  expect(at(made, "access")).toBe(false);
  expect(at(made, "outlets", 0, "access")).toBe(false);
});

test("a section may log to a target of its own, and leave lines out", () => {
  const made = log(
    listen("a", 1, "  log 127.0.0.1 sample 1:10 local0\n  option log-separate-errors\n"),
  );
  expect(at(made, "outlets", 0, "access")).toEqual({ faultLevel: "err", sample: 10 });
});
