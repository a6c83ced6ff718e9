// What a service manager such as systemd says in the environment of what it starts: where it
// listens for notices (sd_notify(3)) and how often it wants a sign of life
// (sd_watchdog_enabled(3)).
//
// Taken out of the environment, so that no program that is started here speaks for us. Opens
// nothing.

export interface ServiceOrders {
  /** Its datagram socket: an absolute path, or `@name` in the abstract namespace; null: none. */
  readonly socketPath: string | null;
  /** It ends us after so many milliseconds without a sign of life; null: it does not. */
  readonly watchdogMs: number | null;
  /** What of it cannot be understood, and is not obeyed. */
  readonly problems: readonly string[];
}

/** Changes `environment`. @param pid our own: orders for another process are not ours */
export function takeServiceOrders(environment: NodeJS.ProcessEnv, pid: number): ServiceOrders {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: of } = environment;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
  if (socket === undefined) return { socketPath: null, watchdogMs: null, problems: [] };
  if (!/^[/@]./.test(socket)) {
    const problem = `NOTIFY_SOCKET is "${socket}" and should be an absolute path or "@name"`;
    return { socketPath: null, watchdogMs: null, problems: [problem] };
  }
  const isOurs = of === undefined || of === `${pid}`;
  if (microseconds === undefined || !isOurs)
    return { socketPath: socket, watchdogMs: null, problems: [] };
  if (!/^[1-9]\d{0,14}$/.test(microseconds)) {
    const problem = `WATCHDOG_USEC is "${microseconds}" and should be microseconds`;
    return { socketPath: socket, watchdogMs: null, problems: [problem] };
  }
  return { socketPath: socket, watchdogMs: Number(microseconds) / 1000, problems: [] };
}
