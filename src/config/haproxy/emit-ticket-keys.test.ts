import { expect, test } from "vitest";
import { at, documentOf } from "../../../tests/fixtures/haproxy-document.ts";

const keysOf = (...binds: string[]) => {
  const lines = binds.map((bind) => `  bind *:${bind}`).join("\n");
  const { plain, said } = documentOf(`listen a
${lines}
  timeout client 5m
  timeout connect 5s
  timeout server 5m
  balance leastconn
  server x 10.0.0.1:1
`);
  return { keys: at(plain, "tls", "ticketKeys"), said };
};

test("the file of all addresses is that of the document", () => {
  const binds = ["1 ssl crt /a tls-ticket-keys /t.keys", "2 ssl crt /a tls-ticket-keys /t.keys"];
  expect(keysOf(...binds, "3 ssl crt /a", "4")).toEqual({ keys: ["/t.keys"], said: [] });
});

test("relative paths start where HAProxy was started", () => {
  expect(keysOf("1 ssl crt /a tls-ticket-keys t.keys").keys).toEqual([
    // The file of the tests lies in the working directory.
    expect.stringMatching(/(^|\/)t\.keys$/),
  ]);
});

test("another file is refused, and one without TLS means nothing", () => {
  const { keys, said } = keysOf(
    "1 ssl crt /a tls-ticket-keys /t",
    "2 ssl crt /a tls-ticket-keys /u",
  );
  expect(keys).toEqual(["/t"]);
  expect(said).toEqual([
    '3:39: "tls-ticket-keys" names another file than in line 2, expected "/t": all listeners ' +
      "share their keys",
  ]);
  expect(keysOf("1 tls-ticket-keys /t")).toEqual({ keys: undefined, said: [] });
});
