import { expect, test } from "vitest";
import { detectFormat, formatByName } from "./config-format.ts";

test.each([
  ["global\n  daemon\n", "haproxy"],
  ["# c\n\n   listen mqtt # x\n  bind *:1\n", "haproxy"],
  ["defaults base from other\n", "haproxy"],
  ["# c\nworker_processes auto;\nevents {}\n", "nginx"],
  ["stream\n{\n", "nginx"],
  ["include conf.d/*.conf; # more\n", "nginx"],
  ["stream: {}\nuser: a;\n", "yaml"],
  ["listeners:\n  listen: 0.0.0.0:1\n", "yaml"],
  ["global: 1\ndefaults:\n", "yaml"],
  ["", "yaml"],
])("%j is %s", (text, format) => expect(detectFormat(text, "some.file")).toBe(format));

test.each([
  ["", "haproxy.cfg", "haproxy"],
  ["hello world\n", "haproxy.cfg", "haproxy"],
  ["# nothing\n", "nginx.conf", "nginx"],
  ["listeners:\n  a: {}\n", "fairlead.conf", "yaml"],
  ["hello world\n", "fairlead.yaml", "yaml"],
])("%j in %s is %s", (text, file, format) => expect(detectFormat(text, file)).toBe(format));

test.each([
  ["a/fairlead.config.ts", "script"],
  ["fairlead.config.mjs", "script"],
  ["fairlead.config.cjs", "script"],
  ["fairlead.yaml", null],
  ["haproxy.cfg", null],
  ["js", null],
])("%s by its name is %s", (file, format) => expect(formatByName(file)).toBe(format));
