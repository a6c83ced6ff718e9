// The commands of HAProxy's socket that change something; each is told to the audit log.

import { endpointPort, formatAddress, makeEndpoint } from "../../bytes/endpoint.ts";
import { parseKey } from "../../supervisor/table-keys.ts";
import { listTables } from "../tables.ts";
import { type Command, type CommandCall, findBackendServer, Refused } from "./command.ts";
import { fromSessionId } from "./show-commands.ts";
import { listStatRows } from "./stat-rows.ts";

const WEIGHT_MAX = 256;
const RATE_MAX = 1_000_000;
const BY_COMMAND = "by 'stats socket command'";
/** HAProxy's words for what a server takes. */
const STATES = { ready: "ready", drain: "drain", maint: "maintenance" } as const;

export const CHANGE_COMMANDS: readonly Command[] = [
  {
    words: "set server",
    usage: "BACKEND/SERVER (state|weight|health|addr) VALUE",
    help: "what a server takes, counts for, is, or where it is",
    level: "admin",
    run: setServer,
  },
  {
    words: "set weight",
    usage: "BACKEND/SERVER WEIGHT[%]",
    help: "the weight of a server, or percent of the file's",
    level: "admin",
    run: (call) => setWeight(call, call.args[1]),
  },
  {
    words: "set maxconn server",
    usage: "BACKEND/SERVER N",
    help: "connections that a server gets at once",
    level: "admin",
    run: (call) => {
      const connectionsMax = wholeNumber(call.args[1], 10_000_000);
      call.actions.changeServer(call.actor, serverOf(call), { connectionsMax });
      return "";
    },
  },
  {
    words: "set rate-limit",
    usage: "(connections|sessions|ssl-sessions) global N",
    help: "clients that are let in, a second; connections and sessions are one limit; 0: none",
    level: "admin",
    run: setRateLimit,
  },
  {
    words: "set timeout cli",
    usage: "SECONDS",
    help: "answered; a connection in prompt mode stays as long as it likes",
    level: "user",
    run: () => "",
  },
  ...(["enable", "disable"] as const).flatMap((verb): Command[] => [
    {
      words: `${verb} server`,
      usage: "BACKEND/SERVER",
      help: verb === "enable" ? "takes a server out of maintenance" : "puts it into maintenance",
      level: "admin",
      run: (call) => {
        const state = verb === "enable" ? "ready" : "maintenance";
        call.actions.changeServer(call.actor, serverOf(call), { state });
        return "";
      },
    },
    {
      words: `${verb} health`,
      usage: "BACKEND/SERVER",
      help: verb === "enable" ? "checks a server again" : "checks it no more",
      level: "admin",
      run: (call) => {
        const server = serverOf(call);
        const isChecked = call.supervisor.settings.servers[server]!.check !== null;
        if (isChecked) call.actions.setChecking(call.actor, server, verb === "enable");
        else if (verb === "enable") {
          throw new Refused("Health check was not configured on this server, cannot enable.");
        }
        return "";
      },
    },
  ]),
  {
    words: "clear table",
    usage: "TABLE [key KEY]",
    help: "forgets the entries of a table, or one",
    level: "admin",
    run: clearTable,
  },
  {
    words: "clear counters",
    usage: "",
    help: "begins the highest values anew",
    level: "operator",
    run: (call) => clearCounters(call, false),
  },
  {
    words: "clear counters all",
    usage: "",
    help: "begins all that is counted here anew; /metrics goes on",
    level: "admin",
    run: (call) => clearCounters(call, true),
  },
  {
    words: "shutdown session",
    usage: "ID",
    help: "ends a connection",
    level: "admin",
    run: ({ actions, actor, args }) => {
      if (actions.endConnection(actor, fromSessionId(args[0] ?? ""))) return "";
      throw new Refused("No such session (use 'show sess').");
    },
  },
  {
    words: "shutdown sessions server",
    usage: "BACKEND/SERVER",
    help: "ends every connection to a server",
    level: "admin",
    run: (call) => {
      call.actions.endServerConnections(call.actor, serverOf(call));
      return "";
    },
  },
];

function serverOf({ supervisor, args }: CommandCall): number {
  return findBackendServer(supervisor, args[0]);
}

