import { expect, test } from "vitest";
import { at, documentOf } from "../../../tests/fixtures/haproxy-document.ts";
import { parsePasswordHash } from "../credential.ts";

const LISTEN = `listen mqtt
  bind *:1883
  timeout client 1m
  timeout connect 1s
  timeout server 1m
  balance first
  server a 10.0.0.1:1883
`;

const admin = (lines: string, global = "") => {
  const page = `frontend stats\n  mode http\n${lines}\n  stats enable\n`;
  const { plain, said } = documentOf(`global\n${global}\n${LISTEN}${page}`);
  return { admin: at(plain, "admin"), said, listeners: at(plain, "listeners") };
};

test("HAProxy's page is the admin address, where one may look and change nothing", () => {
  const made = admin("  bind 127.0.0.1:9000");
  expect(made.admin).toEqual({ listen: "127.0.0.1:9000", anonymous: "read-only" });
  expect(made.listeners).not.toHaveProperty("stats");
  expect(made.said).toEqual([]);
});

test("stats admin lets one change things, on loopback or with a password", () => {
  expect(admin("  bind 127.0.0.1:9000\n  stats admin if TRUE").admin).toEqual({
    listen: "127.0.0.1:9000",
  });
  expect(admin("  bind *:9000\n  stats admin if TRUE").said).toHaveLength(1);
  expect(admin("  bind 127.0.0.1:9000\n  stats admin if { src 10.0.0.1 }").said).toHaveLength(1);
  const auth = "  stats auth joe:secret\n  stats admin if LOCALHOST";
  const { admin: made, said } = admin(`  bind *:9000\n${auth}`);
  expect(said).toEqual([]);
  expect(at(made, "users", "joe", "role")).toBe("operator");
  expect(parsePasswordHash(String(at(made, "users", "joe", "password")))).not.toBeNull();
  expect(admin(`  bind *:9000\n${auth}`).admin).toEqual(made);
});

test("there is one page, at one address", () => {
  const { said } = documentOf(
    `${LISTEN}listen a\n  mode http\n  bind *:1,:2\n  stats enable\n` +
      "listen b\n  mode http\n  bind *:3\n  stats enable\n",
  );
  expect(said).toEqual([
    expect.stringContaining('"a" has it'),
    expect.stringContaining("pages have one address"),
  ]);
});

test("pages may be served over TLS, and from another path than HAProxy's", () => {
  const { admin: made, said } = admin("  bind *:9000 ssl crt /x.pem\n  stats uri /haproxy");
  expect(at(made, "tls")).toEqual({ certificate: "/x.pem" });
  expect(said).toEqual([expect.stringContaining("the page is at /stats")]);
  expect(admin("  bind *:9000 ssl").said).toHaveLength(1);
});

test.each([
  ["/run/x.sock mode 660 level admin", { listen: "/run/x.sock", mode: "660", level: "admin" }],
  ["unix@/run/x.sock", { listen: "/run/x.sock" }],
  ["ipv4@127.0.0.1:9999 level user", { listen: "127.0.0.1:9999", level: "user" }],
])("stats socket %s", (words, socket) => {
  expect(at(admin("  bind 127.0.0.1:1", `  stats socket ${words}`).admin, "haproxySocket")).toEqual(
    socket,
  );
});

test.each(["what", "/x level root", "/x what", "/x ssl"])(
  "stats socket %s is a mistake",
  (words) => {
    expect(admin("  bind 127.0.0.1:1", `  stats socket ${words}`).said).toHaveLength(1);
  },
);
