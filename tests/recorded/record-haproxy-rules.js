// Records what a real HAProxy answers to conditions and to `mqtt_field_value`, into
// haproxy-rules.json beside this file:
//
//   node tests/recorded/record-haproxy-rules.js
//
// It needs haproxy. One HAProxy listens on loopback with two frontends. Clients come one by one,
// each says one packet; content rules note each condition that holds, and each field, in variables,
// and the log line at the end of the connection brings them here.

import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeConnectPackets } from "./connect-packets.js";

const OUTPUT = fileURLToPath(new URL("haproxy-rules.json", import.meta.url));
const CONDITION_PORT = 24_200;
const FIELD_PORT = 24_201;
const LOG_PORT = 24_202;
const PACKETS = 200;

const FIELDS = [
  ...["flags", "protocol_name", "protocol_version", "client_identifier", "will_topic"],
  ...["will_payload", "username", "password", "keepalive"],
  ...["1", "2", "3", "8", "9", "17", "21", "22", "23", "24", "25", "33", "34", "39"],
];

/** Named acls of the frontend: name and test; names may come again. */
const ACLS = [
  ["local_net", "src 127.0.0.0/30"],
  ["is_mqtt", "req.payload(0,0),mqtt_is_valid"],
  ["dev", "req.payload(0,0),mqtt_field_value(connect,client_identifier) -m beg dev-"],
  ["dev", "req.payload(0,0),mqtt_field_value(connect,client_identifier) -m beg test-"],
  ["user", "req.payload(0,0),mqtt_field_value(connect,username) -m found"],
];

const ID = "req.payload(0,0),mqtt_field_value(connect,client_identifier)";
const USER = "req.payload(0,0),mqtt_field_value(connect,username)";
const ALIVE = "req.payload(0,0),mqtt_field_value(connect,keepalive)";

