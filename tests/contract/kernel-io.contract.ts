// What implementations of Io on the kernel do beyond the contract of all of them: what depends on
// how the kernel tells of several things at once, and that no simulated kernel promises.
import { describe, expect, it } from "vitest";
import { END_OF_STREAM } from "../../src/io/io.ts";
import type { MakeHarness } from "./io-harness.ts";
import { acceptOne, text, withHarness } from "./io-steps.ts";

export function kernelIoContract(name: string, makeHarness: MakeHarness): void {
  describe(`${name}, on the kernel`, () => {
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
}
