import { expect, it } from "vitest";
import { endedConnection } from "../../tests/fixtures/ended-connection.ts";
import { jsonLine } from "./json-line.ts";

it("is a line as pino writes them", () => {
  const line = jsonLine(endedConnection(), "info", Date.UTC(2026, 10, 3));
  expect(line).toMatch(/^\{"level":"info","time":"2026-11-03T00:00:00.000Z","event":"connection",/);
  expect(JSON.parse(line)).toMatchObject({
    ...{ client: "198.51.100.7:50000", clientId: "meter-1", server: "b1", queueMs: 20 },
    ...{ reason: "client-disconnected", side: "client", msg: "Connection ended" },
  });
});

it("leaves out what there is nothing to say of", () => {
  const fields = JSON.parse(jsonLine(endedConnection({ queueMs: -1 }), "info", 0));
  for (const field of ["queueMs", "rule", "errno", "tls"]) expect(fields).not.toHaveProperty(field);
});
