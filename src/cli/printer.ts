// Where commands say things to whoever typed them; tests listen in. Log lines do not go this way.

export interface Printer {
  /** One line of what was asked for, on standard output. */
  print(line: string): void;
  /** One line of what went wrong, on standard error. */
  complain(line: string): void;
}

/** The terminal, or what stands there in a pipe. A reader that has had enough is no error. */
export function openTerminal(): Printer {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  return {
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
  };
}

/** What to say of an error: its own sentence, and what it came from. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  const reason = cause instanceof Error ? cause.message : "";
  return reason === "" || message.includes(reason) ? message : `${message}: ${reason}`;
}
