// `log` lines and what sections say of their lines, as outlets of our log (HAProxy's manual, 3.1,
// 4.2 and 8): each target gets one outlet for all sections that log there in the same way.
//
// What happens to Fairlead itself goes to every target, and to standard output.

import { type Draft, DraftMap, list, scalar } from "../import/draft.ts";
import { signatureOf } from "../import/hoist.ts";
import { type Emission, hasKey } from "./emission.ts";
import { readLogFormat } from "./log-variables.ts";
import { type Given, isOn, listOf, type ProxySection, setting } from "./model.ts";
import { type LogTarget, readLog } from "./read-log.ts";

/** What HAProxy writes of a connection where no format is chosen. */
const PLAIN_FORMAT = "Connect from %ci:%cp to %fi:%fp (%f/TCP)";

/** @param listenersOf the names of the listeners that were made of each section */
export function emitLog(emission: Emission, document: DraftMap, listenersOf: ListenersOf): void {
  const { model } = emission;
  const logging = [...listenersOf.keys()].filter((proxy) => listOf(proxy, "log").length > 0);
  // What nobody said stands beside the first name there is: comments belong to what was written.
  const at = model.proxies.find(({ name }) => name !== null)?.name?.at ?? model.global.at;
  const targets = new Map<Given, LogTarget | null>();
  const targetOf = (given: Given): LogTarget | null => {
    if (!targets.has(given)) targets.set(given, readLog(given, emission.report));
    return targets.get(given)!;
  };
  const global = listOf(model.global, "log");
  for (const given of global) targetOf(given);
  const uses = logging.flatMap((proxy) => usesOf(proxy, global, targetOf));
  const log = document.child("log", { at: global[0]?.keyword[0]?.at ?? at });
  const used = new Set(uses.map(({ target }) => target));
  const idle = [...targets.values()].filter((target) => target !== null && !used.has(target));
  if (uses.length === 0) log.put("access", false, { at });
  if (targets.size === 0) return;
  if (hasKey("root", "log.outlets")) {
    const silent = idle.map((target) => idleOutlet(emission, target!));
    const outlets = [...outletsOf(emission, uses, listenersOf), ...silent];
    if (!outlets.some(isStandardOutput)) outlets.push(ownOutlet(at));
    log.set("outlets", list(outlets, outlets[0]!));
  } else warnOfNowhere(emission, [...targets.values()]);
}

type ListenersOf = ReadonlyMap<ProxySection, readonly string[]>;

interface Use {
  readonly proxy: ProxySection;
  readonly target: LogTarget;
}

/** `log global` stands for every target of the global section. */
function usesOf(
  proxy: ProxySection,
  global: readonly Given[],
  targetOf: (given: Given) => LogTarget | null,
): readonly Use[] {
  const given = listOf(proxy, "log").flatMap((line) =>
    line.args[0]!.text === "global" ? global : [line],
  );
  return [...new Set(given)].flatMap((line) => {
    const target = targetOf(line);
    return target === null ? [] : [{ proxy, target }];
  });
}

/** An outlet for all listeners there are names none of them. */
function outletsOf(emission: Emission, uses: readonly Use[], listenersOf: ListenersOf): DraftMap[] {
  const groups = new Map<string, { outlet: DraftMap; access: DraftMap; names: Draft[] }>();
  // Of a section that logs to several targets it is read once, and so is what is wrong in it.
  const formats = new Map(
    [...new Set(uses.map(({ proxy }) => proxy))].map((proxy) => {
      const given = setting(proxy, "log-format");
      return [proxy, given === null ? null : readLogFormat(emission, proxy, given)];
    }),
  );
  for (const { proxy, target } of uses) {
    const outlet = outletOf(emission, target);
    emitFormat(outlet, proxy, formats.get(proxy)!);
    const access = accessOf(proxy, target);
    const signature = `${signatureOf(outlet)} ${signatureOf(access)}`;
    const group = groups.get(signature) ?? { outlet, access, names: [] };
    for (const name of listenersOf.get(proxy)!) group.names.push(scalar(name, proxy.name!));
    groups.set(signature, group);
  }
  const total = [...listenersOf.values()].reduce((sum, names) => sum + names.length, 0);
  return [...groups.values()].map(({ outlet, access, names }) => {
    if (names.length > 0 && names.length < total) access.set("listeners", list(names, names[0]!));
    if (!access.isEmpty) outlet.set("access", access);
    return outlet;
  });
}

