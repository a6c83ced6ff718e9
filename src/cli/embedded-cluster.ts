// The embedded broker nodes as `fairlead up` runs them: started, watched, replaced on the same
// ports when their process dies, stopped.

import type { ClusterNodeStats, ClusterView } from "../admin/cluster-view.ts";
import type { NodeAddress } from "../quickstart/cluster.ts";
import { type ClusterHandle, startCluster } from "../quickstart/start-cluster.ts";
import type { Logger } from "../supervisor/logger.ts";

const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 10_000;

export interface EmbeddedClusterOptions {
  readonly nodes: number;
  /** Of the first node, the others follow. */
  readonly mqttPort: number;
  readonly wsPort: number;
  readonly logger: Logger;
}

/** Starts the process of the nodes; tests put another one in its place. */
export type StartCluster = typeof startCluster;

export class EmbeddedCluster implements ClusterView {
  readonly nodes: readonly NodeAddress[];
  private readonly options: EmbeddedClusterOptions;
  private readonly start: StartCluster;
  /** Null while a dead process has not been replaced. */
  private handle: ClusterHandle | null;
  private readonly stopping = new AbortController();
  private replacing: Promise<void> = Promise.resolve();

  /** @throws NodeBindError when a node cannot listen, Error when their process fails */
  static async start(
    options: EmbeddedClusterOptions,
    start: StartCluster = startCluster,
  ): Promise<EmbeddedCluster> {
    let onExit: (reason: string) => void = () => {};
    const { nodes, mqttPort, wsPort } = options;
    const handle = await start({ nodes, mqttPort, wsPort, onExit: (reason) => onExit(reason) });
    const cluster = new EmbeddedCluster(options, start, handle);
    onExit = (reason) => cluster.onExit(reason);
    return cluster;
  }

  private constructor(options: EmbeddedClusterOptions, start: StartCluster, handle: ClusterHandle) {
    this.options = options;
    this.start = start;
    this.handle = handle;
    this.nodes = handle.nodes;
  }

  /** The process of the nodes; null while there is none. */
  get pid(): number | null {
    return this.handle?.pid ?? null;
  }

  async stats(): Promise<readonly ClusterNodeStats[]> {
    if (this.handle === null) throw new Error("Its process died and is being replaced");
    return this.handle.stats();
  }

  /** From now on the nodes are not replaced: who stops us may have told their process, too. */
  expectEnd(): void {
    this.stopping.abort();
  }

  async stop(): Promise<void> {
    this.expectEnd();
    await this.replacing;
    await this.handle?.stop();
    this.handle = null;
  }

  private onExit(reason: string): void {
    this.handle = null;
    if (this.stopping.signal.aborted) return;
    this.options.logger.error({ reason }, `The embedded cluster died and is replaced: ${reason}`);
    this.replacing = this.replace();
  }

  private async replace(): Promise<void> {
    const { nodes, mqttPort, wsPort, logger } = this.options;
    const { signal } = this.stopping;
    for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS)) {
      await pause(pauseMs, signal);
      if (signal.aborted) return;
      try {
        const onExit = (reason: string) => this.onExit(reason);
        this.handle = await this.start({ nodes, mqttPort, wsPort, onExit });
        logger.info({ clusterPid: this.handle.pid }, "The embedded cluster is back");
        return;
      } catch (error) {
        logger.error({ err: error }, "The embedded cluster could not be replaced yet");
      }
    }
  }
}

/** Resolves after `pauseMs`, or at once when `signal` says so. */
function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pauseMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
