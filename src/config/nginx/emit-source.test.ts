import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf, poolOf } from "../../../tests/fixtures/nginx-document.ts";

test.each([
  ["", undefined],
  ["proxy_bind off;", undefined],
  ["proxy_bind 10.0.0.5;", "10.0.0.5"],
  ["proxy_bind 10.0.0.5:0;", "10.0.0.5"],
  ["proxy_bind [::1];", "::1"],
  ["proxy_bind $remote_addr transparent;", "client"],
  ["proxy_bind $remote_addr:$remote_port transparent;", "client"],
])("%s", (server, source) => expect(at(poolOf("", server).plain, "source")).toBe(source));

test.each([
  "proxy_bind $remote_addr;",
  "proxy_bind $server_addr transparent;",
  "proxy_bind 10.0.0.5 transparent;",
  "proxy_bind 10.0.0.5 opaque;",
  "proxy_bind eth0;",
])("%s is refused", (server) => expect(poolOf("", server).said).toHaveLength(1));

function splitInto(values: string) {
  const { plain, said } = documentOf(`stream {
    split_clients $remote_addr$remote_port $from { ${values} }
    upstream nodes { server 10.0.0.1:1883; }
    server { listen 1883; proxy_pass nodes; proxy_bind $from; }
  }`);
  return { source: at(plain, "pools", "nodes", "source"), said };
}

test("a variable of split_clients is addresses that take turns", () => {
  const { source, said } = splitInto("50% 10.0.0.5; 50% 10.0.0.6:0;");
  expect(source).toEqual(["10.0.0.5", "10.0.0.6"]);
  expect(said).toEqual([expect.stringContaining('notice: the addresses of "$from" take turns')]);
  expect(splitInto("20% 10.0.0.5; * 10.0.0.6;").source).toEqual(["10.0.0.5", "10.0.0.6"]);
});

test("one that may be something else is refused where that stands", () => {
  const { said } = splitInto("50% 10.0.0.5; * eth0;");
  expect(said).toEqual([expect.stringMatching(/^2:68: proxy_bind may be "eth0"/)]);
});
