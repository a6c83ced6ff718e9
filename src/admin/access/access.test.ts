import { describe, expect, it } from "vitest";
import type { AdminSettings } from "../../config/settings.ts";
import { Access, OWN_HEADER, requireRole } from "./access.ts";
import { drawToken, hashPassword } from "./credentials.ts";

const { token, hash } = drawToken();
const password = await hashPassword("correct horse");
const USERS: AdminSettings["users"] = [
  { name: "ops", role: "operator", password, token: null },
  { name: "grafana", role: "read-only", password: null, token: hash },
];

function make(settings: Partial<AdminSettings>, listenHost = "127.0.0.1") {
  const whole = { users: [], anonymous: "operator", hosts: [], ...settings } as unknown;
  return new Access(() => whole as AdminSettings, listenHost);
}

function ask(headers: Record<string, string>, method = "GET") {
  return { method, headers: { host: "127.0.0.1:8888", ...headers }, scheme: "http" as const };
}

const basic = (name: string, word: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${word}`).toString("base64")}`,
});

describe("Access.identify", () => {
  const access = make({ users: USERS, anonymous: "none" });

  it("knows users by token and by password", async () => {
    expect(await access.identify(ask({ authorization: `Bearer ${token}` }))).toEqual({
      name: "grafana",
      role: "read-only",
    });
    for (let times = 0; times < 2; times++) {
      expect(await access.identify(ask(basic("ops", "correct horse")))).toEqual({
        name: "ops",
        role: "operator",
      });
    }
  });

  it.each<Record<string, string>>([
    {},
    { authorization: "Bearer wrong" },
    { authorization: `Bearer ${hash}` },
    { authorization: `Basic ${token}` },
    basic("ops", "wrong"),
    basic("nobody", "correct horse"),
    basic("grafana", ""),
    basic("grafana", token),
    { authorization: "Basic b3Bz" },
    { authorization: "Digest ops" },
    { authorization: `Bearer ${"x".repeat(5000)}` },
  ])("refuses %j", async (headers) => {
    await expect(access.identify(ask(headers))).rejects.toMatchObject({ status: 401 });
  });

  it("judges only so many passwords at a time", async () => {
    const tries = Array.from({ length: 40 }, (_, i) => access.identify(ask(basic("x", `${i}`))));
    const results = await Promise.allSettled(tries);
    const statuses = new Set(results.map((of) => (of as PromiseRejectedResult).reason.status));
    expect([...statuses].sort()).toEqual([401, 429]);
  });

  it("lets nobody act without a login from other machines, whatever the file says", async () => {
    const everywhere = make({ anonymous: "operator" }, "0.0.0.0");
    await expect(everywhere.identify(ask({}))).rejects.toMatchObject({ status: 401 });
    const looking = make({ anonymous: "read-only" }, "0.0.0.0");
    expect(await looking.identify(ask({}))).toEqual({ name: "anonymous", role: "read-only" });
    expect((await make({}).identify(ask({}))).role).toBe("operator");
  });
});

describe("Access.checkHost", () => {
  it.each<[string, Partial<AdminSettings>, string, boolean]>([
    ["localhost:8888", {}, "127.0.0.1", true],
    ["127.0.0.1", {}, "127.0.0.1", true],
    ["[::1]:8888", {}, "::1", true],
    ["evil.example", {}, "127.0.0.1", false],
    ["", {}, "127.0.0.1", false],
    ["localhost:8888@evil.example", {}, "127.0.0.1", false],
    ["balancer.example", { hosts: ["balancer.example"] }, "127.0.0.1", true],
    ["Balancer.Example:8888", { hosts: ["balancer.example"] }, "0.0.0.0", true],
    ["evil.example", { anonymous: "read-only" }, "0.0.0.0", false],
    ["evil.example", { anonymous: "none", hosts: ["balancer.example"] }, "0.0.0.0", false],
    ["balancer.example", { anonymous: "none" }, "0.0.0.0", true],
    ["192.0.2.1:8888", { anonymous: "read-only" }, "0.0.0.0", true],
  ])("of %j with %j on %s: %s", (host, settings, listenHost, isRight) => {
    const check = () => make(settings, listenHost).checkHost(ask({ host }));
    if (isRight) check();
    else expect(check).toThrow("There is no admin for the name");
  });
});

describe("Access.checkOrigin", () => {
  const access = make({});
  const json = { "content-type": "application/json" };
  const own = { origin: "http://127.0.0.1:8888" };

  it.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ "content-type": "application/x-www-form-urlencoded" }, false],
    [{ "content-type": "text/plain; application/json" }, false],
    [json, true],
    [{ [OWN_HEADER]: "1" }, true],
    [basic("a", "b"), true],
    [{ ...json, ...own }, true],
    [{ ...json, origin: "https://127.0.0.1:8888" }, false],
    [{ ...json, origin: "null" }, false],
    [{ ...basic("a", "b"), origin: "http://evil.example" }, false],
    [{ ...json, "sec-fetch-site": "cross-site" }, false],
    [{ ...json, "sec-fetch-site": "same-site" }, false],
    [{ ...json, ...own, "sec-fetch-site": "same-origin" }, true],
  ])("of a change with %j: %s", (headers, isRight) => {
    const check = () => access.checkOrigin(ask(headers, "POST"));
    if (isRight) check();
    else expect(check).toThrow();
    access.checkOrigin(ask(headers, "GET"));
  });
});

describe("requireRole", () => {
  it("asks for an operator where something changes", () => {
    requireRole({ name: "a", role: "read-only" }, "read-only");
    requireRole({ name: "a", role: "operator" }, "operator");
    expect(() => requireRole({ name: "a", role: "read-only" }, "operator")).toThrow(
      '"a" may look and change nothing; it takes an operator',
    );
  });
});
