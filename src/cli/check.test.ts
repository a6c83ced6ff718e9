import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestOf } from "../../tests/fixtures/config-request.ts";
import { checkCommand } from "./check.ts";

describe("checkCommand", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fairlead-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function check(text: string) {
    const file = join(folder, "fairlead.yaml");
    await writeFile(file, text);
    const lines: string[] = [];
    const surroundings = { environment: {}, lookUp: async () => [] };
    const code = await checkCommand(requestOf(file), surroundings, (line) => lines.push(line));
    return { code, lines: lines.map((line) => line.replace(`${folder}/`, "")) };
  }

  const POOLS = "pools: { brokers: { servers: [10.0.0.1:1883, 10.0.0.2:1883] } }\n";

  test("says OK and what there is, and gives 0", async () => {
    const listeners = "listeners: { a: { listen: 0.0.0.0:1883, pool: brokers } }\n";
    expect(await check(listeners + POOLS)).toEqual({
      code: 0,
      lines: ["fairlead.yaml: OK, 1 listener, 1 pool, 2 servers"],
    });
  });

  test("gives 0 for warnings, which it prints", async () => {
    const listeners = "listeners: { a: { listen: 0.0.0.0:1883, pool: brokers } }\n";
    const { code, lines } = await check(
      `admin: { haproxySocket: { listen: "127.0.0.1:1", mode: "600" } }\n${listeners}${POOLS}`,
    );
    expect(code).toBe(0);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("fairlead.yaml:1:50: warning: ");
  });

  test("prints every mistake and gives 1", async () => {
    const { code, lines } = await check(`workers: 0\nreactr: epoll\n${POOLS}`);
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringContaining('fairlead.yaml:1:1: the file has no key "listeners"'),
      "fairlead.yaml:1:10: workers is 0, expected auto or a whole number from 1 to 256",
      'fairlead.yaml:2:1: unknown key "reactr", expected "reactor"',
      "fairlead.yaml: 3 mistakes",
    ]);
  });

  test("says what keeps a file from being read, and gives 1", async () => {
    const lines: string[] = [];
    const surroundings = { environment: {}, lookUp: async () => [] };
    const code = await checkCommand(requestOf("no/such.yaml"), surroundings, (line) =>
      lines.push(line),
    );
    expect(code).toBe(1);
    expect(lines).toEqual(['Cannot read "no/such.yaml": no such file']);
  });
});
