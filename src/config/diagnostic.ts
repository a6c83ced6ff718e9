// A mistake in a configuration file: where it is, what is wrong, what was expected.
//
// Everything that reads configuration reports through this one shape and goes on, so that one run
// shows every mistake. Pure: nothing is printed here.

/** A place in a file; both numbers start at 1, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** Where a configuration comes from several files: which one. */
  readonly file?: string;
}

/**
 * An error leaves no settings; a warning is said and nothing else; a notice tells of what another
 * load balancer's file asks for and what makes no difference here.
 */
export type Severity = "error" | "warning" | "notice";

export interface Diagnostic extends Position {
  readonly file: string;
  /** The key as people say it: `pools.brokers.servers[1].weight`; empty for the whole file. */
  readonly path: string;
  readonly severity: Severity;
  /** What is wrong: `pools.brokers.servers[1].weight is 300`. */
  readonly message: string;
  /** What belongs there: `a whole number from 0 to 256`; null where the message says it all. */
  readonly expected: string | null;
}

/** @returns `file:line:column: what is wrong, expected what belongs there` */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, message, expected } = diagnostic;
  const label = severity === "error" ? "" : `${severity}: `;
  const end = expected === null ? "" : `, expected ${expected}`;
  return `${file}:${line}:${column}: ${label}${message}${end}`;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

/**
 * In the order of the file, each once: what two aliases of one anchor share is one mistake.
 * @param files the order of several files; what is in none of them comes first
 */
export function sortDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: readonly string[] = [],
): readonly Diagnostic[] {
  const byPlace = [...diagnostics].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
  const seen = new Set<string>();
  return byPlace.filter((diagnostic) => {
    const { file, line, column, expected, message } = diagnostic;
    const key = `${file}:${line}:${column}:${expected ?? message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
