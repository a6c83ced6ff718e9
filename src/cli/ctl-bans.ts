// `fairlead ctl bans`: who is turned away for repeated failures, and how that is ended early.

import { AdminError, askAdmin, tellAdmin } from "./admin-client.ts";
import { type Ctl, printable, say } from "./ctl-target.ts";
import { EXIT_OK, type ExitCode } from "./exit-code.ts";
import { formatAge, formatMoment } from "./moments.ts";
import { alignColumns, atRight } from "./text-table.ts";

export interface BanOptions {
  readonly listener?: string;
  readonly by?: "address" | "network" | "client-id";
}

interface ShownBan {
  readonly listener: string;
  readonly by: string;
  readonly key: string;
  readonly failures: number;
  readonly cause: string;
  readonly until: string;
  readonly remainingSeconds: number;
}

interface ShownBans {
  /** All there are; the list may have fewer. */
  readonly total: number;
  readonly bans: readonly ShownBan[];
}

const PATH = "/api/v1/bans";

export async function ctlBans(ctl: Ctl, options: BanOptions): Promise<ExitCode> {
  const { total, bans } = await askAdmin<ShownBans>(ctl.target, PATH);
  const wanted = bans.filter((ban) => isWanted(ban, options));
  const answer = { total, bans: wanted };
  const lines = ctl.isJson ? [JSON.stringify(answer, null, 2)] : formatBans(wanted);
  for (const line of lines) ctl.printer.print(line);
  const isCut = bans.length < total;
  if (isCut && !ctl.isJson) ctl.printer.print(`${bans.length} of ${total} bans are listed`);
  return EXIT_OK;
}

function isWanted(ban: ShownBan, { listener, by }: BanOptions): boolean {
  return (listener ?? ban.listener) === ban.listener && (by ?? ban.by) === ban.by;
}

function formatBans(bans: readonly ShownBan[]): string[] {
  if (bans.length === 0) return ["nobody is banned"];
  const rows = bans.map(({ listener, by, key, failures, cause, until, remainingSeconds }) => {
    const facts = [listener, by, printable(key), failures, cause, formatMoment(until)];
    return [...facts, atRight(formatAge(remainingSeconds * 1_000))];
  });
  const headings = ["listener", "by", "key", "failures", "cause", "until", "left"];
  return alignColumns([headings, ...rows]);
}

/**
 * Lifts the bans of a key, at all listeners and by whatever it is a key of.
 * @throws AdminError 404 when nobody is banned by that key
 */
export async function ctlBanLift(ctl: Ctl, key: string, options: BanOptions): Promise<ExitCode> {
  const ofKey = `${PATH}?key=${encodeURIComponent(key)}`;
  const { bans } = await askAdmin<ShownBans>(ctl.target, ofKey);
  const own = bans.filter((ban) => isWanted(ban, options));
  if (own.length === 0) {
    const hint = "fairlead ctl bans lists who is";
    throw new AdminError(`Cannot lift the ban of "${key}": it is not banned; ${hint}`, 404);
  }
  for (const { listener, by } of own) {
    const path = `${PATH}/${[listener, by, key].map(encodeURIComponent).join("/")}`;
    const answer = await tellAdmin<{ removed: boolean }>(ctl.target, { method: "DELETE", path });
    const done = answer.removed ? "lifted" : "was over already";
    say(ctl, answer, `${printable(key)}: ban by ${by} at listener "${listener}" ${done}`);
  }
  return EXIT_OK;
}
