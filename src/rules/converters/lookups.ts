// Converters that look a value up: in counter tables, in maps of the plan, in variables; and those
// of nginx: `map`, `geo` and `split_clients`. Pure.

import { isIpv4Mapped } from "../../bytes/endpoint.ts";
import { variablesFor } from "../call.ts";
import { type ConverterRow, converterRows } from "../catalogue-row.ts";
import { COUNTER_READINGS } from "../counter-readings.ts";
import { keyOf } from "../key.ts";
import {
  compileGeo,
  compileMap,
  compileNginxMap,
  compileSplit,
  type MapLookup,
} from "../map-lookup.ts";
import type { MatchMethod } from "../match-method.ts";
import { applyMask, parseMask, parseNetwork } from "../network.ts";
import {
  ABSENT,
  type Answer,
  addressValue,
  booleanValue,
  cast,
  integerValue,
  leadingInteger,
  textValue,
  type Value,
  type ValueType,
} from "../value.ts";

type Draft = Omit<ConverterRow, "name" | "args"> & { readonly args?: string };

export const LOOKUP_CONVERTERS: readonly ConverterRow[] = converterRows({
  ...tableRows(),
  ...mapRows(),
  in_table: {
    args: "table:table",
    ...{ input: "any", output: "boolean", doc: "whether a table knows the value" },
    compile: (call) => {
      const table = call.table(0);
      return (value, subject) => {
        const key = keyOf(value, table.keyType);
        const store = subject.tables[table.number]!;
        return booleanValue(key !== null && store.has(key, subject.nowMs));
      };
    },
  },
  nginx_map: {
    args: "list:list",
    ...{ input: "text", output: "text", doc: "nginx's `map`: the value that a row leads to" },
    compile: (call) => asText(compileNginxMap(call.entries())),
  },
  split_clients: {
    args: "list:list",
    ...{ input: "text", output: "text", doc: "nginx's `split_clients`: a share of all texts" },
    compile: (call) => asText(compileSplit(call.entries())),
  },
  geo: {
    args: "list:list",
    ...{ input: "address", output: "text", doc: "nginx's `geo`: what the narrowest network holds" },
    compile: (call) => asText(compileGeo(call.entries())),
  },
  ipmask: {
    args: "ipv4:mask4 ipv6:mask6?",
    ...{ input: "address", output: "address", doc: "the network of an address" },
    compile: (call) => {
      const ipv4 = parseMask(call.plan.args[0] ?? "", true);
      const ipv6 = call.has(1) ? parseMask(call.plan.args[1] ?? "", false) : null;
      return (value) => {
        if (value.type !== "address") return ABSENT;
        const mask = isIpv4Mapped(value.address, 0) ? ipv4 : ipv6;
        return mask === null ? ABSENT : addressValue(applyMask(value.address, 0, mask), 0);
      };
    },
  },
  "set-var": {
    args: "name:variable",
    ...{ input: "any", output: "same", doc: "the same, and keeps it in a variable" },
    compile: (call) => {
      const name = call.plan.args[0] ?? "";
      return (value, subject) => {
        variablesFor(subject, name).set(name, value);
        return value;
      };
    },
  },
  "unset-var": {
    args: "name:variable",
    ...{ input: "any", output: "same", doc: "the same, and forgets a variable" },
    compile: (call) => {
      const name = call.plan.args[0] ?? "";
      return (value, subject) => {
        variablesFor(subject, name).unset(name);
        return value;
      };
    },
  },
});

function asText(lookup: MapLookup) {
  return (value: Value): Answer => {
    const found = lookup(value);
    return found === null ? ABSENT : textValue(found);
  };
}

// HAProxy's converters only read; `table_gpc0` has no `get_` before it.
function tableRows(): Record<string, Draft> {
  const rows: Record<string, Draft> = {};
  for (const [reading, row] of Object.entries(COUNTER_READINGS)) {
    if (row.changes) continue;
    rows[`table_${reading.replace("get_", "")}`] = {
      args: "table:table",
      ...{ input: "any", output: "integer", doc: `${row.doc}, of this value` },
      compile: (call) => {
        const table = call.table(0);
        return (value, subject) => {
          const key = keyOf(value, table.keyType);
          if (key === null) return ABSENT;
          const count = row.ofKey(subject.tables[table.number]!, key, subject.nowMs);
          return count < 0 ? ABSENT : integerValue(Math.floor(count / 2 ** (row.shift ?? 0)));
        };
      },
    };
  }
  return rows;
}

// `map_beg_int`: how it matches, and what comes out.
function mapRows(): Record<string, Draft> {
  const rows: Record<string, Draft> = {};
  for (const method of ["str", "beg", "end", "sub", "dir", "dom", "reg", "int", "ip"] as const) {
    rows[`map_${method}`] = mapRow(method, "text");
    rows[`map_${method}_int`] = mapRow(method, "integer");
    rows[`map_${method}_ip`] = mapRow(method, "address");
  }
  return { ...rows, map: mapRow("str", "text"), map_regm: mapRow("reg", "text", true) };
}

function mapRow(method: MatchMethod, output: ValueType, isTemplate = false): Draft {
  const input = method === "int" ? "integer" : method === "ip" ? "address" : "text";
  return {
    args: "list:list default:text?",
    ...{ input, output, doc: `what a map holds for it, matched by \`${method}\`` },
    compile: (call) => {
      const lookup = compileMap(call.entries(), method, isTemplate);
      const otherwise = call.has(1) ? call.text(1) : null;
      return (value) => {
        const found = lookup(value) ?? otherwise;
        return found === null ? ABSENT : outputValue(found, output);
      };
    },
    problem: ([, otherwise]) => defaultProblem(otherwise ?? null, output),
  };
}

function outputValue(text: string, output: ValueType): Answer {
  if (output === "integer") return integerValue(leadingInteger(text));
  return output === "address" ? cast(textValue(text), "address") : textValue(text);
}

function defaultProblem(text: string | null, output: ValueType): string | null {
  if (text === null || output === "text") return null;
  if (output === "integer") return /^[+-]?\d+$/.test(text) ? null : "the default is not a number";
  return parseNetwork(text) === null ? "the default is not an address" : null;
}
