import { fork } from "node:child_process";
import { once } from "node:events";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import type { ClusterReply } from "./ipc.ts";

const ENTRY = new URL("../../dist/quickstart/process.js", import.meta.url);

async function startProcess() {
  const child = fork(ENTRY, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.send({ type: "start", options: { nodes: 1, mqttPort: 0, wsPort: 0 } });
  const [reply] = (await once(child, "message")) as [ClusterReply];
  if (reply.type !== "ready") throw new Error(`Cannot start the cluster: ${reply.type}`);
  return { child, port: reply.nodes[0]!.mqttPort };
}

it.each([
  ["its parent goes away", (child: ReturnType<typeof fork>) => child.disconnect()],
  ["it is asked to stop", (child: ReturnType<typeof fork>) => child.send({ type: "stop" })],
  ["it gets SIGTERM", (child: ReturnType<typeof fork>) => child.kill("SIGTERM")],
])("the cluster's process says goodbye to its clients and ends when %s", async (_, end) => {
  const { child, port } = await startProcess();
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 5,
    reconnectPeriod: 0,
  });
  const goodbye = new Promise((resolve) => client.once("disconnect", resolve));
  end(child);
  expect(await goodbye).toMatchObject({ reasonCode: 0x8b });
  if (child.exitCode === null) await once(child, "exit");
  expect(child.exitCode).toBe(0);
});

it("it ends in peace when it is asked to stop before it has started", async () => {
  const child = fork(ENTRY, { stdio: ["ignore", "inherit", "pipe", "ipc"] });
  let complaints = "";
  child.stderr!.on("data", (chunk) => {
    complaints += chunk;
  });
  child.send({ type: "start", options: { nodes: 1, mqttPort: 0, wsPort: 0 } });
  child.send({ type: "stop" });
  await once(child, "close");
  expect(complaints).toBe("");
  expect(child.exitCode).toBe(0);
});
