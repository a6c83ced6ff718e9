import { expect, test } from "vitest";
import { printable, serverPath } from "./ctl-target.ts";
import { UsageError } from "./usage-error.ts";

test("names find their way into a path", () => {
  expect(serverPath("a b/10.0.0.1:1883")).toBe("/api/v1/pools/a%20b/servers/10.0.0.1%3A1883");
  expect(serverPath("a/b/c")).toBe("/api/v1/pools/a/servers/b%2Fc");
  expect(() => serverPath("b1")).toThrow(UsageError);
  expect(() => serverPath("b1")).toThrow("write it as POOL/SERVER");
});

test("printable leaves a terminal nothing to obey", () => {
  expect(printable("a\u001b[31m\u0007b")).toBe("a\u{fffd}[31m\u{fffd}b");
});
