// Records which servers a real HAProxy and a real nginx choose, into balance.json beside this file:
//
//   node tests/recorded/record-balance.js
//
// It needs haproxy, and nginx with its stream module. For each case of balance-cases.js the program
// is started in front of servers on loopback; each server says its number to whoever comes.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CASES } from "./balance-cases.js";
import { clientId, ipv4, ipv6 } from "./balance-keys.js";

const OUTPUT = fileURLToPath(new URL("balance.json", import.meta.url));
const NGINX_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";
const LISTEN_PORT = 24_300;
/** The servers' addresses are part of what nginx hashes. */
const SERVER_PORT = 24_310;
const SETTLE_MS = 60;

/** @typedef {import("./balance-cases.js").Case} Case */

/** @param {number} i */
const serverAddress = (i) => `127.0.1.${i + 1}:${SERVER_PORT + i}`;

/**
 * Where clients and programs of a case come from: ports of earlier cases wait for stray packets.
 * @param {Case} wanted
 */
const sourceOf = (wanted) => `127.0.2.${CASES.indexOf(wanted) + 1}`;

/** @param {Case} wanted @param {string} folder */
function haproxyFile(wanted, folder) {
  const { lines, servers, key } = wanted;
  const list = servers.map((server, i) => {
    const words = [`server s${i} ${serverAddress(i)} weight ${server.weight ?? 1}`];
    if (server.id !== undefined) words.push(`id ${server.id}`);
    if (server.backup) words.push("backup");
    if (server.connectionsMax) words.push(`maxconn ${server.connectionsMax}`);
    return words.join(" ");
  });
  const id = "req.payload(0,0),mqtt_field_value(connect,client_identifier)";
  const keepId = `tcp-request content set-var(txn.id) ${id}`;
  const inspect = "tcp-request content accept if { req.payload(0,0),mqtt_is_valid }";
  return [
    "global",
    "nbthread 1",
    `stats socket ${join(folder, "admin")} level admin`,
    "defaults",
    "mode tcp",
    "timeout connect 5s",
    "timeout client 60s",
    "timeout server 60s",
    "listen pool",
    `bind 127.0.0.1:${LISTEN_PORT}${usesProxy(key) ? " accept-proxy" : ""}`,
    ...(key === "client-id" ? ["tcp-request inspect-delay 5s", keepId, inspect] : []),
    `source ${sourceOf(wanted)}`,
    ...lines,
    ...list,
    "",
  ].join("\n");
}

/** @param {Case} wanted @param {string} folder */
function nginxFile(wanted, folder) {
  const { lines, servers, key } = wanted;
  const list = servers.map((server, i) => {
    const words = [`server ${serverAddress(i)} weight=${server.weight ?? 1}`];
    if (server.backup) words.push("backup");
    if (server.down) words.push("down");
    if (server.connectionsMax) words.push(`max_conns=${server.connectionsMax}`);
    return `${words.join(" ")};`;
  });
  return [
    `load_module ${NGINX_MODULE};`,
    "daemon off; master_process off; worker_processes 1;",
    `pid ${join(folder, "pid")}; error_log ${join(folder, "log")};`,
    "events { worker_connections 1024; }",
    "stream {",
    `upstream pool { ${lines.map((line) => `${line};`).join(" ")} ${list.join(" ")} }`,
    "server {",
    `listen 127.0.0.1:${LISTEN_PORT}${usesProxy(key) ? " proxy_protocol" : ""};`,
    "set_real_ip_from 127.0.0.0/8;",
    `proxy_pass pool; proxy_bind ${sourceOf(wanted)};`,
    "} }",
    "",
  ].join("\n");
}

/** @param {Case["key"]} key */
function usesProxy(key) {
  return key !== "none" && key !== "client-id";
}

/** What client `i` says first. @param {Case["key"]} key @param {number} i */
function opening(key, i) {
  if (key === "none") return Buffer.from("x");
  if (key === "client-id") return connectPacket(clientId(i));
  if (key === "ipv6") return Buffer.from(`PROXY TCP6 ${ipv6(i)} ::1 4000 1883\r\n`);
  return Buffer.from(`PROXY TCP4 ${ipv4(i)} 127.0.0.1 4000 1883\r\n`);
}

/** A CONNECT of MQTT 3.1.1. @param {string} id */
function connectPacket(id) {
  const text = Buffer.from(id);
  const head = Buffer.from([0x10, 12 + text.length, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0]);
  return Buffer.concat([head, Buffer.from([text.length]), text]);
}

/** Servers that say their number. @param {number} count */
async function startServers(count) {
  const servers = Array.from({ length: count }, (_, i) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.resume().write(i.toString());
    });
    const [host, port] = serverAddress(i).split(":");
    return server.listen(Number(port), host);
  });
  await Promise.all(servers.map((server) => once(server, "listening")));
  return servers;
}

