import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { listenerOf } from "../../../tests/fixtures/nginx-document.ts";

const LISTEN = "1883 proxy_protocol";
const headerOf = (lines: string) => at(listenerOf(lines, LISTEN).plain, "proxyProtocol");

test("a header is required, within nginx's time", () => {
  expect(headerOf("")).toEqual({ deadline: "30s" });
  expect(headerOf("proxy_protocol_timeout 5;")).toEqual({ deadline: "5s" });
});

test("set_real_ip_from says who may send one", () => {
  const lines = "set_real_ip_from 10.0.0.0/8; set_real_ip_from ::1; set_real_ip_from unix:;";
  expect(headerOf(lines)).toMatchObject({ from: ["10.0.0.0/8", "::1"] });
});

test("a network that is none is one mistake", () => {
  expect(listenerOf("set_real_ip_from me;", LISTEN).said).toHaveLength(1);
});
