import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

const UPGRADE = "proxy_set_header Upgrade $http_upgrade;";

function httpOf(server: string, http = "") {
  const { plain, said } = documentOf(`http { upstream u { server a:8083; } ${http}
server { listen 80; ${server} } }`);
  const errors = said.filter((line) => !line.includes("notice"));
  return { listener: at(plain, "listeners", "port-80"), pools: at(plain, "pools"), said, errors };
}

test("a location with an Upgrade header is a listener of WebSocket", () => {
  const { listener, pools } = httpOf(`location /mqtt { ${UPGRADE} proxy_pass http://u; }`);
  expect(listener).toMatchObject({
    ...{ listen: "0.0.0.0:80", protocol: "mqtt", pool: "u" },
    websocket: { paths: ["/mqtt"], deadline: "1m" },
  });
  expect(at(pools, "u")).toMatchObject({ websocket: { path: "/mqtt" }, timeouts: { idle: "60s" } });
});

test.each([
  ["location = /a { proxy_pass http://u/b; }", ["/a"], "/b"],
  ["location / { proxy_pass http://u; }", ["/", "/mqtt"], "/mqtt"],
  ["location / { location ^~ /c { proxy_pass http://u; } }", ["/c"], "/c"],
])("%s", (location, paths, path) => {
  const { listener, pools } = httpOf(location, UPGRADE);
  expect(at(listener, "websocket", "paths")).toEqual(paths);
  expect(at(pools, "u", "websocket", "path")).toBe(path);
});

test("https:// is TLS towards the server, and a Host that is written out goes along", () => {
  const { pools } = httpOf(
    `location = /a { ${UPGRADE} proxy_set_header Host b.example; proxy_pass https://c; }`,
  );
  expect(at(pools, "c:443")).toMatchObject({
    ...{ tls: { verify: "none" }, websocket: { path: "/a", host: "b.example" } },
  });
});

test("what is not read is named", () => {
  const { said } = httpOf(`gzip on; location = /a { ${UPGRADE} proxy_pass http://u; expires 1d; }`);
  expect(said).toContainEqual(expect.stringContaining("gzip, expires"));
});

test.each([
  `location ~ a { ${UPGRADE} proxy_pass http://u; } location = /b { ${UPGRADE} proxy_pass http://u; }`,
  `location = /a { ${UPGRADE} proxy_pass http://u; } location = /b { ${UPGRADE} proxy_pass http://b; }`,
  `location = /a { ${UPGRADE} proxy_pass ftp://u; } location = /b { ${UPGRADE} proxy_pass http://u; }`,
])("%s is refused", (server) => expect(httpOf(server).errors).toHaveLength(1));
