import { describe, expect, it } from "vitest";
import { endedConnection, outletSettings } from "../../tests/fixtures/ended-connection.ts";
import { UdpReceiver } from "../../tests/fixtures/log-receiver.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { EVERY_CONNECTION } from "./access-filter.ts";
import { LogOutlets, nameOf } from "./log-outlets.ts";
import type { Outlet } from "./outlet.ts";
import type { OutletSettings } from "./outlet-settings.ts";

class KeptOutlet implements Outlet {
  readonly lines: string[] = [];
  readonly status = { sentCount: 0, droppedCount: 0, problem: null };
  isClosed = false;
  send(message: Uint8Array): void {
    this.lines.push(new TextDecoder().decode(message));
  }
  reopen(): void {}
  async close(): Promise<void> {
    this.isClosed = true;
  }
}

function open(...settings: OutletSettings[]) {
  const stdout = new KeptOutlet();
  const makePretty = (json: string) => `pretty ${json.length}`;
  const outlets = new LogOutlets(settings, { stdout, host: "gate", pid: 7, makePretty });
  return { outlets, stdout, lines: stdout.lines };
}

const UP = { level: "notice", json: '{"msg":"up"}', sentence: "b1 is UP" } as const;

describe("LogOutlets", () => {
  it("writes events as JSON, for people, or as sentences", () => {
    const { outlets, lines } = open(
      outletSettings(),
      outletSettings({ line: { kind: "pretty" } }),
      outletSettings({ line: { kind: "tcplog" }, header: "priority", facility: "local3" }),
    );
    outlets.event(UP);
    expect(lines).toEqual(['{"msg":"up"}', "pretty 12", "<157>b1 is UP"]);
  });

  it("keeps what happens to Fairlead from a place for connections", () => {
    const { outlets, lines } = open(
      outletSettings({ takesEvents: false, line: { kind: "haproxy", template: "%s" } }),
    );
    outlets.event({ ...UP, level: "crit" });
    outlets.connection(endedConnection());
    expect(lines).toEqual(["b1"]);
  });

  it("leaves out what is less severe than a place wants, connections among it", () => {
    const { outlets, lines } = open(outletSettings({ level: "notice", line: { kind: "tcplog" } }));
    outlets.connection(endedConnection());
    outlets.event({ ...UP, level: "debug" });
    outlets.event(UP);
    expect(lines).toEqual(["b1 is UP"]);
  });

  it("sends what is more severe than the cap as the cap", () => {
    const header = "priority";
    const { outlets, lines } = open(
      outletSettings({ header, levelCap: "warning", line: { kind: "tcplog" } }),
    );
    outlets.event({ ...UP, level: "crit" });
    outlets.event(UP);
    expect(lines).toEqual(["<132>b1 is UP", "<133>b1 is UP"]);
  });

  it("asks each place which connections it wants, and how", () => {
    const line = { kind: "haproxy", template: "%s %ts" } as const;
    const off = { ...EVERY_CONNECTION, isOn: false };
    const faults = { ...EVERY_CONNECTION, faultsOnly: true };
    const { outlets, lines } = open(
      outletSettings({ line }),
      outletSettings({ access: off }),
      outletSettings({ line, access: faults, header: "short" }),
    );
    expect(outlets.takesConnections).toBe(true);
    outlets.connection(endedConnection());
    outlets.connection(endedConnection({ reason: "server-reset" }));
    expect(lines).toEqual(["b1 --", "b1 SD", "<6>b1 SD"]);
    expect(open(outletSettings({ access: off })).outlets.takesConnections).toBe(false);
  });

  it("keeps the sockets of places that stay, and closes others", async () => {
    const receiver = await UdpReceiver.open();
    const to = { kind: "udp", host: "127.0.0.1", port: receiver.port } as const;
    const { outlets } = open(outletSettings({ to, line: { kind: "tcplog" } }));
    outlets.event(UP);
    await waitUntil("it has come", () => receiver.messages.length === 1);
    outlets.use([outletSettings({ to, line: { kind: "tcplog" }, header: "short" })]);
    outlets.event(UP);
    expect(outlets.statuses).toEqual([
      {
        name: `udp://127.0.0.1:${receiver.port}`,
        takesEvents: true,
        sentCount: 2,
        droppedCount: 0,
        problem: null,
      },
    ]);
    outlets.use([outletSettings()]);
    expect(outlets.statuses.map(({ name }) => name)).toEqual(["stdout"]);
    await outlets.close();
    await receiver.close();
  });

  it("closes standard output at the end, used or not", async () => {
    const { outlets, stdout } = open();
    await outlets.close();
    expect(stdout.isClosed).toBe(true);
  });
});

it("names places as the file does", () => {
  expect(nameOf({ kind: "tcp", host: "::1", port: 514 })).toBe("tcp://[::1]:514");
  expect(nameOf({ kind: "unix", path: "/dev/log" })).toBe("unix:///dev/log");
});
