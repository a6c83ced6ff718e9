import { expect, test } from "vitest";
import { type Config, defineConfig } from "./define-config.ts";

test("defineConfig gives back what it takes, and the compiler knows its keys", () => {
  const config: Config = {
    listeners: { mqtt: { listen: "127.0.0.1:1883", pool: "brokers" } },
    pools: { brokers: { servers: ["10.0.0.1:1883"], timeouts: { idle: "5m" } } },
    onConnect: ({ clientId }) => (clientId === "" ? undefined : undefined),
  };
  expect(defineConfig(config)).toBe(config);
  // @ts-expect-error A pool has servers.
  defineConfig({ listeners: {}, pools: { brokers: {} } });
});
