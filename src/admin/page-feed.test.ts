import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { type FeedOutlet, PageFeed, READERS_MAX } from "./page-feed.ts";

const { supervisor } = await startSupervised();

afterAll(() => supervisor.stop(0));

let feed: PageFeed;

beforeEach(() => {
  vi.useFakeTimers();
  feed = new PageFeed(supervisor);
});

afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

class Outlet implements FeedOutlet {
  writableNeedDrain = false;
  readonly texts: string[] = [];
  isEnded = false;

  write(text: string): void {
    this.texts.push(text);
  }

  end(): void {
    this.isEnded = true;
  }
}

it("sends a state at once, and one each second until the reader leaves", () => {
  const outlet = new Outlet();
  const leave = feed.add(outlet);
  vi.advanceTimersByTime(2_000);
  expect(outlet.texts).toHaveLength(3);
  expect(outlet.texts[0]).toContain("retry: 2000\nevent: state\ndata: {");
  leave();
  vi.advanceTimersByTime(2_000);
  expect(outlet.texts).toHaveLength(3);
});

it("leaves out who has not read, and queues nothing for it", () => {
  const [slow, fast] = [new Outlet(), new Outlet()];
  feed.add(slow);
  feed.add(fast);
  slow.writableNeedDrain = true;
  vi.advanceTimersByTime(5_000);
  slow.writableNeedDrain = false;
  vi.advanceTimersByTime(1_000);
  expect([slow.texts.length, fast.texts.length]).toEqual([2, 7]);
  expect(slow.texts.at(-1)).toBe(fast.texts.at(-1));
});

it("takes samples though nobody watches", () => {
  const { sample } = feed.charts();
  vi.advanceTimersByTime(9_000);
  expect(feed.charts().sample - sample).toBe(3);
});

it("has charts of everybody, with the lines that are drawn", () => {
  const { subjects, samplesMax } = feed.charts();
  expect(Object.keys(subjects["server brokers/a"]!).sort()).toEqual(["connections", "connects"]);
  expect(samplesMax).toBe(300);
});

it("is full at some point, and ends every stream when it stops", () => {
  const outlets = Array.from({ length: READERS_MAX }, () => new Outlet());
  for (const outlet of outlets) feed.add(outlet);
  expect(feed.isFull).toBe(true);
  feed.stop();
  expect(outlets.every(({ isEnded }) => isEnded)).toBe(true);
});
