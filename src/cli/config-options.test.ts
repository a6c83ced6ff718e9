import { Command } from "commander";
import { expect, test } from "vitest";
import { addConfigOptions, addReadingOptions, requestFrom } from "./config-options.ts";

test("addConfigOptions takes files, what they are written in and for which HAProxy", () => {
  const command = addConfigOptions(new Command()).exitOverride();
  command.parse(
    ["-c", "a", "-c", "b", "--format", "haproxy", "--haproxy-version", "3.3", "--strict"],
    {
      from: "user",
    },
  );
  expect(requestFrom(command.opts())).toEqual({
    files: ["a", "b"],
    format: "haproxy",
    haproxyVersion: [3, 3, 0, Number.POSITIVE_INFINITY],
    strict: true,
  });
});

test.each([
  ["--haproxy-version", "x"],
  ["--format", "toml"],
])("%s %s makes no sense", (...args) => {
  const command = addReadingOptions(new Command()).exitOverride();
  command.configureOutput({ writeErr: () => {} });
  expect(() => command.parse(args, { from: "user" })).toThrow();
});
