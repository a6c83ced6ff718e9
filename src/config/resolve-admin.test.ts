import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";

const at = (admin: string) =>
  settingsFrom(TWO_POOLS.replace(/^admin: .*$/m, `admin: ${admin}`)).then((of) => of.admin);

describe("resolveAdmin", () => {
  it("fills in who may do what", async () => {
    expect(await at("false")).toBe(null);
    expect(await at("{}")).toMatchObject({
      users: [],
      anonymous: "operator",
      hosts: [],
      tls: null,
      haproxySocket: null,
    });
    const token = `sha256:${"a".repeat(64)}`;
    expect(await at(`{ users: { ops: { role: operator, token: "${token}" } } }`)).toMatchObject({
      users: [{ name: "ops", role: "operator", password: null, token }],
      anonymous: "none",
    });
  });

  it("reads names in lower case and permissions in octal", async () => {
    const admin = "{ hosts: [Balancer.Example], haproxySocket: { listen: /run/f, mode: '0660' } }";
    expect(await at(admin)).toMatchObject({
      hosts: ["balancer.example"],
      haproxySocket: { mode: 0o660 },
    });
  });
});
