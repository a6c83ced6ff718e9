import { expect, test } from "vitest";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

test("sections come in the order in which one reads them", () => {
  const { plain } = documentOf(`events { worker_connections 100; }
stream { server { listen 1883; proxy_pass a:1; } }`);
  expect(Object.keys(plain as object)).toEqual(["log", "limits", "listeners", "pools"]);
});

test("upstreams that nobody passes to are named, and read for mistakes", () => {
  const server = "server { listen 1; proxy_pass a:1; }";
  const { said } = documentOf(`stream { upstream u { server b:1; } ${server} }`);
  expect(said).toEqual([expect.stringContaining('notice: upstream "u" is left out')]);
  expect(documentOf(`stream { upstream u { server b; } ${server} }`).said).toHaveLength(1);
});

test("a file without a server is a mistake", () => {
  expect(documentOf("events {}").said).toHaveLength(1);
  expect(documentOf("stream {}").said).toHaveLength(1);
});
