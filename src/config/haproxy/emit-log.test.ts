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

test("connections leave lines where a section logs", () => {
  const access = (text: string) => at(documentOf(text).plain, "log", "access");
  expect(access(LISTEN)).toBe(false);
  expect(access(`global\n  log stdout format raw local0\n${LISTEN}`)).toBe(false);
  expect(access(`global\n  log stdout local0\n${LISTEN}  log global\n`)).toBe(true);
});

test.each([
  ["log 127.0.0.1:514", "no facility"],
  ["log 127.0.0.1:514 what", "no facility"],
  ["log 127.0.0.1:514 local0 loud", "no level"],
  ["log 127.0.0.1:514 local0 info notice more", "one word too many"],
  ["log 127.0.0.1:514 len", "stands alone"],
  ["log 127.0.0.1:514 format what local0", "cannot stand here"],
])("%s is a mistake", (line, why) => {
  expect(documentOf(`global\n  ${line}\n${LISTEN}`).said[0]).toContain(why);
});
