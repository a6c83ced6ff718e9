import { request } from "node:http";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { type ReadAgain, Reloader } from "../supervisor/reloader.ts";
import { OWN_HEADER } from "./access/access.ts";
import { AdminBindError, AdminServer } from "./admin-server.ts";
import type { ClusterView } from "./cluster-view.ts";

const { supervisor } = await startSupervised();
const { log } = makeMemoryLogger();

function listenOn(port: number) {
  return {
    text: `127.0.0.1:${port}`,
    host: "127.0.0.1",
    port,
    endpoint: makeEndpoint("127.0.0.1", port)!,
  };
}

function start(cluster: ClusterView | null): Promise<AdminServer> {
  return AdminServer.start({ supervisor, cluster, listen: listenOn(0), log });
}

let admin: AdminServer;

beforeAll(async () => {
  admin = await start(null);
});

afterAll(async () => {
  await admin.stop();
  await supervisor.stop(0);
});

describe("AdminServer", () => {
  it.each(["/", "/stats"])("serves the page at %s, with a policy", async (path) => {
    const response = await fetch(admin.url + path);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.text()).toContain("stats/page.js");
  });

  it("serves metrics in Prometheus' format", async () => {
    const response = await fetch(`${admin.url}/metrics`);
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(await response.text()).toContain("# TYPE fairlead_connections gauge");
  });

  it("serves the API, which lists itself", async () => {
    const ask = async (path: string) => (await fetch(admin.url + path)).json();
    expect(await ask("/api/v1/servers")).toMatchObject({ pools: [{ name: "brokers" }, {}] });
    expect(await ask("/api/v1/status")).toMatchObject({ pid: process.pid });
    const list = (await ask("/api/v1")) as { method: string; path: string }[];
    const readable = list.filter(
      ({ method, path }) => method === "GET" && !/cluster|\{|events/.test(path),
    );
    for (const { path } of readable) {
      expect((await fetch(admin.url + path)).status, path).toBe(200);
    }
  });

  it("answers with problem details where there is nothing", async () => {
    const response = await fetch(`${admin.url}/nothing<here>`);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(await response.json()).toMatchObject({ status: 404, title: "Not Found" });
    const headers = { [OWN_HEADER]: "1" };
    expect((await fetch(`${admin.url}/stats`, { method: "POST", headers })).status).toBe(404);
    for (const [path, near] of [
      ["/state", "/stats"],
      ["/api/servers", "/api/v1"],
    ]) {
      const detail = `There is nothing at ${path}; try ${near}`;
      expect(await (await fetch(`${admin.url}${path}`)).json()).toMatchObject({ detail });
    }
  });

  it("has counters of an embedded cluster only where there is one that answers", async () => {
    expect((await fetch(`${admin.url}/api/v1/cluster/stats`)).status).toBe(404);
    const nodes = [{ name: "node1", stats: { "connections.count": 4 } }];
    let dies = false;
    const cluster = {
      stats: () => (dies ? Promise.reject(new Error("it died")) : Promise.resolve(nodes)),
    };
    const other = await start(cluster);
    const ask = () => fetch(`${other.url}/api/v1/cluster/stats`);
    expect(await (await ask()).json()).toEqual({ nodes });
    dies = true;
    const response = await ask();
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { detail: "The embedded cluster does not answer: it died" },
    ]);
    await other.stop();
  });

  it("answers on loopback only to loopback's own names", async () => {
    expect(await statusFor("localhost:8888")).toBe(200);
    expect(await statusFor("127.0.0.1")).toBe(200);
    expect(await statusFor("[::1]:8888")).toBe(200);
    expect(await statusFor("attacker.example")).toBe(403);
  });

  it("says that its address is in use", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const starting = AdminServer.start({
      supervisor,
      cluster: null,
      listen: listenOn(port),
      log,
    });
    const sentence = `Cannot bind admin: address 127.0.0.1:${port} is in use`;
    await expect(starting).rejects.toThrow(new AdminBindError(`127.0.0.1:${port} is in use`));
    // Nothing is left for a cause to add.
    await expect(starting).rejects.toHaveProperty("message", sentence);
    await expect(starting).rejects.not.toHaveProperty("cause");
    server.close();
  });
});

describe("POST /api/v1/reload", () => {
  const { settings } = supervisor;
  const reload = async (read: ReadAgain, more: Record<string, string> = {}) => {
    const { logger } = log;
    const reloader = new Reloader({ supervisor, read: async () => read, logger }, settings);
    const listen = listenOn(0);
    const server = await AdminServer.start({ supervisor, cluster: null, listen, log, reloader });
    const url = `${server.url}/api/v1/reload?wait=true`;
    const headers = { [OWN_HEADER]: "1", ...more };
    const response = await fetch(url, { method: "POST", headers });
    await server.stop();
    return { status: response.status, body: await response.json() };
  };

  it("answers with what has changed", async () => {
    const { status, body } = await reload({ settings, diagnostics: [] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: "applied", changed: [] });
  });

  it("answers 409 with every mistake when it is refused", async () => {
    const { status, body } = await reload({ settings: null, diagnostics: ["f.yaml:1:2: no"] });
    expect(status).toBe(409);
    expect(body).toMatchObject({ outcome: "refused", diagnostics: ["f.yaml:1:2: no"] });
  });

  it("does nothing for a page of another site", async () => {
    const read = { settings, diagnostics: [] };
    expect((await reload(read, { origin: "http://evil.example" })).status).toBe(403);
  });

  it("says so where there is no file to read", async () => {
    const response = await fetch(`${admin.url}/api/v1/reload`, {
      method: "POST",
      headers: { [OWN_HEADER]: "1" },
    });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining("no config") });
  });
});

function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request(`${admin.url}/api/v1`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.once("error", reject).end();
  });
}
