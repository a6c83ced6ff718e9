import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import { readLog } from "./read-log.ts";

function read(text: string) {
  const [keyword, ...args] = wordsOf(`log ${text}`);
  const report = new Report();
  const target = readLog(
    { keyword: [keyword!], args, amount: 0, isOff: false, isBroken: false },
    report,
  );
  return { target, columns: report.diagnostics.map(({ column }) => column) };
}

test.each([
  ["stdout", "stdout"],
  ["fd@2", "stdout"],
  ["127.0.0.1", "udp://127.0.0.1:514"],
  ["127.0.0.1:1514", "udp://127.0.0.1:1514"],
  ["udp@[::1]:514", "udp://[::1]:514"],
  ["tcp@log.example:601", "tcp://log.example:601"],
  ["/dev/log", "unix:///dev/log"],
  ["unix@/dev/log", "unix:///dev/log"],
])("log %s goes to %s", (address, to) => {
  expect(read(`${address} local0`).target?.to).toBe(to);
});

test("a line has a length, a header, a sample and levels", () => {
  const { target, columns } = read(
    "/dev/log len 2048 format rfc5424 sample 1,3-4:12 local3 info err",
  );
  expect(columns).toEqual([]);
  expect(target).toMatchObject({
    length: 2048,
    header: { text: "rfc5424" },
    sample: { every: 4 },
    facility: { text: "local3" },
    level: { text: "info" },
    levelCap: { text: "err" },
  });
});

test.each([
  ["127.0.0.1", 1],
  ["127.0.0.1 what", 15],
  ["127.0.0.1 local0 loud", 22],
  ["127.0.0.1 local0 info err more", 31],
  ["127.0.0.1 len x local0", 19],
  ["127.0.0.1 len", 15],
  ["127.0.0.1 format what local0", 22],
  ["127.0.0.1 sample what local0", 22],
  ["127.0.0.1 sample 5:1 local0", 22],
  ["127.0.0.1 profile x local0", 15],
  ["ring@buffer local0", 5],
  ["*:514 local0", 5],
])("log %s is one mistake", (text, column) => {
  const { target, columns } = read(text);
  expect(columns).toEqual([column]);
  if (column !== 5) expect(target).toBeNull();
});
