import { expect, it } from "vitest";
import { counterNumber } from "../rules/counter-fields.ts";
import { BYTES, layoutOf, PLAIN, RATE } from "./counter-layout.ts";

it("layoutOf gives each stored counter its words and the others none", () => {
  const layout = layoutOf([
    { field: "conn_cur", periodMs: 0 },
    { field: "bytes_in_cnt", periodMs: 0 },
    { field: "conn_rate", periodMs: 3000 },
    { field: "gpc0", periodMs: 0 },
  ]);
  const of = (field: Parameters<typeof counterNumber>[0]) => {
    const number = counterNumber(field);
    return [layout.offsets[number], layout.kinds[number], layout.periodsMs[number]];
  };
  expect([of("conn_cur"), of("bytes_in_cnt"), of("conn_rate"), of("gpc0"), of("gpc1")]).toEqual([
    ...[
      [0, PLAIN, 0],
      [1, BYTES, 0],
      [3, RATE, 3000],
      [6, PLAIN, 0],
      [-1, PLAIN, 0],
    ],
  ]);
  expect(layout.entryWords).toBe(7);
  expect(layout.rates[counterNumber("conn_cnt")]).toBe(counterNumber("conn_rate"));
  expect(layout.rates[counterNumber("gpt0")]).toBe(-1);
});

it("layoutOf wants each counter once, and a period for a rate", () => {
  const gpc0 = { field: "gpc0", periodMs: 0 } as const;
  expect(() => layoutOf([gpc0, gpc0])).toThrow("once");
  expect(() => layoutOf([{ field: "conn_rate", periodMs: 0 }])).toThrow("a rate has a period");
});
