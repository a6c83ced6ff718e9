import { describe, expect, it } from "vitest";
import { logSchema } from "./log-schema.ts";

const parse = (to: string) => logSchema.schema.safeParse({ outlets: [{ to }] });

describe("a destination", () => {
  it.each([
    ["stdout", { kind: "stdout" }],
    ["udp://10.0.0.9:514", { kind: "udp", host: "10.0.0.9", port: 514 }],
    ["tcp://logs.example:601", { kind: "tcp", host: "logs.example", port: 601 }],
    ["unix:///dev/log", { kind: "unix", path: "/dev/log" }],
    ["file:///var/log/fairlead.log", { kind: "file", path: "/var/log/fairlead.log" }],
  ])("is %s", (written, to) => {
    expect(parse(written).data?.outlets?.[0]?.to).toEqual(to);
  });

  it.each(["stderr", "udp://10.0.0.9", "http://x:1", "unix://dev/log", "file:///a\0b", "udp://"])(
    "is not %j",
    (written) => {
      expect(parse(written).success).toBe(false);
    },
  );
});

it("knows close reasons by name", () => {
  const parseReasons = (reasons: string[]) => logSchema.schema.safeParse({ access: { reasons } });
  expect(parseReasons(["idle-timeout"]).success).toBe(true);
  expect(parseReasons(["idle"]).success).toBe(false);
});
