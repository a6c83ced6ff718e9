// How the tests run: unit tests beside their source, everything that starts processes under tests/.
//
// The times here end what hangs, on however slow a machine. They are the only ones: no test has a
// limit of its own, and each waits for the state that it asserts (STYLE.md).
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { interval: 20, timeout: 60_000 } },
  },
});
