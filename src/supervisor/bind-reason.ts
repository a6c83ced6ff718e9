// Why an address or a path cannot be bound, in words, by the name of the system's error. Pure.
//
// Of listeners and of the admin address alike. Knows nothing of who wanted to bind.

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use",
  EADDRNOTAVAIL: "does not belong to this machine",
  EACCES: "needs the right to bind low ports (CAP_NET_BIND_SERVICE)",
  ENODEV: "is on a network interface that does not exist",
  EPERM: "needs CAP_NET_ADMIN, because its listener is transparent",
  EMFILE: "takes more files than the process may open",
};

/** @returns to be read after the address; null: the system's error says it best itself */
export function bindReasonOf(code: string): string | null {
  return REASONS[code] ?? null;
}

/** The same of Node's own errors. @returns null for what is no error of the system that we know */
export function bindReasonOfError(error: unknown): string | null {
  return error instanceof Error && "code" in error ? bindReasonOf(String(error.code)) : null;
}
