import { describe, expect, test } from "vitest";
import { judgeUpgrade } from "./judge-upgrade.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";

const REQUEST: UpgradeRequest = {
  ...{ size: 200, method: "GET", path: "/mqtt", query: "", isUpgrade: true },
  ...{ host: "broker.example", origin: "", key: "dGhlIHNhbXBsZSBub25jZQ==", version: "13" },
  protocols: ["mqtt"],
};
const RULES = { paths: ["/mqtt", "/ws"], origins: [] };

describe("judgeUpgrade", () => {
  test("upgrades a request that is right", () => {
    const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    expect(judgeUpgrade(REQUEST, RULES)).toEqual({ status: 101, protocol: "mqtt", accept });
    expect(judgeUpgrade({ ...REQUEST, path: "/ws" }, RULES).status).toBe(101);
  });

  test.each<[string, number, Partial<UpgradeRequest>]>([
    ["another path", 404, { path: "/" }],
    ["a path in another case", 404, { path: "/MQTT" }],
    ["another path, whatever else is wrong", 404, { path: "/x", method: "PUT", host: "" }],
    ["another method", 405, { method: "POST" }],
    ["a method in lower case", 405, { method: "get" }],
    ["a plain request", 426, { isUpgrade: false }],
    ["an old version", 426, { version: "8" }],
    ["no version", 426, { version: "" }],
    ["two versions", 426, { version: "13, 13" }],
    ["no host", 400, { host: "" }],
    ["two hosts", 400, { host: "a.example, b.example" }],
    ["a host with a blank", 400, { host: "a b" }],
    ["no key", 400, { key: "" }],
    ["a key of 15 bytes", 400, { key: "dGhlIHNhbXBsZSBub25j" }],
    ["only foreign subprotocols", 400, { protocols: ["chat", "MQTT"] }],
  ])("refuses %s with %i", (_name, status, wrong) => {
    const verdict = judgeUpgrade({ ...REQUEST, ...wrong }, RULES);
    expect(verdict).toEqual({ status, protocol: "", accept: "" });
  });

  test.each([
    [["mqtt"], "mqtt"],
    [["mqttv3.1"], "mqttv3.1"],
    [["mqttv3.1", "mqtt"], "mqttv3.1"],
    [["chat", "mqtt"], "mqtt"],
    [[], ""],
  ])("agrees on a subprotocol of %j", (protocols, protocol) => {
    expect(judgeUpgrade({ ...REQUEST, protocols }, RULES)).toMatchObject({ status: 101, protocol });
  });

  test("lets in pages of the listed origins, and whoever is no page", () => {
    const rules = { ...RULES, origins: ["https://a.example"] };
    const statusOf = (origin: string) => judgeUpgrade({ ...REQUEST, origin }, rules).status;
    expect(statusOf("")).toBe(101);
    expect(statusOf("https://a.example")).toBe(101);
    expect(statusOf("HTTPS://A.Example")).toBe(101);
    for (const origin of ["http://a.example", "https://a.example:8443", "null", "https://b.a"]) {
      expect(statusOf(origin)).toBe(403);
    }
    expect(judgeUpgrade({ ...REQUEST, origin: "null" }, RULES).status).toBe(101);
  });
});
