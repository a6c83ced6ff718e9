import { expect, test } from "vitest";
import { AT } from "../../../tests/fixtures/haproxy-document.ts";
import { DraftMap, finish } from "../import/draft.ts";
import { Report } from "../import/report.ts";
import { toPlain } from "../raw-document.ts";
import { readSyslog } from "./read-syslog.ts";

function read(text: string) {
  const report = new Report();
  const outlet = new DraftMap({ at: AT });
  const isGood = readSyslog({ text, source: text, at: AT }, outlet, report);
  return { isGood, plain: toPlain(finish(outlet)), said: report.diagnostics };
}

test.each([
  ["syslog:server=10.0.0.1", { to: "udp://10.0.0.1:514", facility: "local7", tag: "nginx" }],
  ["syslog:server=[::1]:99,tag=a", { to: "udp://[::1]:99", facility: "local7", tag: "a" }],
  [
    "syslog:server=unix:/dev/log,facility=user,nohostname",
    { to: "unix:///dev/log", facility: "user", tag: "nginx" },
  ],
])("%s", (text, plain) => expect(read(text)).toEqual({ isGood: true, plain, said: [] }));

test.each(["syslog:", "syslog:serve=a", "syslog:server=a:0"])("%s is refused", (text) => {
  expect(read(text)).toMatchObject({ isGood: false, said: [{ severity: "error" }] });
});

test("another severity is noticed", () => {
  expect(read("syslog:server=a,severity=warn").said).toMatchObject([{ severity: "notice" }]);
});
