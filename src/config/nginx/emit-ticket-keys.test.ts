import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

const keysOf = (around: string, ...servers: string[]) => {
  const blocks = servers.map((lines, index) => {
    return `server { listen ${index + 1}; ${lines} proxy_pass 10.0.0.1:1; }`;
  });
  const pair = "ssl_certificate a; ssl_certificate_key a;";
  const { plain, said } = documentOf(`stream { ${pair} ${around}\n${blocks.join("\n")} }`);
  return { keys: at(plain, "tls", "ticketKeys"), said };
};

const key = (name: string) => `ssl_session_ticket_key ${name};`;
const tls = (lines: string) => `listen 99${lines.length} ssl; ${lines}`;

test("the files of all servers are those of the document, in their order", () => {
  expect(keysOf(key("t1") + key("t2"), tls(""), tls(key("t1") + key("t2")))).toEqual({
    keys: ["t1", "t2"],
    said: [],
  });
});

test("those of one server count for servers that have none", () => {
  expect(keysOf("", tls(" "), tls(key("t1")))).toEqual({ keys: ["t1"], said: [] });
});

test("servers without TLS have none", () => {
  expect(keysOf(key("t1"), "")).toEqual({ keys: undefined, said: [] });
});

test("other files, or another order, are refused", () => {
  const { keys, said } = keysOf("", tls(key("t1") + key("t2")), tls(` ${key("t2")}${key("t1")}`));
  expect(keys).toEqual(["t1", "t2"]);
  expect(said).toEqual([
    expect.stringMatching(
      /^3:\d+: "ssl_session_ticket_key" names other files than in line 2, expected the same ones/,
    ),
  ]);
});
