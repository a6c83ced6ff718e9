import { afterAll, expect, it } from "vitest";
import { startSupervised } from "../../../tests/fixtures/supervised.ts";
import { findBackendServer } from "./command.ts";

const { supervisor } = await startSupervised();
afterAll(() => supervisor.stop(0));

it("findBackendServer says in HAProxy's words what there is not", () => {
  expect(findBackendServer(supervisor, "spare/c")).toBe(2);
  for (const text of [undefined, "", "a", "/a", "brokers/", "brokers/a/b"]) {
    expect(() => findBackendServer(supervisor, text)).toThrow("Require 'backend/server'.");
  }
  expect(() => findBackendServer(supervisor, "x/a")).toThrow("No such backend.");
  expect(() => findBackendServer(supervisor, "spare/a")).toThrow("No such server.");
});
