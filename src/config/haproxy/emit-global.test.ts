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

test.each([
  ["maxconnrate 100", { accepts: { rate: "100/s" } }],
  ["maxconnrate 100\n  maxsessrate 50", { accepts: { rate: "50/s" } }],
  ["maxconnrate 100\n  maxsessrate 200", { accepts: { rate: "100/s" } }],
  ["maxconnrate 0\n  maxsessrate 200", { accepts: { rate: "200/s" } }],
  ["maxconn 9\n  maxsslrate 20", { connections: 9, tlsAccepts: { rate: "20/s" } }],
  ["maxconnrate 0\n  maxsslrate 0", undefined],
])("the process lets clients in at a rate: %j", (lines, limits) => {
  expect(at(documentOf(`global\n  ${lines}\n${LISTEN}`).plain, "limits")).toEqual(limits);
});
