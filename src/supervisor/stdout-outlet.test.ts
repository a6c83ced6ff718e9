import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { StdoutOutlet } from "./stdout-outlet.ts";

it("writes a line for each message, all of them before it is closed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-stdout-"));
  const outlet = new StdoutOutlet(openSync(join(folder, "out"), "w"));
  for (const line of ["one", "zwölf"]) outlet.send(new TextEncoder().encode(line));
  outlet.reopen();
  await outlet.close(1_000);
  expect(readFileSync(join(folder, "out"), "utf8")).toBe("one\nzwölf\n");
  expect(outlet.status).toEqual({ sentCount: 2, droppedCount: 0, problem: null });
  rmSync(folder, { recursive: true });
});