const CONDITIONS = [
  "{ src 127.0.0.1 }",
  "{ src 127.0.0.0/30 }",
  "{ src 127.1/8 }",
  "{ src 10.0.0.0/8 192.168.0.0/255.255.0.0 127.0.0.9 }",
  "!{ src 127.0.0.2 }",
  "{ src -n ::ffff:127.0.0.9/128 }",
  "{ src,ipmask(30) 127.0.0.0 }",
  "{ src,ipmask(28) -m str 127.0.0.16 }",
  "LOCALHOST",
  "TRUE",
  "FALSE or local_net",
  "dev",
  "is_mqtt !dev",
  "is_mqtt dev or { src 127.0.0.9 }",
  "!is_mqtt",
  "user local_net || !is_mqtt",
  `{ ${ID} dev-1 }`,
  `{ ${ID} -i DEV-2/SENSORS/A }`,
  `{ ${ID} -m beg -i dev }`,
  `{ ${ID} -m end /a 1 }`,
  `{ ${ID} -m sub sensors -- -n }`,
  `{ ${ID} -m dir sensors }`,
  `{ ${ID} -m dir sensor }`,
  `{ ${ID} -m reg ^[Dd]ev-[0-9]+ }`,
  `{ ${ID} -m reg -i ^DEV }`,
  `{ ${ID} -m reg ^.{6,9}$ }`,
  `{ ${ID} -m len 5 }`,
  `{ ${ID} -m len gt 20 }`,
  `{ ${ID} -m found }`,
  `{ ${ID} -m bin 6465762d31 }`,
  `{ ${ID},length ge 6 }`,
  `{ ${ID},lower,word(1,-) dev }`,
  `{ ${ID},field(2,/) sensors }`,
  `{ ${ID},word(-1,/) a }`,
  `{ ${ID},upper,bytes(0,3) -m str DEV }`,
  `{ ${ID},crc32,mod(2) eq 1 }`,
  `{ ${ID},sdbm,mod(3) 0 }`,
  `{ ${ID},djb2(1),and(255) lt 128 }`,
  `{ ${ID},wt6,xor(1),odd }`,
  `{ ${ID},xxh32,mod(10) 0:4 }`,
  `{ ${ID},xxh64(7),mod(10) ge 0 }`,
  `{ ${ID},hex -m beg 6465 }`,
  `{ ${ID},base64 -m sub Z }`,
  `{ ${ID},regsub(-,_,g) -m sub _ }`,
  `{ ${ID},sha1,hex -m beg 0 1 2 3 4 5 6 7 }`,
  `{ ${USER} alice }`,
  `{ ${USER} -m dom example }`,
  `{ ${USER} -m dom exampl }`,
  `{ ${USER} -m found } { ${ID} -m found }`,
  `{ ${ALIVE},add(0) 60 }`,
  `{ ${ALIVE} -m int 1:59 300: }`,
  `{ ${ALIVE},mul(2),sub(1),div(7),neg lt 0 }`,
  `{ ${ALIVE},even }`,
  "{ req.payload(0,0),mqtt_field_value(connect,protocol_version) 5 }",
  "{ req.payload(0,0),mqtt_field_value(connect,flags),and(2),bool }",
  "{ req.payload(0,0),mqtt_field_value(connect,17) -m int gt 100 }",
  "{ req.payload(0,2) -m bin 1011 101e 1020 }",
  "{ req.payload(0,1),hex 10 } { req.len gt 20 }",
  "{ req.payload(0,0) -m sub MQTT }",
  "{ req.len ge 1000 }",
  "{ dst_port gt 1024 } { dst 127.0.0.1 }",
  "{ src_port ge 1024 } unless_never || { nbsrv(two) 2 }",
  "{ nbsrv(none) eq 0 } { be_conn(two) 0 }",
  "{ sc0_conn_cnt gt 1 }",
  "{ sc0_conn_cur eq 1 } { sc_conn_rate(0) ge 1 }",
  "{ src_conn_cnt 2 3 }",
  "{ sc0_get_gpc0 ge 2 }",
  "{ sc1_conn_cnt ge 0 }",
  "{ src,table_conn_cnt(clients) gt 0 } { src,in_table(clients) }",
  "{ var(txn.tenant) -m str tenant }",
  "{ var(txn.tenant),length 5 } or { var(txn.unknown) -m found }",
  "{ str(a),concat(<,txn.tenant,>) -m str a<alice> }",
  "{ int(5),add(txn.five) 10 } { bool(true),iif(yes,no) yes }",
  "{ always_true } !{ always_false }",
  "{ wait_end }",
].map((condition) => condition.replace("unless_never ", "FALSE "));

const text = (value) => [...Buffer.from(value)];
const field = (value) => [0, text(value).length, ...text(value)];
const packet = (...body) => {
  const bytes = body.flat();
  return Buffer.from([0x10, bytes.length, ...bytes]).toString("hex");
};
const v311 = (flags, keepAlive) => [...field("MQTT"), 4, flags, 0, keepAlive];
const v5 = (flags, keepAlive) => [...field("MQTT"), 5, flags, 0, keepAlive];

/** Who comes, in this order. */
const CLIENTS = [
  { address: "127.0.0.1", hex: packet(v311(0x82, 60), field("dev-1"), field("alice")) },
  { address: "127.0.0.2", hex: packet(v5(2, 30), [5, 0x11, 0, 0, 1, 0], field("Dev-2/sensors/a")) },
  { address: "127.0.0.3", hex: packet(field("MQIsdp"), [3, 2, 1, 44], field("test-33")) },
  {
    address: "127.0.0.9",
    hex: packet(v5(0x82, 10), [0], field("x".repeat(40)), field("tenant.example.com")),
  },
  { address: "127.0.0.1", hex: packet(v311(0x82, 61), field("dev-1"), field("alice")) },
  { address: "127.0.0.20", hex: packet(v311(2, 0), field("größe-7")) },
  { address: "127.0.0.1", hex: Buffer.from("GET / HTTP/1.1\r\n\r\n").toString("hex") },
  { address: "127.0.0.2", hex: packet(v311(2, 255), field("")) },
  { address: "127.0.0.16", hex: packet(v311(0x82, 1), field("-n"), field("tenant")) },
];

const variables = (count, prefix) =>
  Array.from({ length: count }, (_, i) => `%[var(txn.${prefix}${i})]`).join("|");

const SET = "tcp-request content set-var";

