// What TLS costs without the sockets: npm run build && node bench/micro/tls.js
//
// TLS 1.3 and a P-256 certificate, both ends in this process. A message that is sealed is opened by
// the other end, so a line is the cost of both; handshakes are those of client and server together.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mapMemory } from "../../dist/linux/native-memory.js";
import { ClientHelloReader } from "../../dist/tls/client-hello.js";
import { ServerContexts } from "../../dist/tls/server-contexts.js";
import { TicketKeys } from "../../dist/tls/ticket-keys.js";
import { makeClientContext } from "../../dist/tls/tls-context.js";
import { TLS_OPEN, TlsEngine } from "../../dist/tls/tls-engine.js";
import { measure } from "./measure.js";

/** @typedef {import("../../dist/tls/tls-context.js").TlsContext} TlsContext */

const AREA_SIZE = 256 * 1024;
const PLAIN = 0;
const SEALED = AREA_SIZE;
const TARGET = 2 * AREA_SIZE;

const memory = mapMemory(3 * AREA_SIZE);
const server = new TlsEngine(memory, 2);
const client = new TlsEngine(memory, 2);
const plan = listenerPlan();
const withTickets = contextOf(new ServerContexts(plan, new TicketKeys()));
const withoutTickets = contextOf(new ServerContexts(plan, null));

measureSealing(64, 20_000);
measureSealing(1_000, 10_000);
measureSealing(60_000, 200);
measureOutput(20_000);
measureHello(20_000);
measureHandshake("full handshake", withoutTickets);
measureHandshake("resumed handshake", withTickets);

/** @param {number} size @param {number} calls */
function measureSealing(size, calls) {
  const context = clientContext();
  shakeHands(context);
  measure(`seal and open ${size} bytes`, calls, () => {
    let sum = 0;
    for (let call = 0; call < calls; call++) {
      client.send(0, PLAIN, size);
      const sealed = client.output(0, SEALED, AREA_SIZE);
      sum += server.receive(0, SEALED, sealed, TARGET, AREA_SIZE);
      sum += server.output(0, SEALED, AREA_SIZE);
    }
    return sum;
  });
  free(context);
}

/** What the relay pays for asking when nothing waits. @param {number} calls */
function measureOutput(calls) {
  const context = clientContext();
  shakeHands(context);
  measure("output when there is none", calls, () => {
    let sum = 0;
    for (let call = 0; call < calls; call++) sum += server.output(0, SEALED, AREA_SIZE);
    return sum;
  });
  free(context);
}

/** @param {number} calls */
function measureHello(calls) {
  const context = clientContext();
  client.connect(0, context);
  const size = client.output(0, SEALED, AREA_SIZE);
  const reader = new ClientHelloReader();
  measure(`read a ClientHello of ${size} bytes`, calls, () => {
    let sum = 0;
    for (let call = 0; call < calls; call++) sum += reader.read(memory.bytes, SEALED, size);
    return sum;
  });
  client.free(0);
  context.free();
}

/** @param {string} name @param {TlsContext} serverContext */
function measureHandshake(name, serverContext) {
  const calls = 20;
  const context = clientContext();
  measure(name, calls, () => {
    for (let call = 0; call < calls; call++) {
      shakeHands(context, serverContext);
      client.free(0);
      server.free(0);
    }
    return calls;
  });
  context.free();
}

/** @param {TlsContext} context @param {TlsContext} serverContext */
function shakeHands(context, serverContext = withTickets) {
  server.accept(0, serverContext);
  client.connect(0, context);
  let [from, to] = [client, server];
  for (let size = from.output(0, SEALED, AREA_SIZE); size > 0; ) {
    to.receive(0, SEALED, size, TARGET, AREA_SIZE);
    [from, to] = [to, from];
    size = from.output(0, SEALED, AREA_SIZE);
  }
  if (server.state(0) !== TLS_OPEN) throw new Error(`Cannot measure: ${server.failureDetail()}`);
}

/** @param {TlsContext} context */
function free(context) {
  client.free(0);
  server.free(0);
  context.free();
}

/** @param {ServerContexts} contexts @returns {TlsContext} */
function contextOf(contexts) {
  const context = contexts.choose("");
  if (context === null) throw new Error("Cannot measure: there is no context");
  return context;
}

function clientContext() {
  return makeClientContext({
    authorities: null,
    serverName: "localhost",
    certificate: null,
    alpn: [],
    versionMin: "1.3",
    versionMax: "1.3",
    ciphers: "",
    cipherSuites: "",
  });
}

/** @returns {import("../../dist/shm/plan.js").TlsListenerPlan} */
function listenerPlan() {
  return {
    certificates: [{ ...makeCertificate(), names: ["localhost"], ocsp: null }],
    strictServerName: false,
    versionMin: "1.2",
    versionMax: "1.3",
    ciphers: "",
    cipherSuites: "",
    groups: "",
    alpn: [],
    clientCertificate: { mode: "none", authorities: "", revoked: "", depth: 1 },
    handshakeDeadlineMs: 15_000,
    tickets: true,
  };
}

function makeCertificate() {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const files = ["-keyout", keyFile, "-out", certFile, "-subj", "/CN=localhost"];
  execFileSync("openssl", ["req", "-x509", ...key, ...files], { stdio: "ignore" });
  const made = { chain: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  rmSync(folder, { recursive: true });
  return made;
}
