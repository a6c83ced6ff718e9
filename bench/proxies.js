// The proxies that `npm run bench` compares: how each is configured and started, with the same
// topology and, where it has them, the same features: MQTT inspection, stickiness by client id,
// time limits. One sink each, no health checks, no log of connections.
//
// The sink has several addresses, and to a proxy each is a server. With one, the ports towards it
// run out: a port whose connection has ended is free after a second at the soonest
// (`net.ipv4.tcp_tw_reuse`), connect(2) takes those of one parity first, and from some 14,000
// connections a second on it searches them all. Rates would tell what TIME_WAIT was left of before.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const DIST = process.env["FAIRLEAD_DIST"] ?? fileURLToPath(new URL("../dist/", import.meta.url));
/** What is measured: the built program. */
export const MAIN = join(DIST, "main.js");

const SERVER_HOSTS = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"];
/** Connections that every proxy must take. */
const CONNECTIONS_MAX = 9500;
const SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin";
const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}${delimiter}${SYSTEM_FOLDERS}` };

/**
 * Ports by what is spoken there; 0 where a proxy does not speak it.
 * @typedef {{ mqtt: number, mqtts: number, ws: number, admin: number }} Ports
 * @typedef {{ ports: Ports, serverPort: number, folder: string, workers?: number }} Place
 * @typedef {{ file?: string, text?: string, command: string[] }} Launch
 * `bare`: relays and does nothing else, not even wait for a slow reader.
 * @typedef {{ name: string, title: string, speaks: readonly (keyof Ports)[], bare?: boolean,
 *   version: () => string, launch: (place: Place) => Launch }} ProxyKind
 * @typedef {{ kind: ProxyKind, pid: number, ports: Ports, serverPort: number, folder: string,
 *   stop: () => Promise<void> }} Proxy
 */

/** @param {string} name @param {string} reactor @returns {ProxyKind} */
function fairlead(name, reactor) {
  return {
    name,
    title: `Fairlead, ${reactor}`,
    speaks: ["mqtt", "mqtts", "ws"],
    version: () => firstLine(process.execPath, [MAIN, "--version"]),
    launch: ({ folder, ports, serverPort, workers = 1 }) => ({
      file: join(folder, `${name}.yaml`),
      text: `workers: ${workers}
reactor: ${reactor}
admin: ${ports.admin === 0 ? "false" : `{ listen: "127.0.0.1:${ports.admin}" }`}
log: { access: false, level: warn }
limits: { connections: ${CONNECTIONS_MAX} }
listeners:
  mqtt: { listen: "127.0.0.1:${ports.mqtt}", pool: brokers }
  mqtts:
    listen: "127.0.0.1:${ports.mqtts}"
    pool: brokers
    tls: { minVersion: "1.3", certificates: [{ certificate: ${certificateIn(folder)} }] }
  ws: { listen: "127.0.0.1:${ports.ws}", pool: brokers, websocket: {} }
pools:
  brokers:
    stick: { by: client-id, size: 100000, expire: 30m }
    check: { type: none }
    timeouts: { idle: 10m }
    servers: [${SERVER_HOSTS.map((host) => `"${host}:${serverPort}"`).join(", ")}]
`,
      command: [process.execPath, MAIN, "run", "-c", join(folder, `${name}.yaml`)],
    }),
  };
}

/** @type {ProxyKind} */
const haproxy = {
  name: "haproxy",
  title: "HAProxy",
  speaks: ["mqtt", "mqtts"],
  version: () => firstLine("haproxy", ["-v"]),
  launch: ({ folder, ports, serverPort }) => ({
    file: join(folder, "haproxy.cfg"),
    text: `global
  maxconn ${CONNECTIONS_MAX}
  nbthread 1
defaults
  mode tcp
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  maxconn ${CONNECTIONS_MAX}
frontend mqtt
  bind 127.0.0.1:${ports.mqtt}
  bind 127.0.0.1:${ports.mqtts} ssl crt ${certificateIn(folder)} ssl-min-ver TLSv1.3
  tcp-request inspect-delay 10s
  tcp-request content reject unless { req.payload(0,0),mqtt_is_valid }
  default_backend brokers
backend brokers
  stick-table type string len 64 size 100k expire 30m
  stick on req.payload(0,0),mqtt_field_value(connect,client_identifier)
${SERVER_HOSTS.map((host, at) => `  server node${at + 1} ${host}:${serverPort}\n`).join("")}`,
    command: ["haproxy", "-db", "-f", join(folder, "haproxy.cfg")],
  }),
};

/** @type {ProxyKind} */
const nginx = {
  name: "nginx",
  title: "nginx stream",
  speaks: ["mqtt", "mqtts"],
  version: () => firstLine("nginx", ["-v"]),
  launch: ({ folder, ports, serverPort }) => ({
    file: join(folder, "nginx.conf"),
    text: `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
