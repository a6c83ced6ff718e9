import { expect, test } from "vitest";
import { at, documentOf, listenersOf } from "../../../tests/fixtures/haproxy-document.ts";

const counters = (lines: string) => {
  const { plain, said } = documentOf(lines);
  return {
    counters: at(plain, "counters"),
    said: said.filter((each) => !/timeout|bind|nowhere/.test(each)),
  };
};

test("a table that rules count in has the name of its section", () => {
  const lines =
    "  bind *:1\n  stick-table type ip size 1k expire 10s store conn_cur,conn_rate(5000)";
  expect(at(listenersOf(lines).plain, "mqtt", "counters")).toBe("mqtt");
  expect(counters(`frontend mqtt\n${lines}\n`).counters).toEqual({
    mqtt: { key: "address", size: 1024, expire: "10s", store: ["conn_cur", "conn_rate(5s)"] },
  });
});

test("a table for stickiness alone is the pool's", () => {
  const lines = "backend a\n  balance first\n  stick-table type ip size 1k\n  stick on src\n";
  expect(counters(lines).counters).toBeUndefined();
  expect(counters(lines.replace("1k", "1k store gpc0")).counters).toHaveProperty("a");
});

test("tables of a peers section have its name before their own", () => {
  const { counters: made, said } = counters(
    "peers mesh\n  table t type string size 5 store gpc0\n",
  );
  expect(made).toEqual({ "mesh.t": { key: "text", size: 5, expire: "30d", store: ["gpc0"] } });
  expect(said).toHaveLength(1);
});

test("counters that nobody counts are told, those that there are not are mistakes", () => {
  const { said } = counters(
    "frontend a\n  stick-table type ip size 5 store server_id,http_req_cnt,gpc(5),conn_rate(x)\n",
  );
  expect(said.map((each) => each.includes("notice"))).toEqual([true, true, false, false]);
});
