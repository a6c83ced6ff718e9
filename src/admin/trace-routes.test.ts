import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { TRACES_MAX } from "../supervisor/traces.ts";
import { OWN_HEADER } from "./access/access.ts";

let scene: AdminScene;
beforeAll(async () => {
  scene = await AdminScene.start();
});
afterAll(() => scene.stop());

describe("GET /api/v1/traces", () => {
  const get = (query: string, headers: Record<string, string> = { [OWN_HEADER]: "1" }) => {
    const end = new AbortController();
    onTestFinished(() => end.abort());
    const url = `${scene.admin.url}/api/v1/traces?${query}`;
    return fetch(url, { headers, signal: end.signal });
  };

  it("takes what a change takes, and a client", async () => {
    expect((await get("client=pump", {})).status).toBe(403);
    const foreign = { [OWN_HEADER]: "1", "sec-fetch-site": "cross-site" };
    expect((await get("client=pump", foreign)).status).toBe(403);
    for (const query of ["clinet=pump", "client=", "client=pump&bytes=9", "client=a&payload=1"]) {
      expect((await get(query)).status).toBe(400);
    }
  });

  it("runs so many at a time, and has room again when readers leave", async () => {
    const leaving = new AbortController();
    const headers = { [OWN_HEADER]: "1" };
    for (let i = 0; i < TRACES_MAX; i++) {
      const url = `${scene.admin.url}/api/v1/traces?client=c${i}`;
      expect((await fetch(url, { headers, signal: leaving.signal })).status).toBe(200);
    }
    const full = await get("client=pump");
    const { detail } = (await full.json()) as { detail: string };
    expect([full.status, detail]).toEqual([503, expect.stringContaining("8 clients are traced")]);
    leaving.abort();
    await expect.poll(() => scene.supervisor.traces.count).toBe(0);
    expect((await get("client=pump")).status).toBe(200);
  });
});

it("a user who may only look may not trace", async () => {
  const hash = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  const users = `users: { eye: { role: read-only, token: "${hash}" } }`;
  const text = `
admin: { listen: "127.0.0.1:8888", ${users} }
listeners: { mqtt: { listen: "127.0.0.1:1883", pool: p } }
pools: { p: { servers: ["127.0.0.1:1"] } }
`;
  const looking = await AdminScene.start(text);
  onTestFinished(() => looking.stop());
  const headers = { authorization: "Bearer test" };
  const { status, body } = await looking.get("/api/v1/traces?client=a", { headers });
  expect([status, body["detail"]]).toEqual([403, expect.stringContaining("operator")]);
});
