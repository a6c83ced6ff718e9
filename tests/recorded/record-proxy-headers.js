// Records the PROXY headers that a real HAProxy sends, into proxy-headers.json beside this file:
//
//   node tests/recorded/record-proxy-headers.js
//
// It needs haproxy and openssl. One HAProxy listens on loopback with a listener for each case and
// sends all of it to one receiver here, which keeps what comes before the client's own bytes.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";

const OUTPUT = fileURLToPath(new URL("proxy-headers.json", import.meta.url));
const FIRST_PORT = 24_100;
/** What every client says; the header is what comes before it. */
const CLIENT_BYTES = "recorded";

const SSL_OPTIONS = "ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,unique-id";

/** Each becomes one `listen` section: how the client comes, and how HAProxy tells it. */
const CASES = [
  { name: "send-proxy, IPv4", host: "127.0.0.1", server: "send-proxy" },
  { name: "send-proxy, IPv6", host: "::1", server: "send-proxy" },
  { name: "send-proxy-v2, IPv4", host: "127.0.0.1", server: "send-proxy-v2" },
  { name: "send-proxy-v2, IPv6", host: "::1", server: "send-proxy-v2" },
  {
    name: "send-proxy-v2 with checksum and unique id",
    host: "127.0.0.1",
    server: "send-proxy-v2 proxy-v2-options crc32c,unique-id",
  },
  {
    name: "send-proxy-v2-ssl-cn, without TLS",
    host: "127.0.0.1",
    server: "send-proxy-v2-ssl-cn",
  },
  {
    name: "send-proxy-v2-ssl-cn, client certificate",
    ...{ host: "127.0.0.1", server: "send-proxy-v2-ssl-cn", tls: "client" },
  },
  {
    name: "send-proxy-v2-ssl-cn, no client certificate",
    ...{ host: "127.0.0.1", server: "send-proxy-v2-ssl-cn", tls: "none" },
  },
  {
    name: "all TLVs and a checksum, client certificate, ALPN",
    host: "::1",
    server: `send-proxy-v2 proxy-v2-options ${SSL_OPTIONS},crc32c`,
    ...{ tls: "client", alpn: "mqtt" },
  },
  {
    name: "all TLVs, a client certificate that is not trusted",
    host: "127.0.0.1",
    server: `send-proxy-v2 proxy-v2-options ${SSL_OPTIONS}`,
    ...{ tls: "stranger", alpn: "mqtt" },
  },
  { name: "check-send-proxy, version 2", host: "", server: "send-proxy-v2 check" },
];

const folder = mkdtempSync(join(tmpdir(), "proxy-headers-"));

/** A certificate that signs itself, its key behind it in `<name>.pem`. */
function makeCertificate(name, subject) {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650"];
  const output = ["-subj", subject, "-keyout", key, "-out", certificate];
  execFileSync("openssl", [...request, ...output], { stdio: "ignore" });
  const [keyText, certificateText] = [key, certificate].map((path) => readFileSync(path, "utf8"));
  writeFileSync(join(folder, `${name}.pem`), certificateText + keyText);
  return { key: keyText, cert: certificateText };
}

function writeSection({ host, server, tls, alpn, receiverPort }, index) {
  const address = host === "::1" ? "[::1]" : "127.0.0.1";
  const certificates = `crt ${folder}/proxy.pem ca-file ${folder}/client.crt`;
  const trust = "verify optional crt-ignore-err all ca-ignore-err all";
  const secure = tls ? ` ssl ${certificates} ${trust}${alpn ? ` alpn ${alpn}` : ""}` : "";
  return `
listen case-${index}
  mode tcp
  bind ${address}:${FIRST_PORT + index}${secure}
  unique-id-format device-%pid-${index}
  server receiver 127.0.0.1:${receiverPort} ${server} inter 1h fastinter 1h downinter 1h
`;
}

/** A receiver for one case: what its first connection brought, until nothing more comes. */
function receive() {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      const pieces = [];
      socket.on("data", (piece) => pieces.push(piece));
      // A connection that is reset has brought what it brought.
      socket.on("error", () => {});
      socket.on("close", () => {
        server.received ??= Buffer.concat(pieces);
      });
    });
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function dial({ host, tls, alpn }, port, certificates) {
  return new Promise((resolve, reject) => {
    const socket = tls
      ? connectTls({
          ...{ host, port, servername: "broker.example", rejectUnauthorized: false },
          ...(alpn ? { ALPNProtocols: [alpn] } : {}),
          ...(certificates[tls] ?? {}),
        })
      : connect(port, host);
    socket.once("error", reject);
    socket.once(tls ? "secureConnect" : "connect", () => {
      const ends = { sourcePort: socket.localPort, destinationPort: port };
      socket.end(CLIENT_BYTES, () => resolve({ source: host, destination: host, ...ends }));
      socket.resume();
    });
  });
}

async function record(one, index, certificates) {
  const told = one.host === "" ? null : await dial(one, FIRST_PORT + index, certificates);
  for (let tries = 0; one.receiver.received === undefined && tries < 50; tries++) await sleep(100);
  const received = one.receiver.received ?? Buffer.alloc(0);
  const size = told === null ? received.length : received.length - CLIENT_BYTES.length;
  if (size <= 0) throw new Error(`Cannot record "${one.name}": nothing came`);
  const hex = received.subarray(0, size).toString("hex");
  return { name: one.name, server: one.server, ...told, hex };
}

async function main() {
  const certificates = {
    proxy: makeCertificate("proxy", "/CN=broker.example"),
    client: makeCertificate("client", "/O=Plant 7/CN=device-7"),
    stranger: makeCertificate("stranger", "/CN=stranger"),
  };
  for (const one of CASES) {
    one.receiver = await receive();
    one.receiverPort = one.receiver.address().port;
  }
  const timeouts = "defaults\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n";
  writeFileSync(join(folder, "haproxy.cfg"), timeouts + CASES.map(writeSection).join(""));
  const haproxy = spawn("haproxy", ["-db", "-f", join(folder, "haproxy.cfg")]);
  try {
    await sleep(1000);
    const version = execFileSync("haproxy", ["-v"], { encoding: "utf8" }).split(" ")[2];
    const headers = [];
    for (const [index, one] of CASES.entries()) {
      headers.push(await record(one, index, certificates));
    }
    writeFileSync(OUTPUT, `${JSON.stringify({ haproxy: version, headers }, null, 2)}\n`);
  } finally {
    haproxy.kill();
    for (const { receiver } of CASES) receiver.close();
    rmSync(folder, { recursive: true });
  }
}

await main();
