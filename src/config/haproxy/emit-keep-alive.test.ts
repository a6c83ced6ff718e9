import { expect, test } from "vitest";
import { at, documentOf } from "../../../tests/fixtures/haproxy-document.ts";

const file = (lines: string) => {
  const { plain, said } = documentOf(`listen a
  bind *:1883
  timeout client 1m
  timeout connect 1s
  timeout server 1m
  balance first
  ${lines}
  server a 10.0.0.1:1883
`);
  expect(said).toEqual([]);
  return [at(plain, "listeners", "a", "tcpKeepAlive"), at(plain, "pools", "a", "tcpKeepAlive")];
};

test("keep-alives are off unless the file turns them on", () => {
  expect(file("")).toEqual([undefined, undefined]);
});

test("option tcpka is for both sides", () => {
  expect(file("option tcpka")).toEqual([true, true]);
});

test("each side has its own times, in whole seconds", () => {
  const client = "option clitcpka\n  clitcpka-idle 90s\n  clitcpka-intvl 1500ms\n  clitcpka-cnt 4";
  expect(file(client)).toEqual([{ idle: "1m30s", interval: "2s", count: 4 }, undefined]);
  expect(file("option srvtcpka\n  srvtcpka-idle 2m")).toEqual([undefined, { idle: "2m" }]);
});

test("times without the option say nothing", () => {
  expect(file("clitcpka-idle 90s")).toEqual([undefined, undefined]);
});
