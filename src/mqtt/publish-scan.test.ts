import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PACKET_COUNT_WORDS, PacketTracker } from "./framing.ts";
import { ALL_PASS, ENOUGH, PublishScan, QOS_TOO_HIGH, RETAINED } from "./publish-scan.ts";
import { writeVariableLength } from "./variable-length.ts";

const PINGREQ = [0xc0, 0];

/** A PUBLISH whose body looks like packets, to be mistaken for them by a wrong walk. */
function publish(flags: number, size = 10): number[] {
  const length = new Uint8Array(4);
  const lengthSize = writeVariableLength(length, 0, size);
  const body = Array.from({ length: size }, (_, i) => [0x35, 0x80, 0x31, 0x00][i % 4]!);
  return [0x30 | flags, ...length.subarray(0, lengthSize), ...body];
}

/** What passes of a stream that comes in two pieces. */
function runCut(scan: PublishScan, stream: readonly number[], cut: number) {
  const bytes = Uint8Array.from(stream);
  const tracker = new PacketTracker(1);
  const row = new Float64Array(PACKET_COUNT_WORDS);
  let passed = 0;
  let publishes = 0;
  for (const [from, to] of [
    [0, cut],
    [cut, bytes.length],
  ] as const) {
    const passing = scan.run(tracker.position(0), bytes, from, to - from);
    tracker.track(0, bytes, from, passing, row);
    passed += passing;
    publishes += scan.publishes;
    if (scan.outcome !== ALL_PASS) break;
  }
  return { passed, publishes, outcome: scan.outcome };
}

describe("PublishScan", () => {
  it.each([
    ["QoS 2 where 1 is the most", 0x04, QOS_TOO_HIGH],
    ["QoS 1 again where 1 is the most", 0x0a, ALL_PASS],
    ["QoS 3, which does not exist", 0x06, QOS_TOO_HIGH],
    ["a retained message where none may be", 0x01, RETAINED],
  ])("%s, however it is cut", (_, flags, outcome) => {
    const before = [...publish(0x02, 200), ...PINGREQ];
    const stream = [...before, ...publish(flags), ...publish(0)];
    for (let cut = 0; cut <= stream.length; cut++) {
      const scan = new PublishScan();
      scan.qosMax = 1;
      scan.allowsRetain = false;
      const all = outcome === ALL_PASS;
      expect(runCut(scan, stream, cut)).toEqual({
        passed: all ? stream.length : before.length,
        publishes: all ? 3 : 1,
        outcome,
      });
    }
  });

  it("stops before the first publish that is too many, in a stream of any packets", () => {
    const packets = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 200 })));
    fc.assert(
      fc.property(packets, fc.nat({ max: 5 }), (kinds, max) => {
        const parts = kinds.map(([isPublish, size]) => (isPublish ? publish(0, size) : PINGREQ));
        const stream = parts.flat();
        const starts = kinds.flatMap(([isPublish], i) =>
          isPublish ? [parts.slice(0, i).flat().length] : [],
        );
        const scan = new PublishScan();
        scan.publishesMax = max;
        const position = new PacketTracker(1).position(0);
        const padded = Uint8Array.from([...stream, 0x30, 0x30]);
        const passed = scan.run(position, padded, 0, stream.length);
        expect(passed).toBe(starts[max] ?? stream.length);
        expect(scan.publishes).toBe(Math.min(max, starts.length));
        expect(scan.outcome).toBe(starts.length > max ? ENOUGH : ALL_PASS);
      }),
      { numRuns: 200, seed: 1883 },
    );
  });

  it("leaves what is no MQTT to the tracker", () => {
    const scan = new PublishScan();
    const bytes = Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x35);
    expect(scan.run(0, bytes, 0, bytes.length)).toBe(bytes.length);
    expect(scan.outcome).toBe(ALL_PASS);
  });
});
