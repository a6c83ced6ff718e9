// Programs made for HAProxy, as Debian has them, in front of a Fairlead that serves: they read it
// as they are.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { endProcess, findProgram, spawnPeer } from "./peer-program.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-haproxy-"));
const path = join(folder, "fairlead.sock");
const brokers: Mosquitto[] = [];
const children: ChildProcess[] = [];

let fairlead: Fairlead;
let port = 0;
let client: RawClient;

beforeAll(async () => {
  brokers.push(...(await Promise.all([Mosquitto.start(), Mosquitto.start()])));
  const [listenPort, adminPort] = (await freePorts(2)) as [number, number];
  port = listenPort;
  const servers = brokers.map((broker, i) => {
    return `{ name: b${i + 1}, address: "127.0.0.1:${broker.port}" }`;
  });
  const config = `
admin:
  listen: "127.0.0.1:${adminPort}"
  haproxySocket: { listen: "${path}", level: admin }
listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: brokers } }
pools:
  brokers:
    stick: { by: client-id }
    check: { type: mqtt, interval: 1s, fastInterval: 100ms, timeout: 1m }
    servers: [${servers.join(", ")}]
`;
  fairlead = await Fairlead.start({ config, adminPort });
  client = await RawClient.connect({ port, clientId: "pump 1" });
  await waitUntil("checks have passed", async () =>
    (await say("show servers state")).includes(" 14 3 "),
  );
});

afterAll(async () => {
  client?.close();
  for (const child of children) await endProcess(child);
  await fairlead?.close();
  for (const broker of brokers) await broker.close();
  rmSync(folder, { recursive: true });
});

/** As `socat` would. @returns all that came */
function say(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(path, () => socket.write(`${text}\n`));
    socket.setEncoding("utf8").on("data", (part) => {
      answer += part;
    });
    socket.on("error", reject).on("close", () => resolve(answer));
  });
}

/** @returns `srv_admin_state` of a server of the pool */
async function adminState(server: string): Promise<string | undefined> {
  const [, head = "", ...rows] = (await say("show servers state brokers")).split("\n");
  const row = rows.map((each) => each.split(" ")).find((cells) => cells[3] === server);
  return row?.[head.split(" ").indexOf("srv_admin_state") - 1];
}

describe("prometheus-haproxy-exporter", () => {
  it.each(["page", "socket"])("reads the %s", async (from) => {
    const [metricsPort] = (await freePorts(1)) as [number];
    const page = `http://127.0.0.1:${fairlead.adminPort}/stats;csv`;
    const child = spawnPeer("prometheus-haproxy-exporter", [
      `--web.listen-address=127.0.0.1:${metricsPort}`,
      `--haproxy.scrape-uri=${from === "page" ? page : `unix:${path}`}`,
    ]);
    children.push(child);
    const text = await waitUntil("the exporter answers", async () => {
      const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`).catch(() => null);
      return response?.text();
    });
    for (const line of [
      "haproxy_up 1",
      "haproxy_exporter_csv_parse_failures_total 0",
      'haproxy_server_up{backend="brokers",server="b1"} 1',
      'haproxy_server_up{backend="brokers",server="b2"} 1',
      'haproxy_frontend_current_sessions{frontend="mqtt"} 1',
      'haproxy_backend_current_sessions{backend="brokers"} 1',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });
});

/** On a terminal that is wide enough for all of its columns. */
function startHatop(): { readonly child: ChildProcess; screen: string } {
  const command = `stty rows 40 cols 160; exec '${findProgram("hatop")}' -s '${path}'`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    env: { ...process.env, TERM: "xterm", LINES: "40", COLUMNS: "160" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const hatop = { child, screen: "" };
  child.stdout.on("data", (bytes) => {
    hatop.screen += bytes;
  });
  return hatop;
}

describe("hatop", () => {
  it("shows listeners, pools and servers, on a terminal", async () => {
    const words = ["Fairlead", "mqtt", "brokers", "BACKEND", "b1", "b2", "UP/DOWN", "L7OK"];
    let hatop = startHatop();
    await waitUntil("hatop has drawn its screen", () => {
      // It gives up on an answer that takes a second; whoever looks starts it again.
      if (hatop.child.exitCode !== null) hatop = startHatop();
      return words.every((word) => hatop.screen.includes(word));
    });
    const { child } = hatop;
    child.stdin!.write("q");
    await waitUntil("hatop has ended", () => child.exitCode !== null);
    expect(child.exitCode).toBe(0);
  });
});

describe("shell scripts", () => {
  it("find who is where, and take a server out and back", async () => {
    const entry = await say("show table brokers key pump\\ 1");
    expect(entry).toContain("key=pump\\x201 use=0 exp=");
    const owner = /server_key=(b\d)/.exec(entry)?.[1] ?? "nobody";
    expect(await say("show sess")).toContain(`fe=mqtt be=brokers srv=${owner} `);
    expect(await say(`disable server brokers/${owner}`)).toBe("\n");
    expect(await adminState(owner)).toBe("1");
    const other = await RawClient.connect({ port, clientId: "pump 1" });
    const moved = await say("show table brokers key pump\\ 1");
    expect(moved).not.toContain(`server_key=${owner}`);
    other.close();
    expect(await say(`enable server brokers/${owner}`)).toBe("\n");
    expect(await adminState(owner)).toBe("0");
    await fairlead.waitForLog("the change is in the audit log", (line) => {
      return line["event"] === "admin-action" && line["by"] === "haproxy-socket";
    });
  });

  it("end a session", async () => {
    const sessions = async () => {
      return (await say("show sess")).split("\n").map((row) => row.split(":")[0]!);
    };
    const others = await sessions();
    const victim = await RawClient.connect({ port, clientId: "victim" });
    const own = (await sessions()).filter((id) => !others.includes(id));
    expect(own).not.toEqual([]);
    for (const id of own) await say(`shutdown session ${id}`);
    const line = await fairlead.waitForLog("the session ends", (entry) => {
      return entry["clientId"] === "victim" && entry["event"] === "connection";
    });
    expect(line).toMatchObject({ reason: "killed-by-admin" });
    victim.close();
  });
});
