// Shows the packets of some clients to the control plane: finds their connections, has the
// transport tell what passes, and cuts out the first bytes of each packet.
//
// A connection that nobody traces costs nothing: the bytes of the others come by way of a bit that
// the transport looks at anyway. Bounded by FOLLOWED_MAX connections of this worker and by the ring
// (shm/trace-ring.ts); what is beyond is counted. Changes nothing, and decodes nothing but framing.

import { assert } from "../assert.ts";
import { PacketHeads } from "../mqtt/packet-heads.ts";
import {
  FROM_CLIENT,
  FROM_SERVER,
  FROM_US,
  TRACE_CLOSED,
  TRACE_GARBAGE,
  TRACE_KEEP_MAX,
  TRACE_OPENED,
  TRACE_PACKET,
  TRACE_SERVER,
  TraceRingWriter,
} from "../shm/trace-ring.ts";
import type { TraceOrder } from "../shm/worker-messages.ts";
import type { Tap } from "../transport/transport.ts";
import { clientSlot, serverSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";
import { CLOSING, FREE, LINGERING, RELAYING } from "./state.ts";
import type { Tracer } from "./tracer.ts";

/** Connections of one worker that are followed at a time. */
export const FOLLOWED_MAX = 16;

/** One connection whose packets are shown. */
interface Followed {
  readonly connection: number;
  /** The client id that it was found by; a rule or a policy may have given it another one since. */
  readonly clientId: Uint8Array;
  /** By side; null: where its packets begin is not known yet. */
  readonly heads: [PacketHeads | null, PacketHeads | null];
}

export class Tracing implements Tracer, Tap {
  isOn = false;
  readonly #context: RelayContext;
  #ring: TraceRingWriter | null = null;
  #wanted: readonly Uint8Array[] = [];
  #keepMax = 0;
  #followed: Followed[] = [];

  constructor(context: RelayContext) {
    this.#context = context;
  }

  /** From here on these clients are shown, and no others. */
  use({ ring, clientIds, keepMax }: TraceOrder): void {
    assert(keepMax <= TRACE_KEEP_MAX, "a trace keeps no more of a packet than a record holds");
    this.#ring ??= new TraceRingWriter(ring);
    this.#wanted = clientIds;
    this.isOn = clientIds.length > 0;
    for (const { connection, clientId } of this.#followed) {
      const isKept = this.#wants(clientId, 0, clientId.length) || this.#isWanted(connection);
      if (!isKept) this.#leave(connection);
    }
    // Those who have just asked hear of connections that others follow already.
    for (const followed of this.#followed) {
      if (keepMax !== this.#keepMax) followed.heads.fill(null);
      this.#pushOpened(followed);
    }
    this.#keepMax = keepMax;
    if (this.isOn) this.#findOpen();
  }

  onConnect(connection: number, offset: number, length: number): void {
    if (!this.#isWanted(connection) || !this.#follow(connection)) return;
    this.show(clientSlot(connection), offset, length);
  }

  onRewritten(connection: number, offset: number, size: number, length: number): void {
    if (this.#find(connection) !== null) {
      this.onOwnPacket(connection, offset, size);
      return;
    }
    if (!this.#isWanted(connection) || !this.#follow(connection)) return;
    this.onOwnPacket(connection, offset, size);
    this.show(clientSlot(connection), offset + size, length - size);
  }

  onServer(connection: number): void {
    const followed = this.#find(connection);
    if (followed === null) return;
    followed.heads[1] = new PacketHeads(this.#keepMax, 0);
    this.#pushServer(connection);
    this.#context.transport.tap(serverSlot(connection), this);
  }

  onOwnPacket(connection: number, offset: number, length: number): void {
    if (this.#find(connection) === null) return;
    const { bytes } = this.#context.io;
    const entry = this.#describe(connection, TRACE_PACKET);
    entry.side = FROM_US;
    entry.packetSize = length;
    this.#ring!.push(bytes, offset, Math.min(length, this.#keepMax));
  }

  onEnded(connection: number): void {
    const followed = this.#find(connection);
    if (followed === null) return;
    for (const side of [FROM_CLIENT, FROM_SERVER] as const) {
      const heads = followed.heads[side];
      if (heads !== null && heads.length > 0) this.#pushHead(connection, side, heads);
    }
    this.#describe(connection, TRACE_CLOSED).value = this.#context.connections.reason[connection]!;
    this.#pushEmpty();
    this.#followed = this.#followed.filter((each) => each !== followed);
  }

  show(slot: number, offset: number, length: number): void {
    const connection = slot >> 1;
    const heads = this.#headsOf(slot);
    if (heads === null) return;
    const { bytes } = this.#context.io;
    const end = offset + length;
    for (let at = offset; at < end; ) {
      at = heads.take(bytes, at, end);
      if (!heads.isWhole) continue;
      this.#pushHead(connection, (slot & 1) as 0 | 1, heads);
      heads.next();
    }
  }

  // A packet may have begun before anybody looked. The tracker, which has not seen yet what is
  // about to be shown, knows how much of it is to come, but for an answer that is held back.
  #headsOf(slot: number): PacketHeads | null {
    const followed = this.#find(slot >> 1);
    if (followed === null) return null;
    const side = (slot & 1) as 0 | 1;
    const { connections, tracker } = this.#context;
    if (followed.heads[side] === null) {
      const left = tracker.position(slot);
      const isHeldBack = side === FROM_SERVER && connections.answerLength[slot >> 1] !== 0;
      if (left >= 0 && !isHeldBack) followed.heads[side] = new PacketHeads(this.#keepMax, left);
    }
    return followed.heads[side];
  }

  #findOpen(): void {
    const { connections } = this.#context;
    for (let connection = 0; connection < connections.end; connection++) {
      const state = connections.state[connection]!;
      if (state === FREE || state === LINGERING || state === CLOSING) continue;
      if (connections.hasConnect[connection] === 0 || this.#find(connection) !== null) continue;
      if (this.#isWanted(connection) && this.#follow(connection)) this.#catchUp(connection);
    }
  }

  // What has happened before anybody looked, as far as it is still known.
  #catchUp(connection: number): void {
    const { connections, held, io, transport } = this.#context;
    const followed = this.#find(connection)!;
    if (held.isEmpty(connection)) followed.heads[0] = null;
    else {
      held.copyTo(connection, io.scratchOffset);
      this.show(clientSlot(connection), io.scratchOffset, connections.heldLength[connection]!);
    }
    if (connections.state[connection] !== RELAYING) return;
    this.#pushServer(connection);
    transport.tap(serverSlot(connection), this);
  }

  // @returns false when as many are followed as may be
  #follow(connection: number): boolean {
    if (this.#followed.length === FOLLOWED_MAX) {
      this.#ring!.countLeftOut();
      return false;
    }
    assert(this.#find(connection) === null, "a connection is followed once");
    const { clientIds } = this.#context.connections;
    const from = clientIds.offsetOf(connection);
    const clientId = clientIds
      .bytesOf(connection)
      .slice(from, from + clientIds.lengthOf(connection));
    const heads = new PacketHeads(this.#keepMax, 0);
    const followed: Followed = { connection, clientId, heads: [heads, null] };
    this.#followed.push(followed);
    this.#pushOpened(followed);
    this.#context.transport.tap(clientSlot(connection), this);
    return true;
  }

  #leave(connection: number): void {
    const { transport } = this.#context;
    transport.untap(clientSlot(connection));
    transport.untap(serverSlot(connection));
    this.#followed = this.#followed.filter((each) => each.connection !== connection);
  }

  #find(connection: number): Followed | null {
    return this.#followed.find((each) => each.connection === connection) ?? null;
  }

  #isWanted(connection: number): boolean {
    const { clientIds } = this.#context.connections;
    const length = clientIds.lengthOf(connection);
    const bytes = clientIds.bytesOf(connection);
    const offset = clientIds.offsetOf(connection);
    return this.#wants(bytes, offset, length);
  }

  #wants(bytes: Uint8Array, offset: number, length: number): boolean {
    return this.#wanted.some((id) => isEqual(id, bytes, offset, length));
  }

  // Under both of its names: it may be asked for by either.
  #pushOpened({ connection, clientId }: Followed): void {
    const { clientIds } = this.#context.connections;
    const length = clientIds.lengthOf(connection);
    const bytes = clientIds.bytesOf(connection);
    const offset = clientIds.offsetOf(connection);
    this.#describe(connection, TRACE_OPENED);
    this.#ring!.push(clientId, 0, clientId.length);
    if (!isEqual(clientId, bytes, offset, length)) this.#ring!.push(bytes, offset, length);
  }

  #pushServer(connection: number): void {
    this.#describe(connection, TRACE_SERVER).value = this.#context.connections.server[connection]!;
    this.#pushEmpty();
  }

  #pushHead(connection: number, side: 0 | 1, heads: PacketHeads): void {
    const entry = this.#describe(connection, heads.isGarbage ? TRACE_GARBAGE : TRACE_PACKET);
    entry.side = side;
    entry.packetSize = heads.packetSize;
    this.#ring!.push(heads.bytes, 0, heads.length);
  }

  #pushEmpty(): void {
    this.#ring!.push(this.#context.io.bytes, 0, 0);
  }

  #describe(connection: number, kind: number) {
    const { connections, io, wallClockOffsetMs } = this.#context;
    assert(this.#ring !== null, "who follows a connection was told where to show it");
    const { entry } = this.#ring;
    entry.kind = kind;
    entry.side = FROM_CLIENT;
    entry.connection = connection;
    entry.serial = connections.serial[connection]!;
    entry.value = 0;
    entry.packetSize = 0;
    entry.level = connections.level[connection]!;
    entry.atMs = io.now + wallClockOffsetMs;
    return entry;
  }
}

function isEqual(id: Uint8Array, bytes: Uint8Array, offset: number, length: number): boolean {
  return id.length === length && id.every((byte, i) => byte === bytes[offset + i]);
}
