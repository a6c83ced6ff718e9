import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

const STREAM = "stream { server { listen 1883; proxy_pass a:1; } }";

test.each([
  ["events { worker_connections 1024; }", 512],
  ["worker_processes 4; events { worker_connections 100; }", 200],
  ["worker_processes auto; events { worker_connections 100; }", undefined],
  ["events {}", undefined],
])("%s: both sides of a connection count", (lines, connections) => {
  const { plain } = documentOf(`${lines} ${STREAM}`);
  expect(at(plain, "limits", "connections")).toBe(connections);
});

test("worker_shutdown_timeout is how long connections get", () => {
  const { plain } = documentOf(`worker_shutdown_timeout 30; ${STREAM}`);
  expect(at(plain, "shutdown", "grace")).toBe("30s");
});

test("worker_processes has to be a number", () => {
  expect(documentOf(`worker_processes many; ${STREAM}`).said).toHaveLength(1);
});
