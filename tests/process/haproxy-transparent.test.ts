// transparent.cfg as it stands, between hosts: the server sees the client's own address. Only the
// addresses of the servers are others.
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepLines } from "./log-lines.ts";
import { makeRowOfHosts, type RowOfHosts } from "./namespaces.ts";
import { endProcess } from "./peer-program.ts";
import { waitUntil } from "./wait-until.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const FILE = fileURLToPath(new URL("../golden/haproxy/runs/transparent.cfg", import.meta.url));

let folder: string;
let hosts: RowOfHosts;
let children: ChildProcess[];
let brokerLines: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-transparent-"));
  hosts = await makeRowOfHosts();
  const [brokerFile, file] = [join(folder, "mosquitto.conf"), join(folder, "haproxy.cfg")];
  const broker = ["listener 1883", "allow_anonymous true", "user root", "log_type all", ""];
  writeFileSync(brokerFile, broker.join("\n"));
  // The second server is not there: its check says so.
  writeFileSync(file, readFileSync(FILE, "utf8").replaceAll("10.77.2.", "10.99.2."));
  const options = { stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"] };
  children = [
    hosts.spawn("server", "mosquitto", ["-c", brokerFile], options),
    hosts.spawn("balancer", process.execPath, [MAIN, "run", "-c", file], options),
  ];
  brokerLines = keepLines(children[0]!);
  keepLines(children[1]!);
});

afterAll(async () => {
  for (const child of children ?? []) await endProcess(child);
  await hosts?.close();
  rmSync(folder, { recursive: true });
});

it("transparent.cfg: servers see the client's own address", async () => {
  const words = "-h 10.99.1.1 -p 1883 -i by-haproxy -t aa -m bb -q 1".split(" ");
  await waitUntil("a client gets through", async () => {
    return await hosts.run("client", "mosquitto_pub", ...words).then(
      () => true,
      () => false, // One of the two does not listen yet; waitUntil asks again.
    );
  });
  const line = await waitUntil("the broker's log has the client", () => {
    return brokerLines.find((each) => each.includes("as by-haproxy "));
  });
  expect(line).toMatch(/New client connected from (::ffff:)?10\.99\.1\.2:\d+ as/);
});
