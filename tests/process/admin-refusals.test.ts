// What the admin address refuses, asked for by curl of a Fairlead of its own process: each refusal
// has its answer, its line in the log and its count, and nothing was done.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawToken } from "../../src/admin/access/credentials.ts";
import { Fairlead } from "./fairlead.ts";
import { findProgram } from "./peer-program.ts";
import { freePorts } from "./ports.ts";
import { peakMemoryMiB } from "./process-facts.ts";
import { waitUntil } from "./wait-until.ts";

const GIGABYTE = 1024 ** 3;
const SERVER = "/api/v1/pools/brokers/servers/b1";
const PASSWD = /root:.*:0:0:/;

const folder = mkdtempSync(join(tmpdir(), "fairlead-refusals-"));
const operator = drawToken();
const reader = drawToken();
const large = join(folder, "large");

let fairlead: Fairlead;

beforeAll(async () => {
  // Sparse: it takes no room.
  writeFileSync(large, "");
  truncateSync(large, GIGABYTE);
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const config = `
admin:
  listen: "127.0.0.1:${adminPort}"
  users:
    ops: { role: operator, token: "${operator.hash}" }
    dashboard: { token: "${reader.hash}" }
listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: brokers } }
pools: { brokers: { check: { type: none }, servers: [{ name: b1, address: "127.0.0.1:9" }] } }
`;
  const isReady = async () => (await fetch(`http://127.0.0.1:${adminPort}/api/v1/health`)).ok;
  fairlead = await Fairlead.start({ config, adminPort, isReady });
});

afterAll(async () => {
  await fairlead.close();
  rmSync(folder, { recursive: true });
});

/** @returns the status of the answer, and its body */
async function curl(path: string, ...args: readonly string[]) {
  const url = `http://127.0.0.1:${fairlead.adminPort}${path}`;
  const all = ["-s", "--path-as-is", "--max-time", "60", "-w", "\n%{http_code}", ...args, url];
  const child = spawn(findProgram("curl"), all, { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await once(child, "close");
  const end = text.lastIndexOf("\n");
  return { status: Number(text.slice(end + 1)), body: text.slice(0, end) };
}

const as = ({ token }: { token: string }) => ["-H", `Authorization: Bearer ${token}`];
const JSON_BODY = ["-H", "Content-Type: application/json", "--data", '{"state":"maintenance"}'];

/** Ten refusals a second have a line of their own: asked again until this one has. */
async function isRefused(status: number, path: string, ...args: readonly string[]): Promise<void> {
  const lines = () =>
    fairlead.log.filter((line) => {
      return line["event"] === "admin-refused" && line["status"] === status && line["url"] === path;
    });
  await waitUntil(`${status} for ${path} is logged`, async () => {
    const answer = await curl(path, ...args);
    expect([path, answer.status]).toEqual([path, status]);
    expect(answer.body).not.toMatch(PASSWD);
    return lines().length > 0;
  });
  expect(lines()[0]).toMatchObject({ level: "warn", from: "127.0.0.1" });
}

describe("the admin address refuses, and logs", () => {
  it.each(["/", "/stats", "/stats/now", "/stats/stream", "/stats;csv", "/metrics", "/api/v1"])(
    "%s without a token and with a wrong one",
    async (path) => {
      await isRefused(401, path);
      await isRefused(401, path, ...as(drawToken()));
      await isRefused(401, path, "-u", "ops:guessed");
    },
  );

  it("a change without a token, by one who only reads, and from another origin", async () => {
    const change = ["-X", "PATCH", ...JSON_BODY];
    await isRefused(401, SERVER, ...change);
    await isRefused(403, SERVER, ...change, ...as(reader));
    await isRefused(403, SERVER, ...change, ...as(operator), "-H", "Origin: http://evil.example");
    await isRefused(403, SERVER, ...change, ...as(operator), "-H", "Sec-Fetch-Site: cross-site");
    await isRefused(403, "/api/v1/status", ...as(operator), "-H", "Host: evil.example");
  });

  it("a body of a gigabyte, and keeps none of it", async () => {
    const before = peakMemoryMiB(fairlead.pid);
    const json = ["-H", "Content-Type: application/json", ...as(operator)];
    for (const method of ["PATCH", "POST", "DELETE", "GET"]) {
      const path = method === "POST" ? "/api/v1/reload" : SERVER;
      await isRefused(413, path, "-X", method, "-T", large, ...json);
      await isRefused(413, path, "-X", method, "-T", large, ...json, "-H", "Expect:");
    }
    const chunked = ["-H", "Transfer-Encoding: chunked", "-H", "Expect:"];
    await isRefused(413, SERVER, "-X", "PATCH", "-T", large, ...json, ...chunked);
    expect(peakMemoryMiB(fairlead.pid) - before).toBeLessThan(256);
  });

  it.each([
    ["/../../../../etc/passwd", 404],
    ["/stats/../../../etc/passwd", 404],
    ["/stats/..%2f..%2f..%2fetc%2fpasswd", 404],
    ["/%2e%2e/%2e%2e/%2e%2e/etc/passwd", 404],
    ["/stats/%2e%2e%2f%2e%2e%2fetc/passwd", 404],
    ["/..%5c..%5cetc%5cpasswd", 404],
    ["/stats/..\\..\\etc\\passwd", 404],
    ["/%252e%252e%252fetc%252fpasswd", 404],
    ["/....//....//etc/passwd", 404],
    ["/..;/..;/etc/passwd", 404],
    ["//etc/passwd", 404],
    ["/stats//etc/passwd", 404],
    ["/./etc/passwd", 404],
    ["/%00/etc/passwd", 404],
    ["/stats/page.js%00.css", 404],
    ["/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd", 400],
    ["/%ff/etc/passwd", 400],
    ["/stats%2", 400],
    ["/file:///etc/passwd", 404],
    ["/api/v1/pools/%2e%2e", 404],
    ["/api/v1/tables/..%2f..%2fetc%2fpasswd/entries", 404],
    ["/api/v1/connections/..%2f..%2fetc", 400],
  ])("%s: %i", async (path, status) => {
    await isRefused(status, path, ...as(operator));
  });

  it("all of it is counted, and nothing was done", async () => {
    const { body: metrics } = await curl("/metrics", ...as(reader));
    for (const status of [400, 401, 403, 404, 413]) {
      const told = fairlead.log.filter((line) => line["status"] === status).length;
      const sample = `fairlead_admin_requests_refused_total{status="${status}"} `;
      const line = metrics.split("\n").find((each) => each.startsWith(sample)) ?? "";
      expect(Number(line.slice(sample.length))).toBeGreaterThanOrEqual(told);
      expect(told).toBeGreaterThan(0);
    }
    expect(JSON.parse((await curl(SERVER, ...as(reader))).body)).toMatchObject({ admin: "ready" });
    expect(fairlead.log.filter((line) => line["event"] === "admin-action")).toEqual([]);
  });
});
