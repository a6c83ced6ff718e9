import { expect, it } from "vitest";
import { ask, makeSubject } from "../../../tests/fixtures/rule-subject.ts";
import { CONNECTION_FETCHES } from "./connection.ts";

it("CONNECTION_FETCHES say what is known of addresses and names", () => {
  const subject = makeSubject({ proxied: true, pool: 4, poolName: "blue" });
  const answers = CONNECTION_FETCHES.map(({ name }) => [name, ask(name, subject)]);
  expect(Object.fromEntries(answers)).toEqual({
    ...{ src: "127.0.0.1", src_port: 40_000n, dst: "127.0.0.1", dst_port: 1883n },
    ...{ fe_name: "mqtt", fe_id: 1n, be_name: "blue", be_id: 5n, fc_rcvd_proxy: true },
  });
  expect([ask("be_name"), ask("be_id")]).toEqual(["absent", "absent"]);
});
