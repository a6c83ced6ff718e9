import { describe, expect, test } from "vitest";
import { describeExpected, describeValue, nearest } from "./explain.ts";
import type { RawScalar } from "./raw-document.ts";
import { documentSchema } from "./schema.ts";
import { findRow } from "./schema-walk.ts";

const AT = { line: 1, column: 1 };

function scalar(value: RawScalar["value"], source = String(value)): RawScalar {
  return { kind: "scalar", value, source, at: AT, keyAt: AT, path: [] };
}

describe("nearest", () => {
  const known = ["listen", "protocol", "pool", "connections", "connectSize", "connectDeadline"];

  test.each([
    ["lisen", "listen"],
    ["Listen", "listen"],
    ["connect_size", "connectSize"],
    ["connect-deadline", "connectDeadline"],
    ["ploo", "pool"],
    ["proto", "protocol"],
    ["maxconn", "connections"],
    ["bind", "listen"],
    ["mode", "protocol"],
  ])("%s means %s", (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  test.each(["x", "tls", "certificate", ""])("%j means nothing that is known", (word) => {
    expect(nearest(word, known)).toBeNull();
  });

  test("knows nothing where nothing is known", () => {
    expect(nearest("bind", [])).toBeNull();
  });
});

describe("nearest, of what other programs say", () => {
  test("takes the word that can stand there", () => {
    expect(nearest("backend", ["listeners", "pools"])).toBe("pools");
    expect(nearest("backend", ["listen", "pool"])).toBe("pool");
    expect(nearest("keyfile", ["certificates", "alpn"])).toBe("certificates");
    expect(nearest("certfile", ["certificate", "key"])).toBe("certificate");
    expect(nearest("keyfile", ["certificate", "key"])).toBe("key");
  });
});

describe("describeExpected", () => {
  const advise = (path: readonly string[], node: RawScalar) => {
    const row = findRow(documentSchema, path)!;
    return describeExpected(node, row).slice(row.expected.length);
  };

  test.each([
    [10, "; add a unit: 10s or 10ms"],
    ["1.5", "; add a unit: 1.5s or 1.5ms"],
    ["5 minutes", "; did you mean 5m?"],
    ["10S", "; did you mean 10s?"],
    ["2 ms", "; did you mean 2ms?"],
    ["10h", ""],
    ["soon", ""],
  ])("duration %j%s", (value, advice) => {
    expect(advise(["limits", "connectDeadline"], scalar(value))).toBe(advice);
  });

  test.each([
    ["mqtt://10.0.0.1:1883", "; write 10.0.0.1:1883"],
    ["mqtts://broker.example", "; add a port: broker.example:1883"],
    ["10.0.0.1:1883 ", "; write 10.0.0.1:1883"],
    ["::1:1883", "; write [::1]:1883"],
    ["nothing at all", ""],
  ])("address %j%s", (value, advice) => {
    expect(advise(["pools", "p", "servers", "0", "address"], scalar(value))).toBe(advice);
  });

  test.each([
    ["tcp://0.0.0.0:1883", "; write 0.0.0.0:1883"],
    ["fe80::1:1883", "; write [fe80::1]:1883"],
    [":1883", "; write 0.0.0.0:1883 for every IPv4 address of this machine"],
  ])("listen %j%s", (value, advice) => {
    expect(advise(["listeners", "a", "listen"], scalar(value))).toBe(advice);
  });

  test.each([
    [["listeners", "a", "websocket"], true, "; write {} for its defaults"],
    [["listeners", "a", "websocket"], "on", "; write {} for its defaults"],
    [["pools", "p", "servers", "0", "check"], false, "; write { enabled: false }"],
    [["listeners", "a", "websocket"], false, ""],
  ] as const)("mapping %j, %j%s", (path, value, advice) => {
    expect(advise(path, scalar(value))).toBe(advice);
  });

  test.each([
    ["/var/log/a.log", "; write file:///var/log/a.log, or unix:///var/log/a.log for a socket"],
    ["syslog://logs.example:514", "; write udp://logs.example:514"],
    ["stdot", "; did you mean stdout?"],
    ["nowhere", ""],
  ])("outlet %j%s", (value, advice) => {
    expect(advise(["log", "outlets", "0", "to"], scalar(value))).toBe(advice);
  });

  test.each([
    ["64k", "; write 64KiB for powers of 1024 or 64kB for powers of 1000"],
    ["1 gib", "; write 1GiB for powers of 1024 or 1GB for powers of 1000"],
    ["64GiB", ""],
    ["large", ""],
  ])("size %j%s", (value, advice) => {
    expect(advise(["limits", "connectSize"], scalar(value))).toBe(advice);
  });

  test("addresses, flags, words and quoted numbers", () => {
    const flag = ["log", "access"];
    expect(advise(flag, scalar("off"))).toBe("; write false");
    expect(advise(["log", "level"], scalar("warning"))).toBe("; did you mean warn?");
    expect(advise(["admin", "listen"], scalar(8888))).toContain("write 0.0.0.0:8888");
    expect(advise(["workers"], scalar("300", '"300"'))).toBe("; leave the quotes away");
    expect(advise(["pools", "a", "servers", "0", "address"], scalar("broker1"))).toBe(
      "; add a port: broker1:1883",
    );
  });
});

describe("describeValue", () => {
  test("shows values as they stand, cut where they are long", () => {
    expect(describeValue(scalar("a"), null)).toBe('"a"');
    expect(describeValue(scalar(10), null)).toBe("10");
    expect(describeValue(scalar(5, "5.0"), null)).toBe("5.0");
    expect(describeValue(scalar(null, ""), null)).toBe("empty");
    expect(describeValue(scalar("x".repeat(100)), null).length).toBeLessThan(70);
  });

  test("names the reference that a value came from", () => {
    expect(describeValue(scalar("10", `"\${TEN}"`), null)).toBe(`"10" (from \${TEN})`);
  });

  test("does not show a password", () => {
    const row = findRow(documentSchema, ["pools", "a", "check", "password"]);
    expect(describeValue(scalar("hush"), row)).not.toContain("hush");
    expect(describeExpected(scalar("hush"), row!)).not.toContain("hush");
  });
});
