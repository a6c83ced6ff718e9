import { expect, test } from "vitest";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

/** What is said of a variable in an upstream's hash. */
function saidOf(variable: string, server = "", stream = ""): readonly string[] {
  return documentOf(`stream { ${stream} upstream u { hash ${variable}; server a:1; }
server { listen 1; ${server} proxy_pass u; } }`).said;
}

test.each(["$remote_addr", "$server_port", "$hostname", "$proxy_protocol_addr"])(
  "%s is an expression",
  (variable) => expect(saidOf(variable)).toEqual([]),
);

test.each([
  ["$ssl_preread_server_name", "is known where proxy_pass goes by it"],
  ["$msec", "differs from moment to moment"],
  ["$bytes_sent", "is known when a connection ends"],
  ["$geoip_country_code", "goes by a database"],
  ["$proxy_protocol_tlv_alpn", "is part of a PROXY header"],
  ["$remote_adr", '"$remote_addr"'],
  ["$constructor", "there is no variable"],
  ["$nothing_of_the_kind", "one that nginx's stream modules have"],
])("%s is refused with the reason", (variable, reason) => {
  expect(saidOf(variable)).toEqual([expect.stringContaining(reason)]);
});

test("set is replaced by what it holds", () => {
  expect(saidOf("$a", "set $a $b; set $b $remote_addr;")).toEqual([]);
  expect(saidOf("$a", "set $a $b; set $b $a;")).toEqual([
    expect.stringContaining("made of itself"),
  ]);
});

test("map, geo and split_clients define variables", () => {
  for (const block of ["map $remote_addr $a { b c; }", "geo $a { default b; }"]) {
    expect(saidOf("$a", "", block)).toEqual([]);
  }
});
