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
    expect(stderr).toContain(`Cannot bind listener "mqtt": address 127.0.0.1:${port} is in use`);
  });
});
