import { describe, expect, it } from "vitest";
import type { CertificateHolder } from "../supervisor/certificate-upkeep.ts";
import { certificateGauges } from "./certificate-metrics.ts";

const certificate = {
  file: "/tls/a.pem",
  chain: "",
  key: "",
  keyType: "ec",
  names: ["a.example", "b.example"],
  notAfterMs: 1_900_000_000_500,
  fingerprint: "",
  ocsp: null,
} as const;
const material = { certificates: [certificate], authorities: "", revoked: "" };
const source = { certificates: [], authorities: null, revoked: null };

function holder(owner: CertificateHolder["owner"]): CertificateHolder {
  return { name: "", owner, source, material, uses: new Map() } as CertificateHolder;
}

const states = [
  {
    holder: holder({ listener: "mqtts" }),
    material,
    reloadCount: 3,
    failureCount: 1,
  },
  {
    holder: holder({ pool: "brokers" }),
    material: { ...material, certificates: [] },
    reloadCount: 0,
    failureCount: 0,
  },
];

describe("certificateGauges", () => {
  const ticketKeyCounts = { reloadCount: 5, failureCount: 2 };
  const gauges = certificateGauges({ states, ticketKeyCounts });
  const [notAfter, reloads, failures, keyReloads, keyFailures] = gauges;

  it("says when each certificate ends", () => {
    expect(notAfter!.read()).toEqual([
      {
        labels: { listener: "mqtts", file: "/tls/a.pem", name: "a.example" },
        value: 1_900_000_000.5,
      },
    ]);
  });

  it("counts what became of changed files, by listener and pool", () => {
    expect(reloads!.read()).toEqual([
      { labels: { listener: "mqtts" }, value: 3 },
      { labels: { pool: "brokers" }, value: 0 },
    ]);
    expect(failures!.read().map(({ value }) => value)).toEqual([1, 0]);
  });

  it("counts what became of changed files of ticket keys", () => {
    expect(keyReloads!.read()).toEqual([{ labels: {}, value: 5 }]);
    expect(keyFailures!.read()).toEqual([{ labels: {}, value: 2 }]);
  });
});
