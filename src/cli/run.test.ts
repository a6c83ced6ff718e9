import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { requestOf } from "../../tests/fixtures/config-request.ts";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { runCommand } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-run-"));

afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const file = join(folder, "fairlead.yaml");
  writeFileSync(file, text);
  return file;
}

it("starts nothing with a file that has mistakes", async () => {
  const printer = new KeptPrinter();
  expect(await runCommand(requestOf(write("workers: two\n")), printer)).toBe(1);
  expect(printer.complaints.join("\n")).toContain("fairlead.yaml:1:10: workers");
});

it("says which address it cannot bind", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const printer = new KeptPrinter();
  const file = write(`
admin: false
listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: brokers } }
pools: { brokers: { servers: ["192.0.2.1:1883"] } }
`);
  expect(await runCommand(requestOf(file), printer)).toBe(1);
  expect(printer.complaints).toEqual([
    `Cannot bind listener "mqtt": address 127.0.0.1:${port} is in use`,
  ]);
  server.close();
});

it("keeps what the service manager says from programs that it starts", async () => {
  process.env["NOTIFY_SOCKET"] = "/nowhere/notify";
  process.env["WATCHDOG_USEC"] = "30000000";
  expect(await runCommand(requestOf(write("workers: two\n")), new KeptPrinter())).toBe(1);
  expect(process.env).not.toHaveProperty("NOTIFY_SOCKET");
  expect(process.env).not.toHaveProperty("WATCHDOG_USEC");
});
