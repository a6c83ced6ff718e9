// `fairlead run FILE`: the balancer with the operator's settings, until it is told to stop.

import { AdminBindError } from "../admin/admin-server.ts";
import type { ConfigRequest } from "../config/load-config.ts";
import { openLog } from "../supervisor/logger.ts";
import { EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { describeError, type Printer } from "./printer.ts";
import { readAgain, readSettings } from "./read-settings.ts";
import { Serving } from "./serve.ts";

export async function runCommand(request: ConfigRequest, printer: Printer): Promise<ExitCode> {
  const settings = await readSettings(request, printer);
  if (settings === null) return EXIT_PROBLEM;
  const log = openLog(settings.log);
  try {
    const read = () => readAgain(request);
    const serving = await Serving.start({ settings, log, cluster: null, read });
    return await serving.untilStopped();
  } catch (error) {
    printer.complain(describeError(error) + adviceOn(error));
    return EXIT_PROBLEM;
  } finally {
    await log.close();
  }
}

// Many files say nothing of the pages, which are there all the same.
function adviceOn(error: unknown): string {
  return error instanceof AdminBindError ? "; the key admin.listen says another address" : "";
}
