import { expect, it } from "vitest";
import { holding, makeSubject } from "../../tests/fixtures/rule-subject.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { PREDEFINED_ACLS } from "./predefined-acls.ts";

it("the predefined acls are there and mean what HAProxy says", () => {
  expect([...PREDEFINED_ACLS.keys()]).toEqual([
    ...["TRUE", "FALSE", "LOCALHOST", "WAIT_END", "REQ_CONTENT"],
  ]);
  expect([...PREDEFINED_ACLS.values()].map((tests) => tests.length)).toEqual([1, 1, 1, 1, 1]);
  const far = makeSubject({ client: makeEndpoint("192.0.2.1", 1)!, payloadMayGrow: false });
  const here = makeSubject();
  const both = (acl: string) => [holding(acl, here), holding(acl, far)];
  expect(both("TRUE")).toEqual(["holds", "holds"]);
  expect(both("FALSE")).toEqual(["fails", "fails"]);
  expect(both("LOCALHOST")).toEqual(["holds", "fails"]);
  expect(both("WAIT_END")).toEqual(["undecided", "holds"]);
  expect(both("REQ_CONTENT")).toEqual(["undecided", "fails"]);
});
