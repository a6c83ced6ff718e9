import { expect, it } from "vitest";
import { adminSchema } from "./admin-schema.ts";

it("adminSchema has a default for all but what a user or a socket is", () => {
  expect(adminSchema.schema.parse({})).toMatchObject({
    listen: { text: "127.0.0.1:8888" },
    users: {},
    hosts: [],
  });
  const { haproxySocket } = adminSchema.schema.parse({ haproxySocket: { listen: "/run/f" } });
  expect(haproxySocket).toEqual({
    listen: { kind: "unix", path: "/run/f" },
    level: "operator",
    mode: "600",
  });
  for (const listen of ["run/f", "/", `/${"x".repeat(107)}`, "/a\0b", "127.0.0.1"]) {
    expect(adminSchema.schema.safeParse({ haproxySocket: { listen } }).success).toBe(false);
  }
  const mode = { listen: "/run/f", mode: "0999" };
  expect(adminSchema.schema.safeParse({ haproxySocket: mode }).success).toBe(false);
});
