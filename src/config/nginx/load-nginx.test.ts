import { expect, test } from "vitest";
import { filesOf } from "../../../tests/fixtures/nginx-document.ts";
import { TEXT_SIZE_MAX } from "../load-yaml.ts";
import { loadNginx } from "./load-nginx.ts";

function load(text: string) {
  const files = filesOf({ "conf/more.conf": "stream { server { listen 1883; proxy_pass a:1; } }" });
  return loadNginx({ file: "conf/x.conf", text }, { files, workingDirectory: "/" });
}

test("files that are included are named, each once", () => {
  const { sources, root, diagnostics } = load("include more.conf;\nevents {}\n");
  expect(sources).toEqual(["conf/x.conf", "conf/more.conf"]);
  expect(root?.kind).toBe("map");
  expect(diagnostics).toEqual([]);
});

test("a value from an included file stands there", () => {
  const { root } = load("include more.conf;\n");
  const listeners = root?.kind === "map" ? root.entries.get("listeners") : undefined;
  expect(listeners?.at).toMatchObject({ file: "conf/more.conf", line: 1, column: 1 });
});

test.each([
  ["", 1],
  ["# only words\n", 1],
  ['events "', 1],
  [" ".repeat(TEXT_SIZE_MAX + 1), 1],
])("nothing comes of a text that says nothing", (text, count) => {
  const { root, diagnostics } = load(text);
  expect(root).toBeNull();
  expect(diagnostics).toHaveLength(count);
});

test("without listeners nothing else is judged when it is known why", () => {
  expect(load("stream { servr { listen 1; } }").brokenFromLine).toBe(1);
  expect(load("events {}").brokenFromLine).toBe(1);
});
