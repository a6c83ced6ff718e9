// A supervisor in the test's own process with workers that are really threads, for tests that say
// to it what no page can say yet. Workers run what `npm run build` made.

import { endpointPort } from "../../src/bytes/endpoint.ts";
import { Supervisor } from "../../src/supervisor/supervisor.ts";
import { startThreadAt } from "../../src/supervisor/worker-thread.ts";
import { type LogLine, makeMemoryLogger } from "../fixtures/memory-logger.ts";
import { settingsFrom } from "../fixtures/settings.ts";

const WORKER_ENTRY = new URL("../../dist/worker.js", import.meta.url);

export interface SupervisorHere {
  readonly supervisor: Supervisor;
  /** Where its first listener is. */
  readonly port: number;
  /** Of its log, so far. */
  readonly lines: readonly LogLine[];
  close(): Promise<void>;
}

/** @param text a configuration; listeners get ports of the kernel's choice */
export async function startSupervisorHere(text: string): Promise<SupervisorHere> {
  const { logger, lines } = makeMemoryLogger();
  const supervisor = await Supervisor.start({
    settings: await settingsFrom(text),
    coreCount: 2,
    logger,
    startThread: (start, bell, events) => startThreadAt(WORKER_ENTRY, start, bell, events),
  });
  const port = endpointPort(supervisor.endpointOf(0)!, 0);
  return { supervisor, port, lines, close: () => supervisor.stop(0) };
}
