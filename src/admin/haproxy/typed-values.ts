// HAProxy's statistics with the kind of each value beside it, as `show stat typed | json` and
// `show info typed | json` write them: where a value comes from, what it is, whose it is, its type.
//
//   F.2.0.4.scur.1:MGP:u32:7    object . proxy . id . place . name . process : tags : type : value
//
// The tags are those of HAProxy 2.6; a name without a row here is left out. Pure.

import { COLUMNS, type Column, type StatRow, TYPE } from "./columns.ts";

/** Three letters and a type: `MGP:u32`. */
type Tags = `${string}:${"str" | "u32" | "u64"}`;

const BY_TAGS: Readonly<Record<Tags, string>> = {
  "KNS:str": "pxname svname",
  "KGS:u32": "iid sid",
  "KGP:u32": "pid",
  "MGP:u32": "qcur scur srv_icur used_conn_cur",
  "MMP:u32": "qmax smax rate_max conn_rate_max",
  "MRP:u32": "rate conn_rate",
  "MaP:u32": "weight ctime uweight",
  "MAP:u32": "lastchg",
  "CLP:u32": "slim rate_lim qlimit",
  "SGP:str": "status",
  "SGP:u32": "act bck",
  "MCP:u32": "downtime",
  "MCP:u64":
    "stot bin bout dreq dresp ereq econ eresp wretr wredis chkfail chkdown lbtot cli_abrt " +
    "srv_abrt conn_tot dcon dses connect",
  "CGS:u32": "type check_rise check_fall check_health",
  "CGS:str": "addr mode algo",
  "MOP:str": "check_status last_chk check_desc",
  "MOP:u32": "check_code",
  "MDP:u64": "check_duration",
  "MGS:u32": "throttle",
};

/** Of a backend these sum up its servers. */
const BACKEND_TAGS: Readonly<Record<string, Tags>> = {
  act: "MGP:u32",
  bck: "MGP:u32",
  rate: "MGP:u32",
  rate_max: "MGP:u32",
};

const INFO_BY_TAGS: Readonly<Record<Tags, string>> = {
  "POS:str": "Name Version Release_date",
  "CGS:u32": "Nbthread Nbproc",
  "KGP:u32": "Process_num",
  "SGP:u32": "Pid",
  "MDP:str": "Uptime",
  "MDP:u32": "Uptime_sec",
  "CLP:u32":
    "Memmax_MB Ulimit-n Maxsock Maxconn Hard_maxconn Maxpipes ConnRateLimit SessRateLimit " +
    "SslRateLimit",
  "MCP:u32": "PoolFailed CumConns CumReq CumSslConns",
  "MRP:u32": "ConnRate SessRate MaxSessRate SslRate",
  "MMP:u32": "MaxConnRate MaxSslRate",
  "MGP:u32":
    "PoolAlloc_MB PoolUsed_MB CurrConns CurrSslConns PipesUsed PipesFree Tasks Run_queue " +
    "Stopping Jobs Listeners",
  "MaP:u32": "Idle_pct",
  "COS:str": "node",
  "MGP:u64": "TotalBytesOut",
};

const STAT_TAGS = tagsByName(BY_TAGS);
const INFO_TAGS = tagsByName(INFO_BY_TAGS);

const ORIGINS: Readonly<Record<string, string>> = {
  M: "Metric",
  S: "Status",
  K: "Key",
  C: "Config",
  P: "Product",
};
const NATURES: Readonly<Record<string, string>> = {
  A: "Age",
  a: "Avg",
  C: "Counter",
  D: "Duration",
  G: "Gauge",
  L: "Limit",
  M: "Max",
  N: "Name",
  O: "Output",
  R: "Rate",
};
const SCOPES: Readonly<Record<string, string>> = { P: "Process", S: "Service" };
const OBJECTS = { 0: "Frontend", 1: "Backend", 2: "Server" } as const;

export function writeTypedStats(rows: readonly StatRow[]): string {
  return rows.map((row) => typedRow(row)).join("");
}

function typedRow(row: StatRow): string {
  const letter = objectOf(row)[0];
  return fieldsOf(row)
    .map(({ pos, name, tags, value }) => {
      return `${letter}.${row.iid}.${row.sid}.${pos}.${name}.1:${tags}:${value}\n`;
    })
    .join("");
}

export function writeJsonStats(rows: readonly StatRow[]): string {
  const objects = rows.map((row) =>
    fieldsOf(row).map(({ pos, name, tags, value }) => ({
      objType: objectOf(row),
      proxyId: row.iid,
      id: row.sid,
      field: { pos, name },
      ...describe(tags, value),
    })),
  );
  return `${JSON.stringify(objects)}\n`;
}

export function writeTypedInfo(facts: Readonly<Record<string, string | number>>): string {
  return infoOf(facts)
    .map(({ pos, name, tags, value }) => `${pos}.${name}.1:${tags}:${value}\n`)
    .join("");
}

export function writeJsonInfo(facts: Readonly<Record<string, string | number>>): string {
  const objects = infoOf(facts).map(({ pos, name, tags, value }) => {
    return { field: { pos, name }, ...describe(tags, value) };
  });
  return `${JSON.stringify(objects)}\n`;
}

interface Field {
  readonly pos: number;
  readonly name: string;
  readonly tags: Tags;
  readonly value: string | number;
}

function fieldsOf(row: StatRow): Field[] {
  return COLUMNS.flatMap((name: Column, pos) => {
    const value = row[name];
    const own = row.type === TYPE.backend ? BACKEND_TAGS[name] : undefined;
    const tags = own ?? STAT_TAGS.get(name);
    return value === undefined || tags === undefined ? [] : [{ pos, name, tags, value }];
  });
}

function infoOf(facts: Readonly<Record<string, string | number>>): Field[] {
  return Object.entries(facts).flatMap(([name, value], pos) => {
    const tags = INFO_TAGS.get(name);
    return tags === undefined ? [] : [{ pos, name, tags, value }];
  });
}

function describe(tags: Tags, value: string | number) {
  const [origin, nature, scope] = tags as unknown as [string, string, string];
  return {
    processNum: 1,
    tags: { origin: ORIGINS[origin], nature: NATURES[nature], scope: SCOPES[scope] },
    value: { type: tags.slice(4), value },
  };
}

function objectOf(row: StatRow): string {
  return OBJECTS[Number(row.type) as keyof typeof OBJECTS];
}

function tagsByName(table: Readonly<Record<Tags, string>>): ReadonlyMap<string, Tags> {
  const rows = Object.entries(table) as [Tags, string][];
  return new Map(rows.flatMap(([tags, names]) => names.split(" ").map((name) => [name, tags])));
}