master_process off;
worker_processes 1;
pid ${join(folder, "nginx.pid")};
error_log stderr crit;
events { worker_connections ${2 * CONNECTIONS_MAX + 100}; }
stream {
  access_log off;
  upstream brokers {
    ${SERVER_HOSTS.map((host) => `server ${host}:${serverPort} max_fails=0;`).join(" ")}
  }
  server {
    listen 127.0.0.1:${ports.mqtt} backlog=4096;
    listen 127.0.0.1:${ports.mqtts} ssl backlog=4096;
    ssl_certificate ${certificateIn(folder)};
    ssl_certificate_key ${certificateIn(folder)};
    ssl_protocols TLSv1.3;
    proxy_pass brokers;
    proxy_connect_timeout 5s;
    proxy_timeout 600s;
  }
}
`,
    command: ["nginx", "-c", join(folder, "nginx.conf"), "-e", "stderr"],
  }),
};

/** @type {readonly ProxyKind[]} */
export const PROXY_KINDS = [
  fairlead("fairlead-epoll", "epoll"),
  fairlead("fairlead-io_uring", "io_uring"),
  haproxy,
  nginx,
];

/**
 * Starts a proxy on a core of its own and waits until it listens.
 * @param {ProxyKind} kind
 * @param {{ folder: string, cores: string, workers?: number, isSeen?: boolean }} options
 *   isSeen: with its admin address, where it has one
 * @returns {Promise<Proxy>}
 */
export async function startProxy(kind, { folder, cores, workers, isSeen = false }) {
  const ports = {
    mqtt: await freePort(),
    mqtts: await freePort(),
    ws: await freePort(),
    admin: isSeen ? await freePort() : 0,
  };
  const serverPort = await freePort();
  makeCertificate(folder);
  const { file, text, command } = kind.launch({ ports, serverPort, folder, workers });
  if (file !== undefined) writeFileSync(file, text ?? "");
  const child = spawnPinned(cores, command, ["ignore", "ignore", "inherit"]);
  const gone = new Promise((done) => child.once("exit", done));
  for (let tries = 0; !(await answers(ports.mqtt)); tries++) {
    if (child.exitCode !== null || tries > 100) throw new Error(`Cannot start ${kind.title}`);
    await pause(50);
  }
  const stop = async () => {
    // No grace: there is nobody left to wait for.
    child.kill("SIGKILL");
    await gone;
  };
  return { kind, pid: /** @type {number} */ (child.pid), ports, serverPort, folder, stop };
}

/** A P-256 certificate and its key in one PEM, signed by itself. @param {string} folder */
export function certificateIn(folder) {
  return join(folder, "server.pem");
}

/** @param {string} folder */
function makeCertificate(folder) {
  const pem = certificateIn(folder);
  if (existsSync(pem)) return;
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const files = ["-keyout", `${pem}.key`, "-out", `${pem}.crt`, "-days", "2"];
  const { status, stderr } = spawnSync("openssl", ["req", "-x509", ...curve, ...names, ...files]);
  if (status !== 0) throw new Error(`Cannot make a certificate: ${stderr}`);
  writeFileSync(pem, readFileSync(`${pem}.crt`, "utf8") + readFileSync(`${pem}.key`, "utf8"));
}

/** @type {Set<import("node:child_process").ChildProcess>} */
const children = new Set();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/**
 * Starts a program on some cores; it does not outlive this process.
 * @param {string} cores @param {string[]} command
 * @param {import("node:child_process").StdioOptions} stdio
 */
export function spawnPinned(cores, command, stdio) {
  const child = spawn("taskset", ["-c", cores, ...command], { stdio, env: ENVIRONMENT });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** @param {number} ms */
export function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

// Below the range from which the kernel takes ports of outgoing connections, which a bench uses up.
let nextPort = 20_000 + (process.pid % 10_000);

async function freePort() {
  for (;;) {
    nextPort++;
    if (await isFree(nextPort)) return nextPort;
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((done) => {
    const holder = createServer();
    holder.once("error", () => done(false));
    holder.listen(port, "127.0.0.1", () => holder.close(() => done(true)));
  });
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return new Promise((done) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.on("error", () => done(false));
  });
}

/** @param {string} program @param {string[]} args */
function firstLine(program, args) {
  const { stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    env: ENVIRONMENT,
  });
  if (error) throw new Error(`Cannot find "${program}": ${error.message}`);
  return (stdout + stderr).split("\n")[0]?.trim() ?? "";
}
