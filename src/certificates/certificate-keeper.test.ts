import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { CertificateKeeper, type Holder } from "./certificate-keeper.ts";
import { systemFiles } from "./file-reader.ts";
import { readMaterial } from "./read-material.ts";

const DAY_MS = 86_400_000;
const authority = new TestAuthority();

let folder: string;
let file: string;
let told: string[];
let nowMs: number;
let keeper: CertificateKeeper<Holder>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-keeper-"));
  file = join(folder, "a.pem");
  told = [];
  nowMs = Date.parse("2026-06-01");
  keeper = new CertificateKeeper<Holder>({
    now: () => nowMs,
    quietMs: 20,
    pollMs: 60_000,
    events: {
      onReloaded: ({ name }, { certificates }) => {
        told.push(`${name}: now ${certificates[0]!.names[0]}`);
      },
      onRefused: ({ name }, findings) => told.push(`${name}: ${findings[0]!.message}`),
      onEnding: ({ name }, _certificate, daysLeft) => told.push(`${name}: ${daysLeft} days`),
      onExpired: ({ name }) => told.push(`${name}: expired`),
    },
  });
});

afterEach(() => {
  keeper.stop();
  rmSync(folder, { recursive: true });
});

function write(name: string, notAfter = "2049-01-01"): void {
  const { certificate, key } = authority.issue({ names: [name], notAfter });
  writeFileSync(file, certificate + key);
}

async function makeHolder(name = "a listener"): Promise<Holder> {
  const certificate = { kind: "file", certificate: file, key: null, ocsp: null } as const;
  const source = { certificates: [certificate], authorities: null, revoked: null };
  const { material } = await readMaterial(source, systemFiles, nowMs);
  return { name, source, material: material! };
}

function waitFor(sentence: string): Promise<unknown> {
  return waitUntil(`it is told: ${sentence}`, () => told.some((each) => each.includes(sentence)));
}

describe("files that change", () => {
  it("are read again: good ones are handed on, others are not", async () => {
    write("one.example");
    await keeper.keep([await makeHolder()]);
    expect(told).toEqual([]);
    write("two.example");
    await waitFor("a listener: now two.example");
    writeFileSync(file, "rubbish");
    await waitFor("holds no certificate");
    expect(keeper.states).toMatchObject([{ reloadCount: 1, failureCount: 1 }]);
    expect(keeper.states[0]!.material.certificates[0]!.names).toEqual(["two.example"]);
    write("three.example");
    await waitFor("now three.example");
  });

  it("are told when they changed after they had been read", async () => {
    write("one.example");
    const holder = await makeHolder();
    write("two.example");
    await keeper.keep([holder]);
    expect(told).toEqual(["a listener: now two.example"]);
  });

  it("are not told when what they hold is the same", async () => {
    write("one.example");
    await keeper.keep([await makeHolder()]);
    await keeper.reload(new Set([file]));
    expect(told).toEqual([]);
    expect(keeper.states).toMatchObject([{ reloadCount: 0, failureCount: 0 }]);
  });

  it("go on counting when the same holder comes with other settings", async () => {
    write("one.example");
    await keeper.keep([await makeHolder()]);
    writeFileSync(file, "rubbish");
    await keeper.reload(new Set([file]));
    write("two.example");
    await keeper.keep([await makeHolder(), await makeHolder("another")]);
    expect(keeper.states.map(({ failureCount }) => failureCount)).toEqual([1, 0]);
  });
});

describe("certificates near their end", () => {
  it("are told at 30, 14, 7 and 1 days and on the end, each once", async () => {
    const endMs = Date.parse("2026-08-01");
    write("one.example", "2026-08-01");
    for (const daysLeft of [40, 29.5, 28, 10, 6.9, 2, 0.9, 0.5, -1, -2]) {
      nowMs = endMs - daysLeft * DAY_MS;
      await keeper.keep([await makeHolder()]);
    }
    expect(told).toEqual([
      "a listener: 29 days",
      "a listener: 10 days",
      "a listener: 6 days",
      "a listener: 0 days",
      "a listener: expired",
    ]);
  });
});

describe("readers that fail", () => {
  it("cost nothing but a line", async () => {
    write("one.example");
    const holder = await makeHolder();
    const broken = () => Promise.reject(new Error("Cannot read at all"));
    const events = { onReloaded: () => {}, onEnding: () => {}, onExpired: () => {} };
    const onRefused = (_: Holder, findings: readonly { readonly message: string }[]) =>
      told.push(findings[0]!.message);
    const fragile = new CertificateKeeper<Holder>({
      files: { read: broken, list: broken },
      events: { ...events, onRefused },
    });
    await fragile.keep([holder]);
    fragile.stop();
    expect(told).toEqual(["the files cannot be judged: Error: Cannot read at all"]);
  });
});