function setServer(call: CommandCall): string | Promise<string> {
  const { args, actions, actor } = call;
  const [, what, value = ""] = args;
  const server = serverOf(call);
  switch (what) {
    case "state": {
      const state = STATES[value as keyof typeof STATES];
      if (state === undefined) {
        throw new Refused("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
      }
      actions.changeServer(actor, server, { state });
      return "";
    }
    case "weight":
      return setWeight(call, value);
    case "health":
      return setHealth(call, server, value);
    case "addr":
      return setAddress(call, server);
    default:
      throw new Refused("'set server <srv>' only supports 'state', 'weight', 'health', 'addr'.");
  }
}

/** HAProxy's words for rates of the process. */
const RATES = new Map([
  ["connections", "accepts"],
  ["sessions", "accepts"],
  ["ssl-sessions", "tlsAccepts"],
] as const);

async function setRateLimit({ args, actions, actor }: CommandCall): Promise<string> {
  const [what = "", scope, value = ""] = args;
  const key = (RATES as ReadonlyMap<string, "accepts" | "tlsAccepts">).get(what);
  if (key === undefined || scope !== "global") {
    const words = [...RATES.keys()].map((each) => `'${each} global'`);
    throw new Refused(`'set rate-limit' only supports ${words.join(", ")}.`);
  }
  if (value === "") throw new Refused("Expects an integer value.");
  await actions.setRate(actor, key, wholeNumber(value, RATE_MAX));
  return "";
}

function setWeight(call: CommandCall, text = ""): string {
  const { supervisor, actions, actor } = call;
  const server = serverOf(call);
  const [, digits, percent] = /^(\d{1,5})(%?)$/.exec(text) ?? [];
  if (digits === undefined) throw new Refused("Require <weight> or <weight%>.");
  const initial = supervisor.settings.servers[server]!.weight;
  const weight = percent === "%" ? Math.round((initial * Number(digits)) / 100) : Number(digits);
  if (weight > WEIGHT_MAX) {
    throw new Refused("Absolute weight can only be between 0 and 256 inclusive.");
  }
  actions.changeServer(actor, server, { weight });
  return "";
}

function setHealth({ actions, actor }: CommandCall, server: number, value: string): string {
  if (value === "stopping") {
    actions.changeServer(actor, server, { state: "drain" });
    return "";
  }
  if (value !== "up" && value !== "down") {
    throw new Refused("'set server <srv> health' expects 'up', 'stopping', or 'down'.");
  }
  if (actions.setHealth(actor, server, value === "up")) return "";
  throw new Refused("health checks are not enabled on this server.");
}

async function setAddress({ supervisor, args, actions, actor }: CommandCall, server: number) {
  const [, , address = "", word, digits] = args;
  const { endpoint: before } = supervisor.settings.servers[server]!;
  if (address === "") {
    throw new Refused("set server <b>/<s> addr requires an address and optionally a port.");
  }
  const portBefore = endpointPort(before, 0);
  const port = word === "port" ? wholeNumber(digits, 65_535) : portBefore;
  const endpoint = makeEndpoint(address, port);
  if (endpoint === null) throw new Refused(`Invalid addr '${address}' ${BY_COMMAND}`);
  const [from, to] = [formatAddress(before, 0), formatAddress(endpoint, 0)];
  const changes = [
    from === to ? "no need to change the addr" : `IP changed from '${from}' to '${to}'`,
    ...(word === "port" ? [describePort(portBefore, port)] : []),
  ];
  if (from !== to || port !== portBefore) {
    const text = to.includes(":") ? `[${to}]:${port}` : `${to}:${port}`;
    await actions.moveServer(actor, server, { address: text, endpoint });
  }
  return `${changes.join(", ")} ${BY_COMMAND}\n`;
}

function describePort(before: number, now: number): string {
  if (before === now) return "no need to change the port";
  return `port changed from '${before}' to '${now}'`;
}

function clearCounters({ supervisor, actions, actor, rates }: CommandCall, all: boolean): string {
  actions.clearPeaks(actor, all);
  rates.forgetMost();
  if (all) rates.cleared.clear(listStatRows(supervisor, rates));
  return "";
}

function clearTable({ supervisor, actions, actor, args }: CommandCall): string {
  const [name, word, key] = args;
  const table = listTables(supervisor).find((each) => each.name === name);
  if (table === undefined) throw new Refused("No such table");
  if (word === undefined) {
    actions.clearTable(actor, table);
    return "";
  }
  if (word !== "key" || key === undefined) throw new Refused("Only 'key KEY' may follow.");
  if (actions.forgetEntry(actor, table, parseKey(table, key), key)) return "";
  throw new Refused("Entry not found.");
}

function wholeNumber(text = "", max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw new Refused(`Require a number from 0 to ${max}.`);
}
