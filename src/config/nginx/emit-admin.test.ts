import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

const page = (listen: string) => `server { listen ${listen}; location /s { stub_status; } }`;
const STREAM = "stream { server { listen 1883; proxy_pass a:1; } }";

test("nginx's page of its own state is where our pages are", () => {
  const { plain, said } = documentOf(`http { ${page("127.0.0.1:8080")} } ${STREAM}`);
  expect(at(plain, "admin")).toEqual({ listen: "127.0.0.1:8080" });
  expect(Object.keys(at(plain, "listeners") as object)).toEqual(["port-1883"]);
  expect(said).toHaveLength(2);
});

test.each([`${page("80")} ${page("81")}`, page("443 ssl"), "server { stub_status; }"])(
  "%s: pages have one address, without TLS",
  (servers) => {
    const { said } = documentOf(`http { ${servers} } ${STREAM}`);
    expect(said.filter((line) => !line.includes("notice"))).toHaveLength(1);
  },
);
