import { expect, it } from "vitest";
import { ask, makeSubject } from "../../../tests/fixtures/rule-subject.ts";
import { makeEndpoint } from "../../bytes/endpoint.ts";
import { CONNECTION_FETCHES } from "./connection.ts";

it("CONNECTION_FETCHES say what is known of addresses and names", () => {
  const subject = makeSubject({ proxied: true, pool: 4, poolName: "blue" });
  const answers = CONNECTION_FETCHES.map(({ name }) => [name, ask(name, subject)]);
  expect(Object.fromEntries(answers)).toEqual({
    ...{ src_is_local: true, dst_is_local: true },
    ...{ src: "127.0.0.1", src_port: 40_000n, dst: "127.0.0.1", dst_port: 1883n },
    ...{ fe_name: "mqtt", fe_id: 1n, be_name: "blue", be_id: 5n, fc_rcvd_proxy: true },
  });
  expect([ask("be_name"), ask("be_id")]).toEqual(["absent", "absent"]);
});

it.each([
  ["127.8.9.10", true],
  ["192.0.2.1", true],
  ["192.0.2.2", false],
  ["2001:db8::1", true],
  ["2001:db8::2", false],
  // 127 is the first byte of an IPv4 address only.
  ["2001:db8::7f00:1", false],
])("src_is_local and dst_is_local of %s are %s", (address, isLocal) => {
  const endpoint = makeEndpoint(address, 1883)!;
  expect(ask("src_is_local", makeSubject({ client: endpoint }))).toBe(isLocal);
  expect(ask("dst_is_local", makeSubject({ local: endpoint }))).toBe(isLocal);
});
