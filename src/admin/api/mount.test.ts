import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../../tests/fixtures/admin.ts";
import { TWO_POOLS } from "../../../tests/fixtures/settings.ts";
import { waitUntil } from "../../../tests/process/wait-until.ts";
import { drawToken } from "../access/credentials.ts";

const reader = drawToken();
const operator = drawToken();
const WITH_USERS = TWO_POOLS.replace(
  `admin: { listen: "127.0.0.1:8888" }`,
  `admin:
  listen: "127.0.0.1:8888"
  users:
    ops: { role: operator, token: "${operator.hash}" }
    dashboard: { token: "${reader.hash}" }`,
);
const as = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` });

let scene: AdminScene;

beforeAll(async () => {
  scene = await AdminScene.start(WITH_USERS);
});

afterAll(() => scene.stop());

const SERVER_A = "/api/v1/pools/brokers/servers/a";

describe("roles", () => {
  it("let nobody in without a login, but for health and readiness", async () => {
    const paths = ["/", "/stats", "/metrics", "/stats;csv", "/api/v1", "/api/v1/events"];
    for (const path of [...paths, "/api/v1/connections", "/api/v1/configuration", SERVER_A]) {
      const { status, headers } = await scene.get(path);
      expect([path, status]).toEqual([path, 401]);
      expect(headers.get("www-authenticate")).toContain("Bearer");
    }
    for (const path of ["/api/v1/health", "/api/v1/ready"]) {
      expect((await scene.get(path)).status).toBe(200);
    }
  });

  it("let a reader read and an operator act", async () => {
    const change = (who: { token: string }) =>
      scene.ask("PATCH", SERVER_A, {
        headers: { ...as(who), "content-type": "application/json" },
        body: '{"state":"drain"}',
      });
    expect((await scene.get(SERVER_A, { headers: as(reader) })).status).toBe(200);
    expect((await change(reader)).status).toBe(403);
    const configuration = { headers: as(reader) };
    expect((await scene.get("/api/v1/configuration", configuration)).status).toBe(403);
    expect((await change(operator)).body).toMatchObject({ admin: "drain" });
    const line = scene.lines.find((each) => each["event"] === "admin-action");
    expect(line).toMatchObject({ by: "ops" });
  });
});

describe("what is refused", () => {
  it("is logged: a wrong token, another origin, every spelling of a way out", async () => {
    const token = { headers: { authorization: "Bearer wrong" } };
    const origin = { headers: { ...as(operator), origin: "http://evil.example" } };
    // Ten refusals a second are told: others may have been this second's.
    const isTold = (status: number) =>
      waitUntil(`${status} is logged`, async () => {
        if (status === 401) expect((await scene.get("/api/v1/status", token)).status).toBe(401);
        else expect((await scene.ask("POST", "/api/v1/reload", origin)).status).toBe(403);
        return scene.lines.some((line) => {
          return line["event"] === "admin-refused" && line["status"] === status;
        });
      });
    await isTold(401);
    await isTold(403);
    for (const path of [
      "/../../etc/passwd",
      "/..%2f..%2fetc%2fpasswd",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/stats/../../etc/passwd",
      "/api/v1/tables/..%2f..%2fetc/entries",
      "//etc/passwd",
      "/%00",
      "/%c0%ae%c0%ae/etc/passwd",
      "/stats;csv/../../x",
      "/api/v1/pools/%2e%2e",
    ]) {
      const answer = await scene.say(
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
          `Authorization: Bearer ${reader.token}\r\n\r\n`,
      );
      expect([path, answer.slice(0, 12)]).toEqual([path, expect.stringMatching(/ 40[04]$/)]);
      expect(answer).not.toContain("root:");
    }
  });

  it("is a body beyond the limit, before it is there", async () => {
    const head = `Host: localhost\r\nAuthorization: Bearer ${operator.token}\r\n`;
    const GIGABYTE = 1024 ** 3;
    for (const [method, path] of [
      ["PATCH", SERVER_A],
      ["POST", "/api/v1/reload"],
      ["GET", "/stats"],
      ["DELETE", "/api/v1/connections/0-0-1"],
    ]) {
      const answer = await scene.say(
        `${method} ${path} HTTP/1.1\r\n${head}Content-Type: application/json\r\n` +
          `Content-Length: ${GIGABYTE}\r\n\r\n{`,
      );
      expect([method, answer.slice(0, 12)]).toEqual([method, "HTTP/1.1 413"]);
    }
    const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
    const chunked = await scene.say(
      `PATCH ${SERVER_A} HTTP/1.1\r\n${head}Content-Type: application/json\r\n` +
        `Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}`,
    );
    expect(chunked.slice(0, 12)).toBe("HTTP/1.1 413");
  });

  it("has headers that browsers heed on every answer", async () => {
    for (const path of ["/api/v1/health", "/nothing", "/api/v1/status"]) {
      const { headers } = await scene.get(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("set-cookie")).toBe(null);
    }
  });
});
