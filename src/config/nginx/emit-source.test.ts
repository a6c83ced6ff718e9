import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { poolOf } from "../../../tests/fixtures/nginx-document.ts";

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
