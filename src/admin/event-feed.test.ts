import { afterAll, describe, expect, it } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { EventFeed, type FeedEvent } from "./event-feed.ts";

const { supervisor } = await startSupervised();
const feed = new EventFeed(supervisor);
afterAll(async () => {
  feed.stop();
  await supervisor.stop(0);
});

const action = { by: "ops", from: "127.0.0.1", action: "reload", target: "", detail: {} };

describe("EventFeed", () => {
  it("tells followers of actions and plans, and late ones of what they missed", async () => {
    const told: FeedEvent[] = [];
    const leave = feed.follow((event) => told.push(event));
    feed.tellAction(action);
    await supervisor.apply(supervisor.settings);
    feed.look();
    leave();
    feed.tellAction(action);
    expect(told).toMatchObject([
      { id: 1, type: "action", by: "ops" },
      { id: 2, type: "plan", generation: supervisor.generation },
    ]);
    const missed: number[] = [];
    feed.follow(({ id }) => missed.push(id), 1)();
    expect(missed).toEqual([2, 3]);
    expect(feed.followerCount).toBe(0);
  });

  it("keeps only the latest", () => {
    for (let i = 0; i < 1000; i++) feed.tellAction(action);
    const kept: FeedEvent[] = [];
    feed.follow((event) => kept.push(event), 0)();
    expect([kept.length, kept.at(-1)?.id]).toEqual([256, 1003]);
  });
});
