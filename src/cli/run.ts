// `fairlead run FILE`: the balancer with the operator's settings, until it is told to stop.

import { AdminBindError } from "../admin/admin-server.ts";
import type { ConfigRequest } from "../config/load-config.ts";
import { NotifySocket } from "../service/notify-socket.ts";
import { takeServiceOrders } from "../service/service-orders.ts";
import { openLog } from "../supervisor/logger.ts";
import { EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { describeError, type Printer } from "./printer.ts";
import { readAgain, readSettings } from "./read-settings.ts";
import { Serving } from "./serve.ts";

export async function runCommand(request: ConfigRequest, printer: Printer): Promise<ExitCode> {
  // First of all: reading a configuration may start programs.
  const orders = takeServiceOrders(process.env, process.pid);
  const settings = await readSettings(request, printer);
  if (settings === null) return EXIT_PROBLEM;
  const log = openLog(settings.log);
  const notifySocket = NotifySocket.open(orders, log.logger);
  try {
    const read = () => readAgain(request);
    const serving = await Serving.start({ settings, log, cluster: null, read, notifySocket });
    return await serving.untilStopped();
  } catch (error) {
    printer.complain(describeError(error) + adviceOn(error));
    return EXIT_PROBLEM;
  } finally {
    await notifySocket?.close();
    await log.close();
  }
}

// Many files say nothing of the pages, which are there all the same.
function adviceOn(error: unknown): string {
  return error instanceof AdminBindError ? "; the key admin.listen says another address" : "";
}
