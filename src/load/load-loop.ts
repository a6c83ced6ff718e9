// One load thread: its connections, the sink where one was ordered, and the loop that turns their
// reactor until it is told to stop. Slots of the connections come first, the sink's behind them.

import type { ArenaSizes } from "../io/arena.ts";
import type { Io, IoHandler } from "../io/io.ts";
import { TRANSPORT_SIZE } from "../transport/transport.ts";
import { clientsAreaSize, LoadClients } from "./clients.ts";
import { LayeredIo } from "./layered-io.ts";
import type { LoadOrder } from "./load-order.ts";
import {
  type LoadSteering,
  type LoadTally,
  PHASE_CONNECT,
  PHASE_RUN,
  PHASE_STOP,
  PHASE_WAIT,
} from "./load-tally.ts";
import { Publisher, publisherAreaSize } from "./publisher.ts";
import { SINK_AREA_SIZE, SinkBroker } from "./sink-broker.ts";
import { Subscriber, subscribeSizeMax } from "./subscriber.ts";
import { IdleTraffic, type Traffic } from "./traffic.ts";

/** How often a thread looks at the steering words when nothing else wakes it. */
const LOOK_EVERY_MS = 20;
/** How long the other end may take to close after DISCONNECT. */
const GOODBYE_MS = 1_000;
/** A slab for what a socket has not sent, twice over. */
const SLAB_BYTES_PER_SOCKET = 32 * 1024;
const SLAB_BYTES_MIN = 64 * 1024 * 1024;

/** What a reactor for an order is made with. */
export interface LoadIoSizes {
  readonly socketsMax: number;
  readonly listenersMax: number;
  readonly arena: ArenaSizes;
}

export class LoadLoop implements IoHandler {
  readonly io: Io;
  readonly #tally: LoadTally;
  readonly #steering: LoadSteering;
  readonly #order: LoadOrder;
  readonly #clients: LoadClients;
  readonly #traffic: Traffic;
  readonly #sink: SinkBroker | null;
  readonly #clientSlots: number;
  /** The phase that was last acted upon. */
  #phase = PHASE_WAIT;
  #saidDone = false;

  constructor(
    order: LoadOrder,
    tally: LoadTally,
    steering: LoadSteering,
    openIo: (handler: IoHandler, sizes: LoadIoSizes) => Io,
  ) {
    this.#order = order;
    this.#tally = tally;
    this.#steering = steering;
    this.#clientSlots = order.connectionCount;
    this.io = openLayered(this, order, openIo);
    const area = this.io.scratchOffset;
    this.#clients = new LoadClients(this.io, order, tally, area + SINK_AREA_SIZE);
    this.#traffic = this.#makeTraffic(area + SINK_AREA_SIZE + clientsAreaSize(order));
    this.#clients.traffic = this.#traffic;
    this.#sink = this.#makeSink(area);
  }