const CONFIGURATION = `
global
    log 127.0.0.1:${LOG_PORT} len 65535 format raw local0
defaults
    mode tcp
    log global
    timeout connect 1s
    timeout client 5s
    timeout server 5s
backend two
    server a 127.0.0.1:1
    server b 127.0.0.1:2
backend none
    server a 127.0.0.1:1 disabled
backend clients
    stick-table type ip size 1k expire 10m store conn_cnt,conn_cur,conn_rate(10m),gpc0
frontend conditions
    bind 127.0.0.1:${CONDITION_PORT}
    stick-table type ip size 1k expire 10m store conn_cnt,conn_cur,conn_rate(10m),gpc0
    log-format "${variables(CONDITIONS.length, "c")}"
    tcp-request connection track-sc0 src
    tcp-request connection track-sc2 src table clients
    tcp-request connection sc-inc-gpc0(0) if { src 127.0.0.0/8 }
    tcp-request inspect-delay 500ms
${ACLS.map(([name, test]) => `    acl ${name} ${test}`).join("\n")}
    tcp-request content set-var(txn.tenant) ${USER}
    tcp-request content set-var(txn.five) int(5)
${CONDITIONS.map((text, i) => `    ${SET}(txn.c${i}) bool(true) if ${text}`).join("\n")}
    tcp-request content reject
frontend fields
    bind 127.0.0.1:${FIELD_PORT}
    log-format "%[var(txn.valid)]|${variables(FIELDS.length, "f")}"
    tcp-request inspect-delay 500ms
    acl is_valid req.payload(0,0),mqtt_is_valid
    tcp-request content set-var(txn.valid) req.payload(0,0),mqtt_is_valid if { req.len gt 0 }
${FIELDS.map(
  (name, i) => `    ${SET}(txn.f${i}) req.payload(0,0),mqtt_field_value(connect,${name}),hex`,
).join("\n")}
    tcp-request content reject
`;

async function main() {
  const directory = mkdtempSync(join(tmpdir(), "fairlead-rules-"));
  const file = join(directory, "haproxy.cfg");
  writeFileSync(file, CONFIGURATION);
  const log = createSocket("udp4").bind(LOG_PORT, "127.0.0.1");
  await once(log, "listening");
  const haproxy = spawn("haproxy", ["-q", "-db", "-f", file], { stdio: "inherit" });
  try {
    await sleep(1000);
    if (haproxy.exitCode !== null) throw new Error("Cannot record: HAProxy did not start");
    write(await ask(log));
  } finally {
    haproxy.kill();
    log.close();
    rmSync(directory, { recursive: true });
  }
}

async function ask(log) {
  const clients = [];
  for (const client of CLIENTS) {
    const line = await send(log, CONDITION_PORT, client);
    const holds = line.split("|").map((value) => (value === "1" ? 1 : 0));
    clients.push({ ...client, holds: holds.join("") });
  }
  const packets = [];
  for (const { name, hex } of makeConnectPackets(PACKETS)) {
    const [valid, ...values] = (await send(log, FIELD_PORT, { address: "127.0.0.1", hex })).split(
      "|",
    );
    const found = FIELDS.map((field, i) => [field, values[i]]).filter(([, value]) => value !== "-");
    packets.push({ name, hex, valid: valid === "1", fields: Object.fromEntries(found) });
  }
  return { clients, packets };
}

async function send(log, port, { address, hex }) {
  const socket = connect({ port, host: "127.0.0.1", localAddress: address });
  socket.on("error", () => socket.destroy());
  await once(socket, "connect");
  const line = once(log, "message");
  socket.end(Buffer.from(hex, "hex"));
  const [message] = await line;
  socket.destroy();
  return String(message).trim();
}

function write(recorded) {
  const version = /version (\S+)/.exec(execFileSync("haproxy", ["-v"], { encoding: "utf8" }))[1];
  const named = ACLS.map(([name, test]) => ({ name, test }));
  const content = { haproxy: version, acls: named, conditions: CONDITIONS, ...recorded };
  writeFileSync(OUTPUT, `${JSON.stringify(content, null, 2)}\n`);
}

await main();
