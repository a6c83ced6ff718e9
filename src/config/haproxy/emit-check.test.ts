import { expect, test } from "vitest";
import { at, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

const pool = (lines: string, server?: string) => poolOf(`  balance leastconn\n${lines}`, server);

test("a pool of which no server is checked has no checks", () => {
  expect(at(pool("", "").plain, "check")).toEqual({ type: "none" });
});

test("what HAProxy takes for granted is written down where ours is another", () => {
  expect(at(pool("").plain, "check")).toEqual({
    type: "tcp",
    interval: "2s",
    fastInterval: "2s",
    timeout: "2s",
    spread: 0,
  });
});

test.each([
  ["", "check inter 10s", "10s"],
  ["  timeout check 3s", "check inter 10s", "5s"],
  ["  timeout check 3s", "check inter 2s", "2s"],
  ["  timeout check 3s\n  option httpchk", "check inter 10s", "8s"],
])("the timeout with %j and %s is %s", (lines, server, timeout) => {
  expect(at(pool(lines, server).plain, "check", "timeout")).toBe(timeout);
});

test("a server says only what it has different from the first one", () => {
  const { plain } = pool("  server x 10.0.0.9:1883 check inter 1s fall 5", "check inter 1s fall 2");
  expect(at(plain, "check")).toMatchObject({ interval: "1s", fall: 5 });
  expect(at(plain, "servers", 1, "check")).toEqual({ fall: 2 });
});

test("checks go over what check options say, for all servers alike", () => {
  const { plain } = pool(
    "",
    "check check-ssl check-sni a.example check-alpn mqtt send-proxy check-send-proxy",
  );
  expect(at(plain, "check")).toMatchObject({
    tls: "on",
    serverName: "a.example",
    alpn: ["mqtt"],
    proxyProtocol: "v1",
  });
  const { said } = pool("  server x 10.0.0.9:1883 check", "check check-ssl");
  expect(said[0]).toContain("another transport");
});

test("an agent is asked for all servers, or for none", () => {
  const { plain } = pool(
    "",
    "agent-check agent-port 99 agent-inter 1s agent-addr 10.0.0.7 agent-send hi",
  );
  expect(at(plain, "agentCheck")).toEqual({
    port: 99,
    interval: "1s",
    address: "10.0.0.7",
    send: "hi",
  });
  expect(pool("  server x 10.0.0.9:1883", "agent-check agent-port 99").said[0]).toContain(
    "agent-check",
  );
});

test("connections of clients say nothing unless observe layer4 does", () => {
  expect(at(pool("").plain, "observe")).toEqual({ mode: "off" });
  expect(at(pool("", "check observe layer4 on-error sudden-death").plain, "observe")).toEqual({
    mode: "connections",
    onError: "sudden-death",
  });
  expect(pool("", "check observe layer4 on-error what").said[0]).toContain("on-error");
});