  /** Runs until told to stop; the reactor is destroyed afterwards. */
  run(): void {
    while (this.#steering.phase !== PHASE_STOP) this.turn();
    this.#end();
  }

  /** One turn of the loop. */
  turn(waitMs = LOOK_EVERY_MS): void {
    const nextMs = this.#clients.nextMs;
    const untilMs = Math.ceil(nextMs - this.io.now);
    this.io.turn(Math.max(0, Math.min(waitMs, untilMs)));
    const { phase } = this.#steering;
    if (phase !== this.#phase) this.#enter(phase);
    this.#clients.step();
    if (this.#traffic.isDone && !this.#saidDone) {
      this.#saidDone = true;
      this.#steering.addDone();
    }
  }

  onAccept(): number {
    return this.#sink === null ? -1 : this.#sink.onAccept();
  }

  onAccepted(slot: number): void {
    this.#sink!.onAccepted(slot);
  }

  // The clients of a sink are the other half of our own connections: they wait in the backlog.
  onAcceptFailed(): void {}

  onConnect(slot: number, result: number): void {
    this.#clients.onConnect(slot, result);
  }

  onReceive(slot: number, offset: number, result: number): void {
    if (slot < this.#clientSlots) this.#clients.onReceive(slot, offset, result);
    else this.#sink!.onReceive(slot, offset, result);
  }

  onSent(slot: number, result: number): void {
    if (slot < this.#clientSlots) this.#clients.onSent(slot, result);
    else this.#sink!.onSent(slot, result);
  }

  onDeadline(slot: number): void {
    this.#clients.onDeadline(slot);
  }

  onClosed(slot: number): void {
    if (slot < this.#clientSlots) this.#clients.onClosed(slot);
    else this.#sink!.onClosed(slot);
  }

  onWake(): void {}

  #enter(phase: number): void {
    const before = this.#phase;
    this.#phase = phase;
    if (before < PHASE_CONNECT) this.#clients.begin();
    if (phase === PHASE_RUN) this.#traffic.go();
  }

  #end(): void {
    this.#clients.beginStop();
    const untilMs = this.io.now + GOODBYE_MS;
    while (this.#clients.openCount > 0 && this.io.now < untilMs) this.io.turn(LOOK_EVERY_MS);
    this.#clients.dropAll();
    this.#sink?.stop();
    // Closing takes the reactor a turn, or a few where requests are under way.
    while (this.#clients.openCount > 0 || this.#sinkIsBusy()) this.io.turn(LOOK_EVERY_MS);
    this.io.destroy();
  }

  #sinkIsBusy(): boolean {
    return this.#sink !== null && this.#sink.slotsInUse > 0;
  }

  #makeTraffic(area: number): Traffic {
    const order = this.#order;
    switch (order.kind) {
      case "conn":
        return new IdleTraffic();
      case "sub":
        return new Subscriber(this.#clients, order, this.#tally, area);
      default:
        return new Publisher(this.#clients, order, this.#tally, area);
    }
  }

  #makeSink(area: number): SinkBroker | null {
    const { sink } = this.#order;
    if (sink === null) return null;
    const { clientsMax, fd } = sink;
    const firstSlot = this.#clientSlots;
    const broker = new SinkBroker(this.io, this.#tally, { firstSlot, clientsMax, area });
    broker.listen(fd);
    return broker;
  }
}

function openLayered(
  handler: IoHandler,
  order: LoadOrder,
  openIo: (handler: IoHandler, sizes: LoadIoSizes) => Io,
): Io {
  const { transport, connectionCount } = order;
  const sizes = ioSizes(order);
  if (transport === null) return openIo(handler, sizes);
  return new LayeredIo((layered) => openIo(layered, sizes), handler, {
    transport,
    socketsMax: sizes.socketsMax,
    plainFrom: connectionCount,
  });
}

function ioSizes(order: LoadOrder): LoadIoSizes {
  const socketsMax = order.connectionCount + (order.sink?.clientsMax ?? 0);
  return {
    socketsMax: Math.max(1, socketsMax),
    listenersMax: 1,
    arena: {
      scratchSize: SINK_AREA_SIZE + clientsAreaSize(order) + trafficAreaSize(order),
      transportSize: order.transport === null ? 0 : TRANSPORT_SIZE,
      addressesMax: 1 + order.sources.length,
      slabBytes: Math.max(SLAB_BYTES_MIN, socketsMax * SLAB_BYTES_PER_SOCKET, bulkBytes(order)),
    },
  };
}

function trafficAreaSize(order: LoadOrder): number {
  if (order.kind === "conn") return 0;
  return order.kind === "sub" ? subscribeSizeMax(order) : publisherAreaSize(order);
}

// Messages that the kernel has not taken wait in slabs: all that may be under way at once.
function bulkBytes({ payload, activeCount, inFlightMax, qos, burst }: LoadOrder): number {
  return payload.length * activeCount * (qos === 0 ? burst : inFlightMax) * 2;
}
