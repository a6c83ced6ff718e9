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
