import { expect, test } from "vitest";
import { at, documentOf } from "../../../tests/fixtures/haproxy-document.ts";

const TIMEOUTS = "  timeout client 1m\n  timeout connect 1s\n  timeout server 1m\n";

test("a listen section is a listener and a pool of its name", () => {
  const { plain, said } = documentOf(
    `listen mqtt\n${TIMEOUTS}  bind *:1883\n  balance first\n  server a 10.0.0.1:1883\n`,
  );
  expect(said).toEqual([]);
  expect(at(plain, "listeners", "mqtt", "pool")).toBe("mqtt");
  expect(at(plain, "pools", "mqtt", "servers", 0, "name")).toBe("a");
});

test("a section that is disabled is left out, and so are the clients it would send", () => {
  const { plain, said } = documentOf(
    `listen mqtt\n${TIMEOUTS}  disabled\n  bind *:1883\n  server a 10.0.0.1:1883\n`,
  );
  expect(at(plain, "listeners")).toEqual({});
  expect(said).toEqual([expect.stringContaining("is disabled")]);
});

test("a mode that cannot be relayed is said once, at its word", () => {
  const { said } = documentOf(
    "defaults\n  mode spop\nlisten a\n  bind *:1\nlisten b\n  bind *:2\n",
  );
  expect(new Set(said).size).toBe(1);
  expect(said[0]).toMatch(/^2:8: "mode spop" cannot be honoured/);
});

test("a pool that is chosen by CONNECT has it read, and silence counts alone", () => {
  const { plain, said } = documentOf(`listen mqtt
${TIMEOUTS}  bind *:1883
  tcp-request inspect-delay 3s
  balance hash req.payload(0,0),mqtt_field_value(connect,username)
  server a 10.0.0.1:1883
`);
  expect(said).toEqual([]);
  expect(at(plain, "listeners", "mqtt")).toMatchObject({ protocol: "mqtt", connectDeadline: "3s" });
  expect(at(plain, "pools", "mqtt", "timeouts", "followKeepAlive")).toBe(false);
});

test("a file without a section that relays is a mistake", () => {
  expect(documentOf("global\n  maxconn 1\n").said).toEqual([
    "1:1: there is no frontend, backend or listen, expected at least a listen",
  ]);
});
