import { describe, expect, test } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import { checkDocument } from "./check-document.ts";
import { loadYaml } from "./load-yaml.ts";
import { formatPath } from "./raw-document.ts";
import { readTlsFiles } from "./tls-files.ts";

const { certificate, key } = new TestAuthority().issue();
const files = new MemoryFiles({
  "/etc/fairlead/a.pem": certificate + key,
  "/abs/b.pem": certificate,
  "/abs/b.key": key,
});

async function read(text: string) {
  const { root } = loadYaml({ file: "x", text }, {});
  const { document } = checkDocument("x", root!);
  return readTlsFiles(document!, { folder: "/etc/fairlead", files, nowMs: 0 });
}

const POOL = "pools: { p: { servers: [10.0.0.1:1] } }\n";
const listener = (tls: string) =>
  `listeners: { a: { listen: "0.0.0.0:1", pool: p, tls: ${tls} } }\n${POOL}`;

describe("readTlsFiles", () => {
  test("starts at the folder of the configuration file, unless a path is absolute", async () => {
    const pair = "{ certificate: /abs/b.pem, key: ../../abs/b.key }";
    const answers = await read(listener(`{ certificates: [a.pem, ${pair}] }`));
    const answer = answers.get("listeners.a.tls");
    expect(answer?.reading.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(answer?.reading.material?.certificates).toHaveLength(2);
  });

  test("says which key a finding is about, past entries that name nothing", async () => {
    const answers = await read(listener("{ certificates: [{}, none.pem, { directory: none }] }"));
    const { reading, keyOf } = answers.get("listeners.a.tls")!;
    expect(reading.findings.map(({ part }) => formatPath(keyOf(part)))).toEqual([
      "listeners.a.tls.certificates[1].certificate",
      "listeners.a.tls.certificates[2].directory",
    ]);
  });

  test("reads what pools and single servers name", async () => {
    const own = "{ address: 10.0.0.2:1, tls: { certificate: none.pem } }";
    const keys = `tls: { authorities: none.pem }, servers: [10.0.0.1:1, ${own}]`;
    const answers = await read(`listeners: {}\npools: { p: { ${keys} } }\n`);
    const told = [...answers].map(([path, { reading, keyOf }]) => [
      path,
      reading.findings.map(({ part }) => formatPath(keyOf(part))),
    ]);
    expect(told).toEqual([
      ["pools.p.tls", ["pools.p.tls.authorities"]],
      ["pools.p.servers[1].tls", ["pools.p.servers[1].tls.certificate"]],
    ]);
  });

  test("leaves files alone that nobody uses", async () => {
    const none = "clientCertificate: { mode: none, authorities: none.pem }";
    const keys = "tls: { verify: none, authorities: none.pem }, servers: [10.0.0.1:1]";
    const text = listener(`{ certificates: [a.pem], ${none} }`).replace(
      "servers: [10.0.0.1:1]",
      keys,
    );
    const answers = await read(text);
    expect(answers.size).toBe(2);
    for (const { reading } of answers.values()) expect(reading.material).not.toBeNull();
    const system = listener("{ certificates: [a.pem] }").replace(
      "servers:",
      "tls: { authorities: system }, servers:",
    );
    expect((await read(system)).get("pools.p.tls")?.source.authorities).toBeNull();
  });
});
