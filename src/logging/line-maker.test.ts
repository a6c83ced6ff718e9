import { expect, it } from "vitest";
import { endedConnection } from "../../tests/fixtures/ended-connection.ts";
import { compileLine, makeLineMaker } from "./line-maker.ts";

const sender = { host: "gate", tag: "fairlead", pid: 7 };

it("makes a line of each kind", () => {
  const ended = endedConnection();
  const line = (settings: Parameters<typeof makeLineMaker>[0]) =>
    makeLineMaker(settings)(ended, sender);
  expect(JSON.parse(line({ kind: "json" }))).toHaveProperty("clientId", "meter-1");
  expect(line({ kind: "tcplog" })).toContain("mqtt brokers/b1 20/3/1500");
  expect(line({ kind: "haproxy", template: "%s" })).toBe("b1");
  expect(line({ kind: "nginx", template: "$status", escape: "none" })).toBe("200");
});

it("hands on what is wrong with a template", () => {
  expect(compileLine({ kind: "haproxy", template: "%zz" }).problem).not.toBeNull();
  expect(compileLine({ kind: "pretty" }).problem).toBeNull();
});
