// Entry of the cluster's own process, forked by start-cluster.ts: a broker that crashes or is
// killed takes nothing else along. Ends when its parent asks or goes away; says goodbye to
// clients first.

import { readFileSync } from "node:fs";
import { Cluster, type ClusterOptions } from "./cluster.ts";
import type { ClusterReply, ClusterRequest } from "./ipc.ts";
import { CLOSE_GRACE_MS } from "./limits.ts";
import { NodeBindError } from "./node-bind-error.ts";

let cluster: Cluster | null = null;

process.on("message", (request: ClusterRequest) => {
  switch (request.type) {
    case "start":
      void start(request.options);
      break;
    case "stats":
      reply({ type: "stats", id: request.id, nodes: cluster?.stats() ?? [] });
      break;
    case "stop":
      // In a turn of its own: Node may be handing us several messages, over the channel we leave.
      setImmediate(stop);
      break;
  }
});
process.on("disconnect", stop);
process.on("SIGTERM", stop);
// Ctrl-C goes to the parent too, which stops the cluster once the balancer has let go of it.
process.on("SIGINT", () => {});

async function start(options: ClusterOptions): Promise<void> {
  cluster = new Cluster(options, readVersion());
  try {
    reply({ type: "ready", nodes: await cluster.listen() });
  } catch (error) {
    reply(describeFailure(error));
    stop();
  }
}

function describeFailure(error: unknown): ClusterReply {
  if (error instanceof NodeBindError) {
    const { message, code, port } = error;
    return { type: "unbound", failure: { message, code, port } };
  }
  return { type: "failed", message: error instanceof Error ? error.message : String(error) };
}

// Leaves as soon as the last socket has closed, and in any case after the grace.
function stop(): void {
  process.off("disconnect", stop);
  cluster?.close();
  cluster = null;
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(0), CLOSE_GRACE_MS).unref();
}

function reply(message: ClusterReply): void {
  if (process.connected) process.send?.(message);
}

function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
