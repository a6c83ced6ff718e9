// How the tests run: unit tests beside their source, everything that starts processes under tests/.
//
// The times here end what hangs, on however slow a machine. They are the only ones: no test has a
// limit of its own, and each waits for the state that it asserts (STYLE.md).
import { defineConfig } from "vitest/config";

/** They look at what a whole process has: OpenSSL's errors, open descriptors, memory. */
const ALONE = [
  "src/tls/**/*.test.ts",
  "src/linux/socket.test.ts",
  "src/admin/api/large-table.test.ts",
];

// No module in src/ keeps what a test could leave behind for the next one, so files share them: to
// load them for each file takes longer than most tests do.
const unit = { include: ["src/**/*.test.ts"], exclude: ALONE, isolate: false };
const whole = { include: ["tests/**/*.test.ts", ...ALONE] };

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { interval: 20, timeout: 60_000 } },
    setupFiles: ["tests/fixtures/remove-folders.ts"],
    projects: [
      { extends: true, test: { name: "unit", ...unit } },
      { extends: true, test: { name: "whole", ...whole } },
    ],
  },
});
