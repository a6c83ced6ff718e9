// Starts the embedded cluster in a child process and speaks to it. The caller owns the handle and
// stops the cluster; one that dies by itself is reported, not restarted here.

import { type ChildProcess, fork } from "node:child_process";
import type { ClusterOptions, NodeAddress, NodeStats } from "./cluster.ts";
import type { ClusterReply, ClusterRequest } from "./ipc.ts";
import { NodeBindError } from "./node-bind-error.ts";

/** Node cannot fork TypeScript, so when this file runs from source the built process stands in. */
const ENTRY = import.meta.url.endsWith(".ts") ? "../../dist/quickstart/process.js" : "./process.js";

/**
 * Milliseconds until a started process must be ready: long, for a small machine that is busy with
 * other things; and until a stopped one must be gone.
 */
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 5_000;
/** Milliseconds for an answer to `stats`. */
const STATS_DEADLINE_MS = 5_000;

export interface StartOptions extends ClusterOptions {
  /** The process ended though nobody stopped it; `reason` is for the log. Called at most once. */
  readonly onExit?: (reason: string) => void;
}

export interface ClusterHandle {
  readonly nodes: readonly NodeAddress[];
  readonly pid: number;
  /** The counters of each node; rejects when the process is gone or does not answer. */
  stats(): Promise<readonly NodeStats[]>;
  /** Ends the cluster, clients being told; resolves when the process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the cluster's process and waits until every port is open.
 * @throws NodeBindError when a port cannot be had
 * @throws Error when the process ends, fails or is not ready within START_DEADLINE_MS
 */
export async function startCluster(options: StartOptions = {}): Promise<ClusterHandle> {
  const { onExit, ...clusterOptions } = options;
  const child = fork(new URL(ENTRY, import.meta.url), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const remote = new ClusterProcess(child);
  try {
    const nodes = await remote.start(clusterOptions);
    if (onExit !== undefined) remote.onExit = onExit;
    return {
      nodes,
      pid: child.pid!,
      stats: () => remote.stats(),
      stop: () => remote.stop(),
    };
  } catch (error) {
    await remote.stop();
    throw error;
  }
}

/** One question under way. */
interface Question<T> {
  readonly answer: (value: T) => void;
  readonly fail: (error: Error) => void;
}

class ClusterProcess {
  onExit: ((reason: string) => void) | null = null;
  readonly #child: ChildProcess;
  readonly #questions = new Map<number, Question<readonly NodeStats[]>>();
  #start: Question<readonly NodeAddress[]> | null = null;
  #lastId = 0;
  #stopping = false;
  readonly #gone: Promise<void>;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#gone = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        resolve();
        this.#onGone(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
      child.once("error", (error) => {
        if (child.pid === undefined) resolve();
        this.#onGone(error.message);
      });
    });
    child.on("message", (reply: ClusterReply) => this.#onReply(reply));
  }

  start(options: ClusterOptions): Promise<readonly NodeAddress[]> {
    return withDeadline(START_DEADLINE_MS, "start", (answer, fail) => {
      this.#start = { answer, fail };
      this.#send({ type: "start", options });
    });
  }

  stats(): Promise<readonly NodeStats[]> {
    const id = ++this.#lastId;
    const asked = withDeadline<readonly NodeStats[]>(
      STATS_DEADLINE_MS,
      "answer",
      (answer, fail) => {
        if (!this.#child.connected) {
          fail(new Error("Cannot read the counters of the embedded cluster: its process is gone"));
          return;
        }
        this.#questions.set(id, { answer, fail });
        this.#send({ type: "stats", id });
      },
    );
    return asked.finally(() => this.#questions.delete(id));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#send({ type: "stop" });
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), STOP_DEADLINE_MS);
    await this.#gone;
    clearTimeout(kill);
  }

  // A process that has gone in the meantime reports itself by its exit.
  #send(request: ClusterRequest): void {
    if (this.#child.connected) this.#child.send(request, () => {});
  }

  #onReply(reply: ClusterReply): void {
    switch (reply.type) {
      case "ready":
        this.#start?.answer(reply.nodes);
        break;
      case "unbound":
        this.#start?.fail(new NodeBindError(reply.failure));
        break;
      case "failed":
        this.#start?.fail(new Error(reply.message));
        break;
      case "stats":
        this.#questions.get(reply.id)?.answer(reply.nodes);
        break;
    }
  }

  #onGone(reason: string): void {
    const error = new Error(`Cannot reach the embedded cluster: its process ended with ${reason}`);
    this.#start?.fail(error);
    for (const question of this.#questions.values()) question.fail(error);
    const { onExit } = this;
    this.onExit = null;
    if (!this.#stopping) onExit?.(reason);
  }
}

function withDeadline<T>(
  deadlineMs: number,
  what: string,
  ask: (answer: (value: T) => void, fail: (error: Error) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`Cannot wait any longer: the embedded cluster did not ${what} in time`));
    }, deadlineMs);
    const settle = () => clearTimeout(timer);
    ask(
      (value) => {
        settle();
        resolve(value);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
  });
}
