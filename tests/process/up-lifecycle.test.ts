// What becomes of `fairlead up` when its nodes die, when it is told to stop, when a port is taken.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, portsOfUp, runFairlead } from "./fairlead.ts";
import { canConnect } from "./mosquitto.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

async function startUp() {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const admin = `127.0.0.1:${adminPort}`;
  const ports = ["--host", "127.0.0.1", "--port", `${port}`, "--admin", admin];
  const fairlead = closeAtEnd(await Fairlead.start({ args: ports, adminPort }));
  const ctl = (...of: readonly string[]) => runFairlead("ctl", "--admin", admin, ...of);
  return { fairlead, port, ctl };
}

/** The pids of the processes that a process has started from its main thread (proc(5)). */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

async function connectMany(port: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const client = await RawClient.connect({ port, clientId: `client-${i}` });
    closeAtEnd({ close: () => client.socket.destroy() });
  }
}

describe("fairlead up", () => {
  it("replaces nodes that die, on the same ports", async () => {
    const { fairlead, port, ctl } = await startUp();
    const [cluster] = childrenOf(fairlead.pid);
    const before = (await ctl("servers")).stdout.match(/127\.0\.0\.1:\d+/g);
    process.kill(cluster as number, "SIGKILL");
    await waitUntil("the nodes are back", () => {
      return fairlead.lines.some((line) => line.includes("The embedded cluster is back"));
    });
    expect(fairlead.lines.some((line) => line.includes("died and is replaced"))).toBe(true);
    expect(childrenOf(fairlead.pid)).not.toContain(cluster);
    expect((await ctl("servers")).stdout.match(/127\.0\.0\.1:\d+/g)).toEqual(before);
    await waitUntil("a client is served again", () =>
      mosquittoPub(port, "-t", "a", "-m", "b").then(
        () => true,
        () => false,
      ),
    );
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends on %s with 0, nodes included", async (signal) => {
    const { fairlead, port } = await startUp();
    await connectMany(port, 3);
    const [cluster] = childrenOf(fairlead.pid);
    expect(await fairlead.stop(signal)).toBe(0);
    expect([await canConnect(port), await canConnect(fairlead.adminPort)]).toEqual([false, false]);
    await expect.poll(() => existsSync(`/proc/${cluster}`)).toBe(false);
    expect(fairlead.lines.some((line) => line.includes("died"))).toBe(false);
  });

  it("says which address is taken, starts nothing and ends with 1", async () => {
    const { port } = await startUp();
    const folder = mkdtempSync(join(tmpdir(), "fairlead-state-"));
    closeAtEnd({ close: () => rmSync(folder, { recursive: true }) });
    const { exitCode, stderr } = await runFairlead(
      ...["up", "--host", "127.0.0.1", "--port", `${port}`, "--admin", "127.0.0.1:1"],
      ...(await portsOfUp()),
      ...["--state-dir", folder],
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `Cannot bind listener "mqtt": address 127.0.0.1:${port} is in use; ` +
        "options say other addresses: fairlead up --help",
    );
  });
});

const PORT_OPTIONS = ["port", "tls-port", "ws-port", "wss-port", "node-port", "node-ws-port"];
const THIEF = new URL("./port-thief.preload.js", import.meta.url);

/** With every port drawn, of which one is taken before it is bound: which, from 1; 0: none. */
async function startDrawn(stolen = 0) {
  const [adminPort] = (await freePorts(1)) as [number];
  const ports = PORT_OPTIONS.flatMap((name) => [`--${name}`, "0"]);
  const args = ["--host", "127.0.0.1", "--admin", `127.0.0.1:${adminPort}`, ...ports];
  const env = { NODE_OPTIONS: `--import=${THIEF.href}`, STOLEN_PORT: `${stolen}` };
  return closeAtEnd(await Fairlead.start({ args, adminPort, env }));
}

/** What it prints of its addresses: `  clients  127.0.0.1:20000  MQTT 3.1, 3.1.1 and 5.0`. */
async function printedPorts(fairlead: Fairlead): Promise<number[]> {
  const lines = await waitUntil("it says where it listens", () => {
    const found = fairlead.lines.filter((line) => /^ {2}\w+ +127\.0\.0\.1:\d+ /.test(line));
    return found.length === 7 ? found : null;
  });
  return lines.map((line) => Number(/:(\d+)/.exec(line)?.[1]));
}

describe("fairlead up with drawn ports", () => {
  it("listens on free ones, each another, the nodes in a row", async () => {
    const fairlead = await startDrawn();
    const ports = await printedPorts(fairlead);
    expect(new Set(ports).size).toBe(7);
    const [mqtt, , , , node1, node2, node3] = ports as [number, ...number[]];
    expect([node2, node3]).toEqual([node1! + 1, node1! + 2]);
    await mosquittoPub(mqtt, "-t", "a", "-m", "b", "-q", "1");
  });

  it.each([
    ["a listener", 1],
    ["a node", PORT_OPTIONS.indexOf("node-port") + 1],
  ])("draws others when the port of %s was taken meanwhile", async (_, stolen) => {
    const fairlead = await startDrawn(stolen);
    const [mqtt] = await printedPorts(fairlead);
    await mosquittoPub(mqtt!, "-t", "a", "-m", "b", "-q", "1");
    expect(fairlead.lines.some((line) => line.includes("drawing others"))).toBe(true);
  });
});
