// `fairlead ctl hash-password`: what belongs into the file for a password; and
// `fairlead ctl draw-token`: a new token and its hash. The password comes from standard input; a
// terminal does not show it.

import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { drawToken, hashPassword } from "../admin/access/credentials.ts";
import { EXIT_OK, EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import type { Printer } from "./printer.ts";

/** @param readLine gives the password; null when there is none */
export async function hashPasswordCommand(
  printer: Printer,
  readLine: () => Promise<string | null> = readSecretLine,
): Promise<ExitCode> {
  const password = await readLine();
  if (password === null || password === "") {
    printer.complain("Cannot hash nothing: type the password, or pipe it in");
    return EXIT_PROBLEM;
  }
  printer.print(await hashPassword(password));
  return EXIT_OK;
}

/** Prints a token that nobody has seen before, and what the file keeps of it. */
export function drawTokenCommand(printer: Printer): ExitCode {
  const { token, hash } = drawToken();
  printer.print(`for whoever uses it:  ${token}`);
  printer.print(`for the file:         ${hash}`);
  return EXIT_OK;
}

function readSecretLine(): Promise<string | null> {
  const { stdin, stderr } = process;
  const terminal = stdin.isTTY === true;
  if (terminal) stderr.write("Password: ");
  // What readline would echo goes nowhere.
  const output = new Writable({ write: (_text, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output, terminal });
  return new Promise((resolve) => {
    lines.once("line", (line) => {
      resolve(line);
      lines.close();
      if (terminal) stderr.write("\n");
    });
    lines.once("close", () => resolve(null));
  });
}
