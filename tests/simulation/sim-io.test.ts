import { describe, expect, it } from "vitest";
import { makeEndpoint } from "../../src/bytes/endpoint.ts";
import { ioContract } from "../contract/io.contract.ts";
import { simHarness } from "../contract/sim-harness.ts";
import { Actor } from "./actor.ts";
import { Echo } from "./echo.ts";
import { Dice, drawFaults, type Faults, NO_FAULTS } from "./faults.ts";
import { SimIo } from "./sim-io.ts";
import { SimNetwork } from "./sim-network.ts";

ioContract("SimIo without faults", simHarness(1, NO_FAULTS));

/** Faults that no promise of the contract depends on. */
const ALLOWED: Faults = {
  ...NO_FAULTS,
  latencyMaxMs: 2,
  splitSegments: 0.3,
  shortReads: 0.3,
  lateCompletions: 0.4,
  reordering: 0.5,
  lateCloses: 0.5,
  deadlineLatenessMs: 16,
};

for (const seed of [2, 3, 4]) {
  const title = `SimIo with completions late, short and in any order, seed ${seed}`;
  ioContract(title, simHarness(seed, ALLOWED));
}

const LISTENER = makeEndpoint("192.0.2.1", 7)!;
const SOCKETS_MAX = 8;

function openEcho(seed: number, faults: Faults) {
  const network = new SimNetwork(new Dice(seed), faults);
  const echo = new Echo(SOCKETS_MAX);
  const io = new SimIo(network, echo, {
    socketsMax: SOCKETS_MAX,
    listenersMax: 1,
    arena: { scratchSize: 4096, transportSize: 0, addressesMax: 1, slabBytes: 32 * 16 * 1024 },
  });
  echo.io = io;
  io.listen(0, network.listen(LISTENER));
  return { network, echo, io };
}

type World = ReturnType<typeof openEcho>;

function addClient({ network }: World, index: number, size: number): Actor {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8) + index) & 0xff);
  return new Actor(network, `client ${index}`, network.connect(LISTENER, {}), {
    honest: true,
    steps: [
      { do: "write", bytes, pauseMaxMs: 3 },
      { do: "finish" },
      { do: "await-end" },
      { do: "close" },
    ],
  });
}

function runToTheEnd({ network, io }: World): void {
  while (!network.isIdle || io.leftovers().length > 0) io.turn(100);
}

describe("SimIo under an echo server", () => {
  it("brings back every byte, or breaks and says so, with any faults", () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const dice = new Dice(seed);
      const world = openEcho(seed, drawFaults(dice));
      const clients = Array.from({ length: 1 + dice.below(5) }, (_, i) => {
        return addClient(world, i, dice.below(dice.pick([10, 1_000, 20_000])));
      });
      runToTheEnd(world);
      for (const { sent, received, sawEnd, finished } of clients) {
        expect(received.bytes.equals(sent.bytes.subarray(0, received.length))).toBe(true);
        if (!sawEnd || !finished || world.echo.brokenCount > 0) continue;
        expect(received.length).toBe(sent.length);
      }
      expect(world.io.leftovers()).toEqual([]);
    }
  });

  it("brings back everything when only time and order are against it", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const world = openEcho(seed, { ...ALLOWED, shortWrites: 0.5, bufferMin: 64, bufferMax: 999 });
      const clients = [0, 1, 2].map((i) => addClient(world, i, 5_000));
      runToTheEnd(world);
      expect(clients.map(({ received }) => received.length)).toEqual([5_000, 5_000, 5_000]);
      expect(world.echo.brokenCount).toBe(0);
    }
  });
});

describe("SimIo and a caller who breaks the contract", () => {
  it("takes away what it lent as soon as the callback has returned", () => {
    const world = openEcho(1, NO_FAULTS);
    const lent: { offset: number; before: Buffer }[] = [];
    world.echo.onPiece = (_slot, offset, length) => {
      const before = Buffer.from(world.io.bytes.slice(offset, offset + length));
      lent.push({ offset, before });
    };
    addClient(world, 0, 100);
    runToTheEnd(world);
    for (const { offset, before } of lent) {
      expect(before.equals(world.io.bytes.subarray(offset, offset + before.length))).toBe(false);
    }
    expect(lent.length).toBeGreaterThan(0);
  });

  it("spoils a slab that is given back", () => {
    const { io } = openEcho(1, NO_FAULTS);
    const slab = io.pool.take();
    io.bytes[slab] = 1;
    io.pool.give(slab);
    expect(io.bytes[slab]).not.toBe(1);
  });

  it("throws at a request for a slot that is closed, closing, or in use already", () => {
    const world = openEcho(1, NO_FAULTS);
    const { io } = world;
    const address = io.keepAddress(makeEndpoint("198.51.100.1", 1)!);
    const broken = /Contract of Io broken/;
    expect(() => io.send(0, 0, 1)).toThrow(broken);
    io.connect(0, address);
    expect(() => io.connect(0, address)).toThrow(broken);
    expect(() => io.startReceiving(0)).toThrow(broken);
    io.close(0);
    expect(() => io.connect(0, address)).toThrow(broken);
    expect(() => io.finish(0)).toThrow(broken);
    expect(() => io.setDeadline(0, 1e6)).toThrow(broken);
    io.turn(0);
    expect(() => io.close(0)).toThrow(broken);
    expect(io.leftovers()).toEqual([]);
  });

  it("throws when a turn waits for something that never comes", () => {
    const { io } = openEcho(1, NO_FAULTS);
    io.turn(0);
    expect(() => io.turn(-1)).toThrow("a turn without end waits for something");
  });
});
