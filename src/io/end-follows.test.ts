import { describe, expect, it } from "vitest";
import { acceptOne, text, withHarness } from "../../tests/contract/io-steps.ts";
import { kernelHarness } from "../../tests/contract/kernel-harness.ts";
import { EpollIo } from "./epoll-io.ts";
import { END_OF_STREAM } from "./io.ts";
import { UringIo } from "./uring-io.ts";

const REACTORS = [
  ["EpollIo", kernelHarness((handler, options) => new EpollIo(handler, options))],
  ["UringIo", kernelHarness((handler, options) => new UringIo(handler, options))],
] as const;

describe.each(REACTORS)("%s", (_name, makeHarness) => {
  it("foretells the end that came with the last bytes", () =>
    withHarness(makeHarness, async (h) => {
      const { handler, io } = h;
      const { peer } = await acceptOne(h);
      const told: boolean[] = [];
      handler.react = ({ kind, result }) => {
        if (kind === "receive") told.push(result === END_OF_STREAM || io.endFollows);
      };
      peer.write(text("first"));
      await h.run(() => told.length === 1);
      peer.write(text("last"));
      peer.finish();
      await h.letPeersRun();
      await h.run(() => told.length === 3);
      expect(told).toEqual([false, true, true]);
    }));
});
