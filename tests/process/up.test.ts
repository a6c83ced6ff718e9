import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { JsClient, mosquittoPub } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, runFairlead } from "./fairlead.ts";
import { canConnect } from "./mosquitto.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

async function startUp(...more: readonly string[]) {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const admin = `127.0.0.1:${adminPort}`;
  const ports = ["--host", "127.0.0.1", "--port", `${port}`, "--admin", admin];
  const args = [...ports, "--node-port", "0", "--node-ws-port", "0", ...more];
  const fairlead = closeAtEnd(await Fairlead.start({ args, adminPort }));
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
  it("says where everything listens and what to try", async () => {
    const { fairlead, port } = await startUp();
    const text = await waitUntil("the table is printed", () => {
      const all = fairlead.lines.join("\n");
      return all.includes("Ctrl-C") ? all : null;
    });
    expect(text).toContain(`127.0.0.1:${port}`);
    for (const node of ["node1", "node2", "node3"]) expect(text).toContain(node);
    expect(text).toContain(`mosquitto_sub -p ${port}`);
  });

  it("spreads ten clients 4, 3 and 3, and says so as EMQX does", async () => {
    const { port, ctl } = await startUp("--workers", "2");
    await connectMany(port, 10);
    const { exitCode, stdout } = await ctl("broker", "stats");
    expect(exitCode).toBe(0);
    const counts = (name: string) =>
      [...stdout.matchAll(new RegExp(`^${name} +: (\\d+)$`, "gm"))].map(([, count]) => count);
    expect(counts("connections.count").sort()).toEqual(["3", "3", "4"]);
    expect(counts("live_connections.count").sort()).toEqual(["3", "3", "4"]);
    expect(stdout.match(/^node\d$/gm)).toEqual(["node1", "node2", "node3"]);
    const servers = await ctl("servers");
    expect(servers.stdout.match(/^nodes +node\d .* UP /gm)).toHaveLength(3);
    expect((await ctl("status")).stdout).toContain("10 of ");
  });

  it("carries messages from a client on one node to clients on the others", async () => {
    const { port } = await startUp();
    const subscribers = await Promise.all(
      ["a", "b", "c"].map(async (clientId) => {
        const subscriber = closeAtEnd(await JsClient.connect(port, { clientId }));
        await subscriber.client.subscribeAsync("news", { qos: 1 });
        return subscriber;
      }),
    );
    await mosquittoPub(port, "-t", "news", "-m", "it works", "-q", "1");
    const received = await Promise.all(subscribers.map((subscriber) => subscriber.waitFor("news")));
    expect(received.map(({ payload }) => payload)).toEqual(["it works", "it works", "it works"]);
  });

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
    expect(() => process.kill(cluster as number, 0)).toThrow("ESRCH");
    expect(fairlead.lines.some((line) => line.includes("died"))).toBe(false);
  });

  it("says which address is taken, starts nothing and ends with 1", async () => {
    const { port } = await startUp();
    const { exitCode, stderr } = await runFairlead(
      ...["up", "--host", "127.0.0.1", "--port", `${port}`, "--admin", "127.0.0.1:1"],
      ...["--node-port", "0", "--node-ws-port", "0"],
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`Cannot bind listener "mqtt": address 127.0.0.1:${port} is in use`);
  });
});
