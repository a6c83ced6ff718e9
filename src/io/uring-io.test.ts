import { expect, it } from "vitest";
import { ioContract } from "../../tests/contract/io.contract.ts";
import { acceptOne, text, withHarness } from "../../tests/contract/io-steps.ts";
import { kernelHarness } from "../../tests/contract/kernel-harness.ts";
import { kernelIoContract } from "../../tests/contract/kernel-io.contract.ts";
import { UringIo } from "./uring-io.ts";

/** What a record of TLS 1.2 with AES-GCM, the longest of the usual ones, adds to a piece. */
const RECORD_OVERHEAD = 29;

const makeHarness = kernelHarness((handler, options) => new UringIo(handler, options));

ioContract("UringIo", makeHarness);
kernelIoContract("UringIo", makeHarness);

it("UringIo has room for a TLS record in the place of a piece, whatever its length", () =>
  withHarness(makeHarness, async (h) => {
    const rooms: number[] = [];
    const { peer } = await acceptOne(h);
    h.handler.react = ({ kind, result }) => {
      if (kind === "receive") rooms.push(h.io.roomAt(h.handler.receivedOffset, result) - result);
    };
    peer.write(text("short"));
    await h.run(() => rooms.length === 1);
    peer.write(Buffer.alloc(2048));
    await h.run(() => rooms.length === 2);
    for (const room of rooms) expect(room).toBeGreaterThanOrEqual(RECORD_OVERHEAD);
  }));
