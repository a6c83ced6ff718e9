import { expect, it } from "vitest";
import { TYPE } from "./columns.ts";
import { writeJsonInfo, writeTypedInfo, writeTypedStats } from "./typed-values.ts";

const row = { pxname: "p", svname: "b1", iid: 3, sid: 1, act: 1, rate: 7 };

it("writeTypedStats numbers values by their place, and knows a backend's for sums", () => {
  const server = writeTypedStats([{ ...row, type: TYPE.server }]).split("\n");
  expect(server).toContain("S.3.1.19.act.1:SGP:u32:1");
  expect(server).toContain("S.3.1.33.rate.1:MRP:u32:7");
  const backend = writeTypedStats([{ ...row, type: TYPE.backend }]).split("\n");
  expect(backend).toContain("B.3.1.19.act.1:MGP:u32:1");
  expect(backend).toContain("B.3.1.33.rate.1:MGP:u32:7");
});

it("info keeps its places, and leaves out what has no kind", () => {
  const facts = { Name: "Fairlead", Unheard_of: 1, Pid: 7 };
  expect(writeTypedInfo(facts)).toBe("0.Name.1:POS:str:Fairlead\n2.Pid.1:SGP:u32:7\n");
  expect(JSON.parse(writeJsonInfo(facts))[1]).toEqual({
    field: { pos: 2, name: "Pid" },
    processNum: 1,
    tags: { origin: "Status", nature: "Gauge", scope: "Process" },
    value: { type: "u32", value: 7 },
  });
});
