// How the readers of foreign files report: at a word, with a severity. Collects, prints nothing.

import type { Diagnostic, Severity } from "../diagnostic.ts";
import type { Place, Word } from "./word.ts";

export class Report {
  readonly diagnostics: Diagnostic[] = [];

  error(at: Place | Word, message: string, expected: string | null = null): void {
    this.add("error", at, message, expected);
  }

  warning(at: Place | Word, message: string, expected: string | null = null): void {
    this.add("warning", at, message, expected);
  }

  notice(at: Place | Word, message: string): void {
    this.add("notice", at, message, null);
  }

  private add(
    severity: Severity,
    where: Place | Word,
    message: string,
    expected: string | null,
  ): void {
    const { file, line, column } = "at" in where ? where.at : where;
    this.diagnostics.push({ file, line, column, path: "", severity, message, expected });
  }
}
