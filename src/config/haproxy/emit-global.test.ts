import { expect, test } from "vitest";
import { at, documentOf } from "../../../tests/fixtures/haproxy-document.ts";

const LISTEN = `listen mqtt
  bind *:1883
  timeout client 1m
  timeout connect 1s
  timeout server 1m
  balance first
  server a 10.0.0.1:1883
`;

test("the process has its limit and its grace from the global section", () => {
  const { plain } = documentOf(`global\n  maxconn 1000\n  hard-stop-after 30s\n${LISTEN}`);
  expect(at(plain, "limits")).toEqual({ connections: 1000 });
  expect(at(plain, "shutdown")).toEqual({ grace: "30s" });
});

test("HAProxy's page is the admin address", () => {
  const page = "frontend stats\n  mode http\n  bind 127.0.0.1:9000\n  stats enable\n";
  const { plain, said } = documentOf(`${LISTEN}${page}`);
  expect(at(plain, "admin")).toEqual({ listen: "127.0.0.1:9000" });
  expect(at(plain, "listeners", "stats")).toBeUndefined();
  expect(said).toEqual([]);
});

test("there is one page, at one address, in plain HTTP", () => {
  const page = (name: string, port: number, options = "") =>
    `listen ${name}\n  mode http\n  bind *:${port}${options}\n  stats uri /stats\n`;
  const { said } = documentOf(`${LISTEN}${page("a", 9000, " ssl crt x.pem")}${page("b", 9001)}`);
  expect(said).toEqual([
    expect.stringContaining('"a" has it'),
    expect.stringContaining("cannot be served over TLS"),
  ]);
});
