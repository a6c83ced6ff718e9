// Fairlead under a service manager: what that is told, over a socket that socat listens on, and
// that it is true.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ScriptFolder } from "../fixtures/script-folder.ts";
import { startBalancer } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { canConnect, Mosquitto } from "./mosquitto.ts";
import { NoticeReceiver } from "./notice-receiver.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-service-"));

afterAll(() => rmSync(folder, { recursive: true }));

const scripts = new ScriptFolder();
/** It wants a sign of life every two seconds. */
const WATCHED = { WATCHDOG_USEC: "2000000" };
let receiverCount = 0;

async function openReceiver(isAbstract = false): Promise<NoticeReceiver> {
  const name = `notify-${process.pid}-${receiverCount++}`;
  return closeAtEnd(
    await NoticeReceiver.open(isAbstract ? `@fairlead-${name}` : join(folder, name)),
  );
}

/** What makes Fairlead tell a receiver all; it counts as started when it says READY=1. */
function under(receiver: NoticeReceiver, more: Readonly<Record<string, string>> = {}) {
  return {
    env: { NOTIFY_SOCKET: receiver.path, ...more },
    isReady: async () => receiver.lines.includes("READY=1"),
  };
}

interface SceneOptions {
  /** Of the file. */
  readonly sections?: string;
  readonly isAbstract?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

async function startScene({ sections = "", isAbstract = false, env = {} }: SceneOptions = {}) {
  const broker = closeAtEnd(await Mosquitto.start());
  const receiver = await openReceiver(isAbstract);
  const [port, otherPort, adminPort] = (await freePorts(3)) as [number, number, number];
  const configOf = (listeners: string) => `
admin: { listen: "127.0.0.1:${adminPort}" }
workers: 2
${sections}
listeners:
  mqtt: { listen: "127.0.0.1:${port}", pool: brokers }
${listeners}
pools: { brokers: { check: { type: none }, servers: ["127.0.0.1:${broker.port}"] } }
`;
  const options = { config: configOf(""), adminPort, ...under(receiver, env) };
  return {
    fairlead: closeAtEnd(await Fairlead.start(options)),
    receiver,
    port,
    otherPort,
    configOf,
  };
}

describe("a service manager", () => {
  it.each([false, true])(
    "hears READY when clients can connect, abstract: %s",
    async (isAbstract) => {
      const { receiver, port } = await startScene({ isAbstract, env: WATCHED });
      const client = closeAtEnd(await RawClient.connect({ port, clientId: "at-once" }));
      expect(client.socket.destroyed).toBe(false);
      await receiver.waitFor(`STATUS=mqtt on 127.0.0.1:${port}; 1 of 1 servers up`);
      await receiver.waitFor("WATCHDOG=1");
      await receiver.waitFor("WATCHDOG=1", receiver.lines.length);
      expect(receiver.names.slice(0, 2)).toEqual(["READY", "STATUS"]);
    },
  );

  it("hears of a reload, and READY when what it brings is there", async () => {
    const { fairlead, receiver, port, otherPort, configOf } = await startScene();
    expect(await canConnect(otherPort)).toBe(false);
    fairlead.writeConfig(configOf(`  more: { listen: "127.0.0.1:${otherPort}", pool: brokers }`));
    const before = await receiver.waitFor(/^STATUS=/);
    fairlead.signal("SIGHUP");
    await receiver.waitFor("READY=1", before);
    closeAtEnd(await RawClient.connect({ port: otherPort, clientId: "at-once" }));
    const listeners = `mqtt on 127.0.0.1:${port}, more on 127.0.0.1:${otherPort}`;
    await receiver.waitFor(`STATUS=${listeners}; 1 of 1 servers up`, before);
    const names = ["READY", "STATUS", "RELOADING", "MONOTONIC_USEC", "READY", "STATUS"];
    expect(receiver.names).toEqual(names);
  });

  it("hears of a refused reload, and why it was refused", async () => {
    const { fairlead, receiver, port } = await startScene();
    fairlead.writeConfig("workers: two\n");
    const before = await receiver.waitFor(/^STATUS=/);
    fairlead.signal("SIGHUP");
    const refusal = "the last reload was refused: the configuration has mistakes";
    await receiver.waitFor(
      `STATUS=mqtt on 127.0.0.1:${port}; 1 of 1 servers up; ${refusal}`,
      before,
    );
    const names = ["READY", "STATUS", "RELOADING", "MONOTONIC_USEC", "READY", "STATUS"];
    expect(receiver.names).toEqual(names);
    closeAtEnd(await RawClient.connect({ port, clientId: "goes-on" }));
  });

  it("hears STOPPING while clients have their grace, and how long that may take", async () => {
    const { fairlead, receiver, port } = await startScene({ sections: "shutdown: { grace: 5m }" });
    const client = closeAtEnd(await RawClient.connect({ port, clientId: "stays" }));
    fairlead.signal("SIGTERM");
    await receiver.waitFor("EXTEND_TIMEOUT_USEC=315000000");
    expect(receiver.names.slice(2)).toEqual(["STOPPING", "STATUS", "EXTEND_TIMEOUT_USEC"]);
    expect(fairlead.exitCode).toBeNull();
    client.socket.destroy();
    await expect.poll(() => fairlead.exitCode).toBe(0);
  });

  it("hears no sign of life while a worker hangs, and again when it does not", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const receiver = await openReceiver();
    const [port, adminPort] = (await freePorts(2)) as [number, number];
    const obstacle = join(folder, "obstacle");
    const config = `
      import { existsSync } from "node:fs";
      const nap = new Int32Array(new SharedArrayBuffer(4));
      export default {
        admin: { listen: "127.0.0.1:${adminPort}" },
        workers: 1,
        listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: "one" } },
        pools: { one: { check: { type: "none" }, servers: ["${broker.address}"] } },
        onConnect() {
          while (existsSync(${JSON.stringify(obstacle)})) Atomics.wait(nap, 0, 0, 20);
        },
      };`;
    const configName = scripts.write("fairlead.config.ts", config);
    closeAtEnd(
      await Fairlead.start({ config, configName, adminPort, ...under(receiver, WATCHED) }),
    );
    writeFileSync(obstacle, "");
    const connecting = RawClient.connect({ port, clientId: "patient" });
    const silent = await receiver.waitFor(/; worker 0 does not answer$/);
    rmSync(obstacle);
    closeAtEnd(await connecting);
    await receiver.waitFor(/ servers up$/, silent);
    await receiver.waitFor("WATCHDOG=1", silent);
    const [said, ...rest] = receiver.lines.slice(silent - 1);
    expect(said).toMatch(/does not answer$/);
    expect(rest[0]).toMatch(/^STATUS=.* servers up$/);
  });

  it("that cannot be reached leaves one line in the log, and clients are served", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const nowhere = join(folder, "nowhere");
    const env = { NOTIFY_SOCKET: nowhere, WATCHDOG_USEC: "100000" };
    const { port, fairlead } = await startBalancer({ servers: [broker.address], env });
    closeAtEnd(await RawClient.connect({ port, clientId: "served" }));
    fairlead.signal("SIGHUP");
    await fairlead.waitForLog("it is reloaded", ({ msg }) => /^Reloaded/.test(String(msg)));
    expect(await fairlead.stop()).toBe(0);
    await fairlead.waitForLog("it has stopped", ({ msg }) => msg === "Stopped");
    const lines = fairlead.log.filter(({ msg }) => /service manager/.test(String(msg)));
    expect(lines.map(({ msg }) => msg)).toEqual([
      `Cannot reach the service manager at "${nowhere}": no such file or folder`,
    ]);
  });
});
