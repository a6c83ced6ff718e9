// The thread that makes load: wires reactor and load loop, and runs them until shared memory says
// stop. A composition root like worker.ts, for `fairlead bench` alone; no balancer starts it.

// As in worker.ts: the global is behind a getter.
import { performance } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";
import { EpollIo } from "./io/epoll-io.ts";
import type { Io, IoHandler } from "./io/io.ts";
import type { SocketIoOptions } from "./io/socket-io-options.ts";
import { UringIo } from "./io/uring-io.ts";
import { UringRefused } from "./io/uring-ring.ts";
import { type LoadIoSizes, LoadLoop } from "./load/load-loop.ts";
import type { LoadReady, LoadStart } from "./load/load-messages.ts";
import { LoadSteering, LoadTally } from "./load/load-tally.ts";

const start = workerData as LoadStart;
let reactor: LoadReady["reactor"] = "epoll";

function openIo(handler: IoHandler, sizes: LoadIoSizes): Io {
  const { wakeFd } = start;
  const options: SocketIoOptions = { ...sizes, wakeFd, clock: () => performance.now() };
  if (start.reactor === "epoll") return new EpollIo(handler, options);
  try {
    const io = new UringIo(handler, options);
    reactor = "io_uring";
    return io;
  } catch (error) {
    if (!(error instanceof UringRefused) || start.reactor === "io_uring") throw error;
    return new EpollIo(handler, options);
  }
}

const { buffers, order, thread } = start;
const tally = new LoadTally(buffers.rows, thread);
const loop = new LoadLoop(order, tally, new LoadSteering(buffers.words), openIo);
const ready: LoadReady = { reactor };
parentPort?.postMessage(ready);
loop.run();
