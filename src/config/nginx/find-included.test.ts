import { expect, test } from "vitest";
import { filesOf } from "../../../tests/fixtures/nginx-document.ts";
import { findIncluded } from "./find-included.ts";

const FILES = filesOf({
  "/etc/nginx/a.conf": "1",
  "/etc/nginx/conf.d/b.conf": "2",
  "/etc/nginx/conf.d/a.conf": "3",
  "/etc/nginx/conf.d/.hidden.conf": "4",
  "/etc/nginx/conf.d/c+.conf": "5",
  "/etc/nginx/sites/one/x.conf": "6",
  "/etc/nginx/sites/two/x.conf": "7",
});

test.each([
  ["a.conf", ["/etc/nginx/a.conf"]],
  ["/etc/nginx/a.conf", ["/etc/nginx/a.conf"]],
  ["none.conf", ["/etc/nginx/none.conf"]],
  [
    "conf.d/*.conf",
    ["/etc/nginx/conf.d/a.conf", "/etc/nginx/conf.d/b.conf", "/etc/nginx/conf.d/c+.conf"],
  ],
  ["conf.d/.*", ["/etc/nginx/conf.d/.hidden.conf"]],
  ["conf.d/[!a].conf", ["/etc/nginx/conf.d/b.conf"]],
  ["conf.d/c+.con?", ["/etc/nginx/conf.d/c+.conf"]],
  ["sites/*/x.conf", ["/etc/nginx/sites/one/x.conf", "/etc/nginx/sites/two/x.conf"]],
  ["nothing/*", []],
])("%s", (name, files) => {
  expect(findIncluded(name, "/etc/nginx", FILES).map(({ file }) => file)).toEqual(files);
});

test("a file that is named and not there has no text", () => {
  expect(findIncluded("none.conf", "/etc/nginx", FILES)[0]?.text).toBeNull();
});
