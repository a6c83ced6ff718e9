import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { REASON } from "../shm/close-reason.ts";

const outletsOf = async (log: string) =>
  (await settingsFrom(`${TWO_POOLS}log: ${log}\n`)).log.outlets;

describe("resolveLog", () => {
  it("makes standard output the one place where nothing is said", async () => {
    const [outlet, ...others] = await outletsOf("{ format: pretty, access: false }");
    expect(others).toEqual([]);
    expect(outlet).toMatchObject({
      to: { kind: "stdout" },
      line: { kind: "pretty" },
      header: "raw",
      access: { isOn: false },
    });
  });

  it("fills in what a place leaves out, for syslog and for files", async () => {
    const [udp, tcp, unix, file] = await outletsOf(
      '{ outlets: [{ to: "udp://logs.example:514" }, { to: "tcp://[::1]:601" }, ' +
        '{ to: "unix:///dev/log" }, { to: "file:///var/log/x" }] }',
    );
    expect(udp).toEqual({
      to: { kind: "udp", host: "logs.example", port: 514 },
      line: { kind: "json" },
      ...{ header: "rfc3164", facility: "local0", level: "debug", levelCap: "emerg" },
      ...{ tag: "fairlead", host: null, lengthMax: 8_192, framing: "octet-counting" },
      takesEvents: true,
      access: {
        ...{ isOn: true, sampleOf: 1, faultsOnly: false, skipsEmpty: false },
        ...{ reasons: null, listeners: null, faultLevel: "info" },
      },
    });
    expect(tcp!.to).toEqual({ kind: "tcp", host: "::1", port: 601 });
    expect(unix!.to).toEqual({ kind: "unix", path: "/dev/log" });
    expect(file!).toMatchObject({ to: { kind: "file", path: "/var/log/x" }, header: "raw" });
  });

  it("takes for a place what is said for all, unless it says otherwise", async () => {
    const [first, second] = await outletsOf(
      "{ access: { only: faults, reasons: [server-reset], sample: 5, empty: false }, " +
        "outlets: [{ to: stdout }, { to: stdout, access: true }] }",
    );
    const reasons = [REASON["server-reset"]];
    expect(first!.access).toMatchObject({ faultsOnly: true, skipsEmpty: true, reasons });
    expect(second!.access).toMatchObject({ faultsOnly: false, sampleOf: 1, reasons: null });
  });

  it("has templates as they were written", async () => {
    const [haproxy, nginx] = await outletsOf(
      '{ outlets: [{ to: stdout, format: haproxy, template: "%s" }, ' +
        '{ to: stdout, format: nginx, template: "$status", escape: json }] }',
    );
    expect(haproxy!.line).toEqual({ kind: "haproxy", template: "%s" });
    expect(nginx!.line).toEqual({ kind: "nginx", template: "$status", escape: "json" });
  });
});
