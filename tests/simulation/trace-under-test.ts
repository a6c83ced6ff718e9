// What a relay under test shows of clients that are traced, held to what a trace promises: packets
// begin where packets begin, and bytes that are none are shown of those alone that ended for them.

import { outlinePacket } from "../../src/mqtt/packet-outline.ts";
import { REASON } from "../../src/shm/close-reason.ts";
import {
  createTraceRing,
  TRACE_CLOSED,
  TRACE_GARBAGE,
  TRACE_PACKET,
  type TraceRecord,
  TraceRingReader,
} from "../../src/shm/trace-ring.ts";

const FOR_GARBAGE: ReadonlySet<number> = new Set([
  REASON["malformed-from-client"],
  REASON["malformed-from-server"],
  // What is said behind a CONNECT is kept, and judged only once it has a server.
  REASON["admission-timeout"],
  REASON["left-queue"],
  REASON["no-server-available"],
  REASON["servers-full"],
  REASON["dial-refused"],
  REASON["dial-timeout"],
  REASON["dial-failed"],
]);

export class TraceUnderTest {
  readonly ring = createTraceRing();
  readonly faults: string[] = [];
  /** Records of any kind. */
  count = 0;
  private readonly reader = new TraceRingReader(this.ring);
  /** Connections that bytes were shown of which are no MQTT. */
  private readonly withGarbage = new Set<string>();

  /** Looks at what has been shown since the last time. */
  check(): void {
    for (let record = this.reader.read(); record !== null; record = this.reader.read()) {
      this.count++;
      this.judge(record, `${record.connection}-${record.serial}`);
    }
  }

  private judge(record: TraceRecord, connection: string): void {
    const { kind, packetSize, bytes, level, value } = record;
    if (kind === TRACE_GARBAGE) this.withGarbage.add(connection);
    if (kind === TRACE_CLOSED && this.withGarbage.has(connection) && !FOR_GARBAGE.has(value)) {
      this.faults.push(`connection ${connection} showed garbage and ended for reason ${value}`);
    }
    // Of a packet that was not whole when its connection ended, the size may be unknown.
    if (kind !== TRACE_PACKET || packetSize === 0) return;
    const { size } = outlinePacket(bytes, level);
    if (size === packetSize && bytes.length <= packetSize) return;
    this.faults.push(`connection ${connection} showed ${packetSize} bytes of ${size}`);
  }
}
