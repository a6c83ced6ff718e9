// What becomes of a storm, with storm control and without: one of three brokers is killed with all
// the clients on it, and they come back to the other two as fast as they can.
//
//   npm run build && node bench/storm.js [--clients 5000] [--rate 400]
//
// Brokers are mosquitto's. Each broker's log tells how many clients it took in each second, by its
// own clock: one that was slow for a moment has some of one second in the next. The clients tell
// what they were answered and when the last of them was back. Prints Markdown.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const ENVIRONMENT = { ...process.env, PATH: `${process.env["PATH"]}${delimiter}/usr/sbin` };
const RETURN_MS = 50;
const QUIET_MS = 3_000;
const DEADLINE_MS = 180_000;
const TIMESTAMPED = /^(\d+): New client connected/;

const { values: options } = parseArgs({
  options: {
    clients: { type: "string", default: "5000" },
    rate: { type: "string", default: "400" },
  },
});
const CLIENTS = Number(options.clients);
const RATE = Number(options.rate);

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** @param {number} port */
async function waitForPort(port) {
  for (;;) {
    const isThere = await new Promise((resolve) => {
      const socket = createConnection({ host: "127.0.0.1", port });
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (isThere) return;
    await pause(50);
  }
}

/** @param {string} folder @param {number} port */
async function startBroker(folder, port) {
  const file = join(folder, `broker${port}.conf`);
  const settings = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "log_dest stderr"];
  writeFileSync(file, `${settings.join("\n")}\n`);
  /** @type {import("node:child_process").StdioOptions} */
  const stdio = ["ignore", "ignore", "pipe"];
  const child = spawn("mosquitto", ["-c", file], { env: ENVIRONMENT, stdio });
  /** @type {Buffer[]} */
  const log = [];
  child.stderr?.on("data", (bytes) => log.push(bytes));
  await waitForPort(port);
  return { port, log, child };
}

/** @param {string} folder @param {readonly number[]} ports @param {string} pool */
async function startFairlead(folder, ports, pool) {
  const port = await freePort();
  const file = join(folder, "fairlead.yaml");
  const servers = ports.map((each) => `"127.0.0.1:${each}"`).join(", ");
  writeFileSync(
    file,
    `workers: 1
admin: false
log: { access: false, level: error }
listeners:
  mqtt: { listen: "127.0.0.1:${port}", pool: brokers, backlog: 8192 }
pools:
  brokers:
    balance: least-connections
    check: { type: tcp, interval: 500ms }
    ${pool}
    servers: [${servers}]
`,
  );
  const child = spawn(process.execPath, [MAIN, "run", "-c", file], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await waitForPort(port);
  return { port, child };
}

/** A client that comes back for as long as it takes, and what it was answered. */
class Client {
  isServed = false;
  /** @type {import("node:net").Socket | null} */
  socket = null;
  isOver = false;

  /** @param {number} port @param {string} id @param {Map<string, number>} answers */
  constructor(port, id, answers) {
    this.port = port;
    this.answers = answers;
    const size = id.length;
    const head = [0x10, 12 + size, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, size];
    this.connect = Buffer.concat([Buffer.from(head), Buffer.from(id)]);
    this.come();
  }

  come() {
    const socket = createConnection({ host: "127.0.0.1", port: this.port, noDelay: true });
    this.socket = socket;
    let answer = "no CONNACK";
    socket.on("data", (bytes) => {
      const [type, , , code] = bytes;
      if (this.isServed || type !== 0x20) return;
      this.isServed = code === 0;
      answer = code === 0 ? "let in" : `told ${code}`;
      this.note(answer);
    });
    socket.on("error", () => {
      // What became of the visit is counted when it is closed.
    });
    socket.on("close", () => {
      if (answer === "no CONNACK" && !this.isOver) this.note(answer);
      this.isServed = false;
      if (!this.isOver) setTimeout(() => this.come(), RETURN_MS);
    });
    socket.write(this.connect);
  }

  /** @param {string} answer */
  note(answer) {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }

  close() {
    this.isOver = true;
    this.socket?.destroy();
  }
}

/** @param {readonly Client[]} clients @returns milliseconds until all are served */
async function waitForAll(clients) {
  const start = performance.now();
  while (!clients.every(({ isServed }) => isServed)) {
    if (performance.now() - start > DEADLINE_MS) throw new Error("Cannot serve every client");
    await pause(20);
  }
  return performance.now() - start;
}

/**
 * @param {readonly Buffer[]} log @param {number} fromSeconds
 * @returns clients taken in the fullest second
 */
function peakOf(log, fromSeconds) {
  /** @type {Map<number, number>} */
  const perSecond = new Map();
  for (const line of Buffer.concat(log).toString().split("\n")) {
    const second = Number(TIMESTAMPED.exec(line)?.[1] ?? 0);
    if (second >= fromSeconds) perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  return Math.max(0, ...perSecond.values());
}

/** @param {string} title @param {string} pool */
async function measure(title, pool) {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-storm-"));
  const ports = [await freePort(), await freePort(), await freePort()];
  const brokers = [await startBroker(folder, ports[0] ?? 0)];
  const fairlead = await startFairlead(folder, ports, pool);
  /** @type {Map<string, number>} */
  const answers = new Map();
  /** @type {Client[]} */
  const clients = [];
  try {
    for (let i = 0; i < CLIENTS; i++) {
      clients.push(new Client(fairlead.port, `storm-${i}`, answers));
      if (i % 100 === 99) await pause(20);
    }
    await waitForAll(clients);
    for (const port of ports.slice(1)) brokers.push(await startBroker(folder, port));
    await pause(QUIET_MS);
    answers.clear();
    const killedAt = Math.floor(Date.now() / 1_000);
    brokers[0]?.child.kill("SIGKILL");
    await pause(QUIET_MS / 3);
    const backMs = (await waitForAll(clients)) + QUIET_MS / 3;
    const peaks = brokers.slice(1).map(({ log }) => peakOf(log, killedAt));
    const said = [...answers].map(([answer, count]) => `${count} ${answer}`).join(", ");
    return `| ${title} | ${peaks.join(", ")} | ${(backMs / 1_000).toFixed(1)} s | ${said} |`;
  } finally {
    for (const client of clients) client.close();
    fairlead.child.kill("SIGKILL");
    for (const { child } of brokers) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

const controlled = `admission: { perServer: ${RATE}/s, maxDelay: 30s, waiting: 100000 }`;
const FASTEST = (CLIENTS / (2 * RATE)).toFixed(1);
console.log(`${CLIENTS} clients on one of three brokers, which is killed. At ${RATE}/s each the`);
console.log(`other two take them in ${FASTEST} s at the soonest.\n`);
console.log("| | most in a second, by broker | all back within | answers |");
console.log("| :-- | --: | --: | :-- |");
console.log(await measure("without storm control", ""));
console.log(await measure(`at most ${RATE}/s each`, controlled));
