import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { TWO_POOLS } from "../../tests/fixtures/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-admin-tls-"));
const authority = new TestAuthority();
const { certificate, key } = authority.issue({ names: ["localhost"] });
const file = join(folder, "admin.pem");

let scene: AdminScene;

beforeAll(async () => {
  writeFileSync(file, certificate + key);
  const admin = `admin: { listen: "127.0.0.1:8888", tls: { certificate: "${file}" } }`;
  scene = await AdminScene.start(TWO_POOLS.replace(/^admin: .*$/m, admin));
});

afterAll(async () => {
  await scene.stop();
  rmSync(folder, { recursive: true });
});

function ask(method: string, path: string, headers: Record<string, string> = {}) {
  const { port } = new URL(scene.admin.url);
  return new Promise<number | undefined>((resolve, reject) => {
    const options = { host: "localhost", port, path, method, headers, family: 4 };
    const asking = request({ ...options, ca: authority.certificate }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.once("error", reject).end();
  });
}

it("an admin address with a certificate speaks HTTPS, and nothing else", async () => {
  expect(scene.admin.url).toMatch(/^https:/);
  expect(await ask("GET", "/api/v1/status")).toBe(200);
  expect(await ask("GET", "/metrics")).toBe(200);
  const plain = fetch(scene.admin.url.replace("https:", "http:"));
  await expect(plain).rejects.toThrow();
});

it("its own pages may ask for changes, and those of plain HTTP may not", async () => {
  const { port } = new URL(scene.admin.url);
  const from = (origin: string) =>
    ask("POST", "/api/v1/reload", { origin, "fairlead-request": "1" });
  // There is no file to read again: that is what it says once it lets somebody through.
  expect(await from(`https://localhost:${port}`)).toBe(409);
  expect(await from(`http://localhost:${port}`)).toBe(403);
});
