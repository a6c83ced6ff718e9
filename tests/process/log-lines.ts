// Keeps what a process writes, line by line.

import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** @returns the array that its lines go to, standard output and error alike */
export function keepLines(child: ChildProcess, lines: string[] = []): string[] {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", (line) => lines.push(line));
  }
  return lines;
}
