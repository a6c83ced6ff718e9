import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import type { Settings } from "../config/settings.ts";
import { describeSettings, HIDDEN } from "./configuration.ts";

describe("describeSettings", () => {
  it("hides what is secret and keeps the rest, whole", async () => {
    const settings = await settingsFrom(TWO_POOLS);
    const described = describeSettings(settings) as typeof settings;
    expect(described.pools).toMatchObject([{ name: "brokers" }, { name: "spare" }]);
    expect(described.servers[0]).toMatchObject({ endpoint: "127.0.0.1:1" });
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
  });

  it("shows where ticket keys come from, and none of them", () => {
    const tls: Settings["tls"] = {
      ticketRotationMs: 1000,
      ticketKeys: { files: ["/t.key"], material: [new Uint8Array(80).fill(7)] },
    };
    expect(describeSettings(tls)).toEqual({
      ticketRotationMs: 1000,
      ticketKeys: { files: ["/t.key"] },
    });
  });

  it("shows no password, token, private key or certificate as read", () => {
    const of = {
      users: [{ name: "ops", password: "scrypt:x", token: null }],
      hash: { key: { kind: "client-id" } },
      tls: {
        file: "a.pem",
        key: "-----BEGIN",
        material: { authorities: "-----BEGIN" },
        chain: "-",
      },
      at: makeEndpoint("::1", 9),
      bytes: new Uint8Array([1, 255]),
      on: true,
    };
    expect(describeSettings(of)).toEqual({
      users: [{ name: "ops", password: HIDDEN, token: null }],
      hash: { key: { kind: "client-id" } },
      tls: { file: "a.pem", key: HIDDEN },
      at: "[::1]:9",
      bytes: "0x01ff",
      on: true,
    });
  });
});