function outletOf({ model }: Emission, target: LogTarget): DraftMap {
  const outlet = new DraftMap({ at: target.given.keyword[0]!.at });
  outlet.put("to", target.to, target.address);
  // HAProxy names its machine only where it is asked to; its defaults are not ours.
  const own = model.global.settings.has("log-send-hostname") ? "rfc3164" : "local";
  outlet.put("header", target.header?.text ?? own, target.header ?? outlet);
  outlet.set("facility", scalar(target.facility.text, target.facility));
  if (target.level !== null) outlet.set("level", scalar(target.level.text, target.level));
  if (target.levelCap !== null)
    outlet.set("levelCap", scalar(target.levelCap.text, target.levelCap));
  if (target.to !== "stdout") outlet.put("length", target.length, target.lengthWord ?? outlet);
  const tag = setting(model.global, "log-tag")?.args[0];
  if (tag !== undefined) outlet.set("tag", scalar(tag.text, tag));
  else if (target.to !== "stdout") outlet.put("tag", "haproxy", outlet);
  const host = setting(model.global, "log-send-hostname")?.args[0];
  if (host !== undefined) outlet.set("host", scalar(host.text, host));
  return outlet;
}

function emitFormat(outlet: DraftMap, proxy: ProxySection, template: Draft | null): void {
  if (template !== null) {
    outlet.put("format", "haproxy", setting(proxy, "log-format")!.keyword[0]!);
    outlet.set("template", template);
    return;
  }
  const tcplog = setting(proxy, "option tcplog") ?? setting(proxy, "option httplog");
  if (tcplog !== null && !tcplog.isOff) outlet.put("format", "tcplog", tcplog.keyword[0]!);
  else {
    outlet.put("format", "haproxy", outlet);
    outlet.put("template", PLAIN_FORMAT, outlet);
  }
}

function accessOf(proxy: ProxySection, { sample }: LogTarget): DraftMap {
  const access = new DraftMap({ at: proxy.at });
  const put = (name: string, key: string, value: string | boolean): void => {
    if (isOn(proxy, name)) access.put(key, value, setting(proxy, name)!.keyword[0]!);
  };
  put("option dontlognull", "empty", false);
  put("option dontlog-normal", "only", "faults");
  put("option log-separate-errors", "faultLevel", "err");
  if (sample !== null) access.put("sample", sample.every, sample.word);
  return access;
}

/** A target that no section logs to still hears of what happens to Fairlead itself. */
function idleOutlet(emission: Emission, target: LogTarget): DraftMap {
  const outlet = outletOf(emission, target);
  outlet.put("format", "tcplog", outlet);
  outlet.put("access", false, outlet);
  return outlet;
}

/** HAProxy tells its terminal what happens to itself, and so do we. */
function ownOutlet(at: DraftMap["at"]): DraftMap {
  const outlet = new DraftMap({ at });
  outlet.put("to", "stdout", { at });
  outlet.put("access", false, { at });
  return outlet;
}

function isStandardOutput(outlet: DraftMap): boolean {
  const to = outlet.entries.get("to")?.node;
  return to?.kind === "scalar" && to.value === "stdout";
}

function warnOfNowhere({ report }: Emission, targets: readonly (LogTarget | null)[]): void {
  for (const target of targets) {
    if (target === null || target.to === "stdout") continue;
    const message = `nothing is sent to ${target.address.text}: lines go to standard output`;
    report.warning(target.address, message, "a service manager or container that keeps them");
  }
}
