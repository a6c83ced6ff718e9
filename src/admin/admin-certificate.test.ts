import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";

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

/** The names of the certificate that a new handshake sees. */
function seenNames(): Promise<string | undefined> {
  const { port } = new URL(scene.admin.url);
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: Number(port), ca: authority.certificate };
    const socket = connectTls({ ...options, servername: "localhost" }, () => {
      resolve(socket.getPeerCertificate().subjectaltname);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

it("its certificate is listed, and is renewed when its file changes", async () => {
  expect(await seenNames()).toBe("DNS:localhost");
  const { certificates } = scene.supervisor;
  expect(certificates.states.map(({ holder }) => holder.name)).toEqual(["the admin address"]);
  const renewed = authority.issue({ names: ["localhost", "admin.example"] });
  writeFileSync(file, renewed.certificate + renewed.key);
  await waitUntil("new handshakes see it", async () => {
    return (await seenNames()) === "DNS:localhost, DNS:admin.example";
  });
  writeFileSync(file, certificate + renewed.key);
  await waitUntil("it is refused", () => certificates.states[0]!.failureCount === 1);
  expect(await seenNames()).toContain("admin.example");
  expect(await ask("GET", "/api/v1/status")).toBe(200);
});

it("its own pages may ask for changes, and those of plain HTTP may not", async () => {
  const { port } = new URL(scene.admin.url);
  const from = (origin: string) =>
    ask("POST", "/api/v1/reload", { origin, "fairlead-request": "1" });
  // There is no file to read again: that is what it says once it lets somebody through.
  expect(await from(`https://localhost:${port}`)).toBe(409);
  expect(await from(`http://localhost:${port}`)).toBe(403);
});
