// What implementations of Io on the kernel do beyond the contract of all of them: what depends on
// how the kernel tells of several things at once, and that no simulated kernel promises.
import { describe, expect, it } from "vitest";
import { END_OF_STREAM } from "../../src/io/io.ts";
import type { MakeHarness, Peer } from "./io-harness.ts";
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

    it("leaves all but a few in the backlog of a listener that is paused, if asked to", () =>
      withHarness(makeHarness, async (h) => {
        const { handler, io } = h;
        io.acceptFew(0, true);
        const listener = await h.listen(0);
        handler.react = ({ kind }) => {
          if (kind === "accepted") io.pauseAccepting(0);
        };
        const peers: Peer[] = [];
        for (let i = 0; i < 60; i++) peers.push(await listener.connect());
        await h.settle();
        expect(handler.count("accepted")).toBe(1);
        // Who was taken out of the backlog and not announced is closed; who is there stays.
        io.unlisten(0);
        await h.settle();
        await h.letPeersRun();
        const gone = peers.filter(({ ended, failure }) => ended || failure !== null);
        expect(gone.length).toBeLessThan(8);
      }));
  });
}
