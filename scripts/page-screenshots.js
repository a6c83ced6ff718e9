// Takes the pictures of the page that docs/ shows: light, dark, and on a phone.
//
// Starts three embedded broker nodes and a balancer before them, gives it clients that talk for a
// while, changes a server or two, and photographs what the page says, with Debian's chromium. Run
// after `npm run build`: `node scripts/page-screenshots.js [seconds]`. Everything it starts listens
// on loopback and ends with it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import mqtt from "mqtt";
import { chromium } from "playwright-core";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const DOCS = fileURLToPath(new URL("../docs/", import.meta.url));
const CHROMIUM = "/usr/bin/chromium";
const PORTS = { cluster: 9_883, nodes: 9_900, clusterAdmin: 9_888, mqtt: 9_884, admin: 9_889 };
const URL_OF_PAGE = `http://127.0.0.1:${PORTS.admin}/stats`;
/** Clients come in waves, so that charts have something to show. */
const WAVES = 10;
const WAVE = 24;
const WARM_UP_SECONDS = Number(process.argv[2] ?? 120);

const PICTURES = [
  { file: "page-light.png", scheme: "light", width: 1440, height: 1500 },
  { file: "page-dark.png", scheme: "dark", width: 1440, height: 1500 },
  { file: "page-phone.png", scheme: "light", width: 390, height: 1600 },
];

/** @param {string} certificate */
function configOf(certificate) {
  const { nodes, mqtt: port, admin } = PORTS;
  return `
admin: { listen: "127.0.0.1:${admin}" }
listeners:
  mqtt: { listen: "127.0.0.1:${port}", pool: brokers }
  mqtts:
    listen: "127.0.0.1:${port + 2}"
    pool: brokers
    tls: { certificates: ["${certificate}"] }
  telemetry: { listen: "127.0.0.1:${port + 1}", pool: telemetry }
pools:
  brokers:
    balance: least-connections
    stick: { by: client-id }
    check: { type: mqtt, interval: 2s }
    servers:
      - { name: berlin, address: "127.0.0.1:${nodes}" }
      - { name: paris, address: "127.0.0.1:${nodes + 1}" }
      - { name: madrid, address: "127.0.0.1:${nodes + 2}" }
      - { name: vienna, address: "127.0.0.1:${nodes + 90}" }
  telemetry:
    balance: round-robin
    check: { type: tcp }
    servers:
      - { name: north, address: "127.0.0.1:${nodes}", weight: 2 }
      - { name: south, address: "127.0.0.1:${nodes + 1}" }
`;
}

const folder = mkdtempSync(join(tmpdir(), "fairlead-page-"));
/** @type {(() => unknown)[]} */
const endings = [() => rmSync(folder, { recursive: true, force: true })];
try {
  await startBalancers();
  for (let wave = 0; wave < WAVES; wave++) {
    startClients(PORTS.mqtt, "sensor", wave * WAVE, WAVE);
    startClients(PORTS.mqtt + 1, "meter", wave * (WAVE / 4), WAVE / 4);
    if (wave === WAVES / 2) {
      await changeServer("brokers/servers/madrid", { state: "drain" });
      await changeServer("telemetry/servers/south", { state: "maintenance" });
    }
    await pause((WARM_UP_SECONDS * 1000) / WAVES);
  }
  await takePictures();
} finally {
  for (const end of endings.reverse()) await end();
}

async function startBalancers() {
  const { cluster, nodes, clusterAdmin, admin } = PORTS;
  const others = ["--tls-port", "--ws-port", "--wss-port", "--node-ws-port"].flatMap((each) => {
    return [each, "0"];
  });
  const ports = ["--port", cluster, "--node-port", nodes, "--admin", `127.0.0.1:${clusterAdmin}`];
  const places = ["--host", "127.0.0.1", "--state-dir", folder, "--workers", 1];
  await start(["up", ...ports, ...others, ...places].map(String), clusterAdmin);
  writeFileSync(join(folder, "fairlead.yaml"), configOf("server.pem"));
  await start(["run", "-c", "fairlead.yaml"], admin);
}

/** Resolves when its pages answer. @param {string[]} args @param {number} adminPort */
async function start(args, adminPort) {
  /** @type {import("node:child_process").StdioOptions} */
  const stdio = ["ignore", "ignore", "inherit"];
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio });
  endings.push(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`Cannot start "fairlead ${args[0]}"`);
    const answer = await fetch(`http://127.0.0.1:${adminPort}/api/v1/ready`).catch(() => null);
    if (answer?.ok) return;
    await pause(100);
  }
  throw new Error(`Cannot reach the pages of "fairlead ${args[0]}"`);
}

/** @param {number} port @param {string} name @param {number} first @param {number} count */
function startClients(port, name, first, count) {
  for (let i = first; i < first + count; i++) {
    const clientId = `${name}-${String(i).padStart(4, "0")}`;
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId, reconnectPeriod: 500 });
    client.on("connect", () => client.subscribe(`${name}/${i}`));
    const timer = setInterval(
      () => client.publish(`${name}/${i}`, `${i} `.repeat(1 + (i % 40))),
      400 + 37 * (i % 90),
    );
    endings.push(async () => {
      clearInterval(timer);
      await client.endAsync(true);
    });
  }
}

/** @param {string} server @param {object} change */
async function changeServer(server, change) {
  const answer = await fetch(`http://127.0.0.1:${PORTS.admin}/api/v1/pools/${server}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  });
  if (!answer.ok) throw new Error(`Cannot change ${server}: ${await answer.text()}`);
}

async function takePictures() {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  endings.push(() => browser.close());
  for (const { file, scheme, width, height } of PICTURES) {
    const page = await browser.newPage({
      colorScheme: /** @type {"light" | "dark"} */ (scheme),
      viewport: { width, height },
    });
    page.on("console", (message) => console.log(message.text()));
    page.on("pageerror", (error) => console.log(String(error)));
    await page.goto(URL_OF_PAGE);
    await page.getByText("sensor-").first().waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.screenshot({ path: join(DOCS, file) });
    await page.close();
  }
}
