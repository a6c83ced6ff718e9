import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { outletSettings } from "../../tests/fixtures/ended-connection.ts";
import { UdpReceiver, UnixReceiver } from "../../tests/fixtures/log-receiver.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { openOutlet } from "./open-outlet.ts";
import type { Outlet } from "./outlet.ts";
import type { Destination } from "./outlet-settings.ts";

const NOWHERE: Outlet = {
  send: () => {},
  status: { sentCount: 0, droppedCount: 0, problem: null },
  reopen: () => {},
  close: async () => {},
};
const open = (to: Destination) => openOutlet(outletSettings({ to }), NOWHERE);
const hello = new TextEncoder().encode("hello");

it("opens what a destination names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-open-"));
  const udp = await UdpReceiver.open();
  const unix = new UnixReceiver(join(folder, "log"));
  const outlets = [
    open({ kind: "udp", host: "localhost", port: udp.port }),
    open({ kind: "unix", path: join(folder, "log") }),
    open({ kind: "file", path: join(folder, "file") }),
  ];
  for (const outlet of outlets) outlet.send(hello);
  await waitUntil("UDP has it", () => udp.messages.includes("hello"));
  await waitUntil("the Unix socket has it", () => unix.read() === "hello");
  await waitUntil("the file is there", () => existsSync(join(folder, "file")));
  await Promise.all(outlets.map((outlet) => outlet.close(100)));
  await udp.close();
  unix.close();
  rmSync(folder, { recursive: true });
});

it("has one standard output for all", () => {
  expect(open({ kind: "stdout" })).toBe(NOWHERE);
});

it("goes on where a name has no address", async () => {
  const outlet = open({ kind: "udp", host: "no-such-host.invalid", port: 514 });
  outlet.send(hello);
  await waitUntil("it has said so", () => outlet.status.problem !== null);
  await outlet.close(0);
  expect(outlet.status.droppedCount).toBe(1);
});
