// A certificate that is renewed under load: 2,000 TLS clients publish, and not one of them notices.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, type Credentials, makeCertificates } from "../certificates.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { tryTls } from "./tls-clients.ts";
import { TlsLoad } from "./tls-load.ts";
import { waitUntil } from "./wait-until.ts";

const CLIENT_COUNT = 2_000;

let folder: string;
let file: string;
let certificates: Certificates;
let broker: Mosquitto;
let scene: ManyListeners<"secure">;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-renewal-load-"));
  file = join(folder, "listener.pem");
  certificates = await makeCertificates(join(folder, "made"));
  broker = await Mosquitto.start();
  install(certificates.server);
  scene = await ManyListeners.start({
    workers: 2,
    sections: { log: { access: false } },
    listeners: { secure: { tls: { certificates: [file] } } },
    pools: { brokers: { servers: [broker.address] } },
  });
});

afterAll(async () => {
  await scene.end();
  await broker.close();
  rmSync(folder, { recursive: true });
});

/** Puts a file in place at once, as tools that renew certificates do. */
function install({ cert, key }: Pick<Credentials, "cert" | "key">): void {
  writeFileSync(`${file}.new`, cert + key);
  renameSync(`${file}.new`, file);
}

/** The type of key in the certificate that each of several new handshakes sees. */
async function seen(): Promise<Set<string | null>> {
  const tries = Array.from({ length: 8 }, () => tryTls({ port: scene.ports.secure }));
  const outcomes = await Promise.all(tries);
  for (const outcome of outcomes) expect(outcome.accepted).toBe(true);
  return new Set(outcomes.map(({ serverKeyType }) => serverKeyType));
}

describe("2,000 TLS clients that publish", () => {
  it("go on while their certificate is renewed, twice, and a bad one is refused", async () => {
    const { fairlead, ports } = scene;
    const ca = certificates.ca.cert;
    const to = { port: ports.secure, host: "127.0.0.1", servername: "localhost", ca };
    const load = closeAtEnd(await TlsLoad.start(CLIENT_COUNT, to));
    await load.waitForAnswers(1);
    await expect.poll(() => fairlead.fetchMetric("fairlead_tls_sessions")).toBe(CLIENT_COUNT);
    const renewedCount = () =>
      fairlead.fetchMetric('fairlead_certificate_reloads_total{listener="secure"}');

    for (const [i, name] of (["serverRsa", "server"] as const).entries()) {
      install(certificates[name]);
      await waitUntil("it is renewed", async () => (await renewedCount()) === i + 1);
      const type = name === "server" ? "ec" : "rsa";
      await waitUntil("every worker has it", async () => {
        const types = await seen();
        return types.size === 1 && types.has(type);
      });
      await load.waitForAnswers(2);
      expect(load.lost).toEqual([]);
    }

    install({ cert: certificates.server.cert, key: certificates.serverRsa.key });
    await fairlead.waitForLog("the refusal", ({ event }) => event === "certificates-refused");
    expect(await seen()).toEqual(new Set(["ec"]));
    await load.waitForAnswers(2);
    expect(load.lost).toEqual([]);
    const refused = fairlead.log.filter(({ event }) => event === "certificates-refused");
    expect(refused).toHaveLength(1);
    const failures = 'fairlead_certificate_reload_failures_total{listener="secure"}';
    await expect.poll(() => fairlead.fetchMetric(failures)).toBe(1);
    expect(await renewedCount()).toBe(2);
    await load.stop();
  });
});
