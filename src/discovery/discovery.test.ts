import { describe, expect, it } from "vitest";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import type { DiscoverySettings, ResolverSettings } from "../config/discovery-settings.ts";
import { Discovery } from "./discovery.ts";
import type { DnsAnswer, DnsClient } from "./dns-answer.ts";

const RESOLVER: ResolverSettings = {
  name: "internal",
  nameServers: [],
  intervalMs: 1000,
  retryMs: 100,
  triesMax: 1,
  hold: { obsoleteMs: 0, failureMs: { nx: 0, refused: 0, timeout: 5000, other: 0 } },
};

const NAME: DiscoverySettings = {
  resolver: 0,
  host: "brokers.example",
  prefer: "ipv4",
  slotCount: 2,
};

function found(...addresses: string[]): DnsAnswer {
  const records = addresses.map((address) => ({ address, port: null, weight: null }));
  return { records, failure: null };
}

const SILENT: DnsAnswer = { records: null, failure: "timeout", sentence: "no name server answers" };

function make() {
  const clock = new ManualClock();
  const told = { changes: 0, failures: [] as (string | null)[], overflows: [] as number[] };
  const dns = { answer: found("10.0.0.1"), asked: [] as string[], open: 0 };
  const makeClient = (): DnsClient => {
    dns.open++;
    const ask = ({ name }: { readonly name: string }) => {
      dns.asked.push(name);
      return Promise.resolve(dns.answer);
    };
    return { ask, close: () => void dns.open-- };
  };
  const discovery = new Discovery({
    clock,
    makeClient,
    onChange: () => told.changes++,
    onFailure: (_host, sentence) => told.failures.push(sentence),
    onOverflow: (_host, count) => told.overflows.push(count),
  });
  const places = () => [0, 1].map((slot) => discovery.placeOf(0, slot)?.address ?? null);
  return { clock, told, dns, discovery, places };
}

const wanted = (...discoveries: DiscoverySettings[]) => ({ resolvers: [RESOLVER], discoveries });

describe("Discovery", () => {
  it("knows places when the first answer is there, and asks again and again", async () => {
    const { clock, dns, discovery, places, told } = make();
    await discovery.use(wanted(NAME));
    expect(places()).toEqual(["10.0.0.1", null]);
    dns.answer = found("10.0.0.2", "10.0.0.1");
    await clock.advanceTo(1100);
    expect([places(), told.changes]).toEqual([["10.0.0.1", "10.0.0.2"], 2]);
    await clock.advanceTo(5000);
    expect([dns.asked.length, told.changes]).toEqual([6, 2]);
  });

  it("holds the last answer for a while, then has nobody; tells a failure once", async () => {
    const { clock, dns, discovery, places, told } = make();
    await discovery.use(wanted(NAME));
    dns.answer = SILENT;
    await clock.advanceTo(5000);
    expect(places()).toEqual(["10.0.0.1", null]);
    await clock.advanceTo(6100);
    expect([places(), told.changes]).toEqual([[null, null], 2]);
    dns.answer = found("10.0.0.9");
    await clock.advanceTo(7100);
    expect(places()).toEqual(["10.0.0.9", null]);
    expect(told.failures).toEqual([SILENT.failure === null ? "" : SILENT.sentence, null]);
  });

  it("tells changes that come together once, and how many have no slot", async () => {
    const { clock, dns, discovery, told } = make();
    dns.answer = found("10.0.0.1", "10.0.0.2", "10.0.0.3");
    await discovery.use(wanted(NAME, { ...NAME, host: "others.example", slotCount: 1 }));
    await clock.advanceTo(100);
    expect([told.changes, told.overflows]).toEqual([1, [1, 2]]);
  });

  it("keeps what is watched already through other settings, and ends what is not", async () => {
    const { clock, dns, discovery } = make();
    await discovery.use(wanted(NAME, { ...NAME, host: "others.example" }));
    dns.answer = found("10.0.0.9");
    await discovery.use(wanted({ ...NAME, host: "new.example" }, NAME));
    expect([discovery.placeOf(0, 0)?.address, discovery.placeOf(1, 0)?.address]).toEqual([
      "10.0.0.9",
      "10.0.0.1",
    ]);
    expect([dns.asked.length, dns.open]).toEqual([3, 2]);
    discovery.stop();
    await clock.advanceTo(9000);
    expect([dns.asked.length, dns.open, clock.timerCount]).toEqual([3, 0, 0]);
  });

  it("does not go on with an answer that comes after the end", async () => {
    const { clock, discovery, told } = make();
    const starting = discovery.use(wanted(NAME));
    discovery.stop();
    await starting;
    await clock.advanceTo(2000);
    expect([told.changes, clock.timerCount]).toEqual([0, 0]);
  });
});
