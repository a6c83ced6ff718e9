import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

function logOf(lines: string, more = "") {
  const { plain, said } = documentOf(`stream {
log_format f '$remote_addr' ' $status'; log_format j escape=json '$status';
server { listen 1883; proxy_pass a:1; ${lines} } ${more} }`);
  return { log: at(plain, "log"), said };
}

test("no line is left where no access_log is", () => {
  expect(logOf("").log).toEqual({ access: false });
  expect(logOf("access_log off;").log).toEqual({ access: false });
});

test("a file, beside what happens to Fairlead itself", () => {
  expect(logOf("access_log logs/a.log f;").log).toEqual({
    outlets: [
      { to: "stdout", access: false },
      {
        to: "file:///srv/logs/a.log",
        format: "nginx",
        template: "$remote_addr $status",
        events: false,
      },
    ],
  });
});

test("standard output, escaped", () => {
  expect(logOf("access_log /dev/stdout j;").log).toEqual({
    outlets: [{ to: "stdout", format: "nginx", template: "$status", escape: "json" }],
  });
});

test("of several servers those that log are named", () => {
  const { log } = logOf("access_log /a f;", "server { listen 2; proxy_pass a:1; }");
  expect(at(log, "outlets", 1, "access")).toEqual({ listeners: ["port-1883"] });
});

test.each([
  "access_log /a;",
  "access_log /a g;",
  "access_log /$a.log f;",
  "access_log /a f if=$a;",
  "access_log /a f bufer=1;",
])("%s is refused", (lines) => expect(logOf(lines).said).toHaveLength(1));
