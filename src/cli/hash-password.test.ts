import { describe, expect, it } from "vitest";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { parsePasswordHash } from "../config/credential.ts";
import { hashPasswordCommand } from "./hash-password.ts";

describe("hashPasswordCommand", () => {
  it("prints what the file keeps of a password", async () => {
    const printer = new KeptPrinter();
    const read = async () => "correct horse";
    expect(await hashPasswordCommand(printer, read)).toBe(0);
    expect(parsePasswordHash(printer.printed[0]!)).not.toBe(null);
    expect(printer.printed.join()).not.toContain("correct");
  });

  it("does not hash nothing", async () => {
    for (const nothing of ["", null]) {
      const printer = new KeptPrinter();
      expect(await hashPasswordCommand(printer, async () => nothing)).toBe(1);
      expect(printer.complaints[0]).toContain("Cannot hash nothing");
    }
  });
});
