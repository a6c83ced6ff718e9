import { describe, expect, it } from "vitest";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

const REST = `
listeners: { a: { listen: 0.0.0.0:1883, pool: p } }
pools: { p: { check: { type: none }, servers: [10.0.0.1:1883] } }
`;
const TOKEN = `sha256:${"0".repeat(64)}`;
const OPS = `users: { ops: { token: "${TOKEN}" } }`;

async function load(admin: string) {
  const { settings, diagnostics } = await loadSettings(
    { file: "f.yaml", text: `admin: { ${admin} }\n${REST}` },
    { environment: {}, lookUp: () => Promise.reject(new Error("Cannot look up names in tests")) },
  );
  return { admin: settings?.admin, told: diagnostics.map(formatDiagnostic).join("\n") };
}

describe("adminIsProtected", () => {
  it("lets everybody of this machine do everything, until there are users", async () => {
    expect((await load(`listen: "127.0.0.1:1"`)).admin?.anonymous).toBe("operator");
    expect((await load(`listen: "127.0.0.1:1", ${OPS}`)).admin?.anonymous).toBe("none");
  });

  it("refuses to listen for other machines where nobody said who may do what", async () => {
    const { admin, told } = await load(`listen: "0.0.0.0:1"`);
    expect(admin).toBeUndefined();
    expect(told).toContain("without a login");
    expect((await load(`listen: "0.0.0.0:1", anonymous: read-only`)).told).toBe("");
    const { told: open } = await load(`listen: "0.0.0.0:1", anonymous: operator`);
    expect(open).toContain("everybody who reaches 0.0.0.0:1 may change everything");
  });

  it("warns of passwords in the clear", async () => {
    const { admin, told } = await load(`listen: "0.0.0.0:1", ${OPS}`);
    expect(told).toContain("warning: passwords and tokens go to 0.0.0.0:1 in the clear");
    expect(admin?.users).toEqual([
      { name: "ops", role: "read-only", password: null, token: TOKEN },
    ]);
  });
});

describe("adminUsersCanLogIn", () => {
  it("refuses users who cannot, without showing what stands there", async () => {
    expect((await load("users: { ops: {} }")).told).toContain('"ops" can never log in');
    expect((await load(`users: { "a:b": { token: "${TOKEN}" } }`)).told).toContain(
      "cannot be sent",
    );
    const { told } = await load("users: { ops: { password: hunter2 } }");
    expect(told).toContain("hash-password");
    expect(told).not.toContain("hunter2");
  });
});

describe("haproxySocketIsPrivate", () => {
  it("takes a path, or a port on loopback", async () => {
    const { admin } = await load("haproxySocket: { listen: /run/f.sock, mode: '0660' }");
    expect(admin?.haproxySocket).toEqual({
      address: { kind: "unix", path: "/run/f.sock" },
      level: "operator",
      mode: 0o660,
    });
    expect((await load("haproxySocket: { listen: '127.0.0.1:9' }")).told).toBe("");
    expect((await load("haproxySocket: { listen: '0.0.0.0:9' }")).told).toContain("no login");
    expect((await load("haproxySocket: { listen: f.sock }")).told).toContain("absolute path");
    const { told } = await load("haproxySocket: { listen: '127.0.0.1:8888' }");
    expect(told).toContain("which admin has already");
  });
});