/** Client `i`, once it has been told its server's number. @param {Case} wanted @param {number} i */
async function come(wanted, i) {
  const socket = await connectWhenReady(sourceOf(wanted));
  socket.on("error", () => socket.destroy());
  socket.write(opening(wanted.key, i));
  const [said] = await once(socket, "data", { signal: AbortSignal.timeout(10_000) });
  return { socket, server: Number(said.toString()[0]) };
}

/**
 * Tries again while the program has not begun to listen: a refused client is not counted.
 * @param {string} localAddress
 */
async function connectWhenReady(localAddress) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect({ port: LISTEN_PORT, host: "127.0.0.1", localAddress });
    try {
      await once(socket, "connect");
      return socket;
    } catch {
      // Not there yet.
      await sleep(SETTLE_MS);
    }
  }
  throw new Error(`Cannot reach port ${LISTEN_PORT}: nobody listens`);
}

class Recording {
  /** @param {Case} wanted @param {string} folder */
  constructor(wanted, folder) {
    this.wanted = wanted;
    this.folder = folder;
    this.next = 0;
    /** @type {{ socket: import("node:net").Socket, server: number }[]} */
    this.held = [];
  }

  /** @param {string} step @returns {Promise<string | null>} */
  async perform(step) {
    const [what, ...numbers] = step.split(" ");
    const [first = 0, second = 0] = numbers.map(Number);
    if (what === "take" || what === "hold") return this.clients(first, what === "hold");
    if (what === "close") await this.close(first, second);
    else if (what === "weight") await this.tell(`set weight pool/s${first} ${second}`);
    else await this.tell(`${what === "down" ? "disable" : "enable"} server pool/s${first}`);
    return null;
  }

  /** @param {number} count @param {boolean} stay */
  async clients(count, stay) {
    let picks = "";
    for (let i = 0; i < count; i++) {
      const client = await come(this.wanted, this.next++);
      picks += client.server;
      if (stay) this.held.push(client);
      else client.socket.destroy();
    }
    return picks;
  }

  /** @param {number} server @param {number} count */
  async close(server, count) {
    for (let i = 0; i < count; i++) {
      const at = this.held.findIndex((client) => client.server === server);
      if (at === -1) throw new Error(`No client of server ${server} is left to close`);
      this.held.splice(at, 1)[0]?.socket.destroy();
      await sleep(SETTLE_MS);
    }
  }

  /** Says something to HAProxy's stats socket. @param {string} command */
  async tell(command) {
    const socket = connect(join(this.folder, "admin"));
    socket.end(`${command}\n`);
    socket.resume();
    await once(socket, "close");
    await sleep(SETTLE_MS);
  }
}

/** @param {Case} wanted */
async function record(wanted) {
  const folder = mkdtempSync(join(tmpdir(), "record-balance-"));
  const file = join(folder, "file");
  const isHaproxy = wanted.program === "haproxy";
  writeFileSync(file, isHaproxy ? haproxyFile(wanted, folder) : nginxFile(wanted, folder));
  const servers = await startServers(wanted.servers.length);
  const args = isHaproxy ? ["-db", "-q", "-f", file] : ["-p", folder, "-c", file];
  const program = spawn(wanted.program, args, { stdio: ["ignore", "ignore", "inherit"] });
  try {
    const recording = new Recording(wanted, folder);
    const picks = [];
    for (const step of wanted.steps.split(", ")) {
      const picked = await recording.perform(step);
      if (picked !== null) picks.push(picked);
    }
    for (const { socket } of recording.held) socket.destroy();
    const { pool, steps } = wanted;
    const key = wanted.seen ?? wanted.key;
    return {
      name: wanted.name,
      program: wanted.program,
      pool,
      key,
      servers: wanted.servers,
      steps,
      picks,
    };
  } finally {
    program.kill("SIGKILL");
    await once(program, "exit");
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  }
}

const haproxy = /version (\S+)/.exec(execFileSync("haproxy", ["-v"]).toString())?.[1];
const nginx = /nginx\/(\S+)/.exec(spawnSync("nginx", ["-v"]).stderr.toString())?.[1];
const cases = [];
for (const wanted of CASES) {
  cases.push(await record(wanted));
  process.stdout.write(`${wanted.program}: ${wanted.name}\n`);
}
const rows = cases.map((each) => `    ${JSON.stringify(each)}`).join(",\n");
writeFileSync(
  OUTPUT,
  `{\n  "haproxy": "${haproxy}",\n  "nginx": "${nginx}",\n  "cases": [\n${rows}\n  ]\n}\n`,
);
