// The other end of a load test: a broker that agrees to everything and keeps nothing. Answers
// CONNECT, PUBLISH, PUBREL, SUBSCRIBE (one filter), UNSUBSCRIBE and PINGREQ; counts what comes and
// delivers it to nobody. For measuring what stands between clients and a broker.
//
// Bounded by clientsMax. Reads no more from a client that does not read its answers.

import { assert } from "../assert.ts";
import { type Io, SEND_WAIT } from "../io/io.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import { COUNT, type LoadTally } from "./load-tally.ts";
import { type PacketHandler, PacketReader } from "./packet-reader.ts";
import { ACKNOWLEDGE_SIZE, writeAcknowledge } from "./packet-writer.ts";

/** Answers are put together until they are this long, then sent. */
const ANSWERS_SIZE = 16 * 1024;
const ANSWER_SIZE_MAX = 6;
const LISTENER = 0;

/** Bytes of the arena that a sink takes. */
export const SINK_AREA_SIZE = ANSWERS_SIZE + ANSWER_SIZE_MAX;

/** CONNACK and the end of SUBACK by whether the client speaks 5.0 (3.1.1, 3.2; 5.0, 3.2). */
const CONNACK = Uint8Array.of(PacketType.connack << 4, 2, 0, 0);
const CONNACK_5 = Uint8Array.of(PacketType.connack << 4, 3, 0, 0, 0);
const PINGRESP_FIRST = PacketType.pingresp << 4;

export interface SinkOptions {
  /** Slots firstSlot to firstSlot + clientsMax - 1 are the sink's. */
  readonly firstSlot: number;
  readonly clientsMax: number;
  /** Where SINK_AREA_SIZE bytes of the arena are the sink's. */
  readonly area: number;
}

export class SinkBroker implements PacketHandler {
  readonly #io: Io;
  readonly #tally: LoadTally;
  readonly #firstSlot: number;
  readonly #area: number;
  readonly #reader: PacketReader;
  readonly #levels: Uint8Array;
  readonly #isOpen: Uint8Array;
  readonly #free: Int32Array;
  #freeCount: number;
  /** Answers to the client being read, in the area. */
  #answersEnd: number;

  constructor(io: Io, tally: LoadTally, options: SinkOptions) {
    const { clientsMax, firstSlot, area } = options;
    this.#io = io;
    this.#tally = tally;
    this.#firstSlot = firstSlot;
    this.#area = area;
    this.#answersEnd = area;
    this.#reader = new PacketReader(this, clientsMax);
    this.#levels = new Uint8Array(clientsMax);
    this.#isOpen = new Uint8Array(clientsMax);
    this.#free = Int32Array.from({ length: clientsMax }, (_, i) => clientsMax - 1 - i);
    this.#freeCount = clientsMax;
  }

  /** Clients, those being closed among them. */
  get slotsInUse(): number {
    return this.#free.length - this.#freeCount;
  }

  listen(fd: number): void {
    this.#io.listen(LISTENER, fd);
  }

  /** Stops listening and drops every client. */
  stop(): void {
    this.#io.unlisten(LISTENER);
    for (let client = 0; client < this.#isOpen.length; client++) this.#close(client);
  }

  /** @returns a slot for a new client, or -1 */
  onAccept(): number {
    if (this.#freeCount === 0) return -1;
    return this.#firstSlot + this.#free[--this.#freeCount]!;
  }

  onAccepted(slot: number): void {
    const client = slot - this.#firstSlot;
    this.#isOpen[client] = 1;
    this.#reader.reset(client);
    this.#io.startReceiving(slot);
  }

  onReceive(slot: number, offset: number, result: number): void {
    const client = slot - this.#firstSlot;
    assert(this.#answersEnd === this.#area, "one client is answered at a time");
    const isMqtt = result > 0 && this.#reader.read(client, this.#io.bytes, offset, result);
    this.#flush(client);
    if (!isMqtt) this.#close(client);
  }

  onSent(slot: number, result: number): void {
    if (result < 0) this.#close(slot - this.#firstSlot);
    else this.#io.startReceiving(slot);
  }

  onClosed(slot: number): void {
    this.#free[this.#freeCount++] = slot - this.#firstSlot;
  }

  onPacket(client: number, first: number, id: number, code: number): boolean {
    const { counts } = this.#tally;
    switch (first >> 4) {
      case PacketType.publish:
        counts[COUNT.sinkReceived]! += 1;
        this.#answerPublish((first >> 1) & 3, id);
        break;
      case PacketType.connect:
        counts[COUNT.sinkConnected]! += 1;
        this.#levels[client] = code;
        this.#answer(code === 5 ? CONNACK_5 : CONNACK);
        break;
      case PacketType.pubrel:
        this.#acknowledge(PacketType.pubcomp, id);
        break;
      case PacketType.subscribe:
      case PacketType.unsubscribe:
        this.#answerSubscribe(client, first >> 4, id);
        break;
      case PacketType.pingreq:
        this.#answerPing();
        break;
      // The rest needs no answer: acknowledgements, DISCONNECT, AUTH.
    }
    if (this.#answersEnd - this.#area > ANSWERS_SIZE - ANSWER_SIZE_MAX) this.#flush(client);
    return this.#isOpen[client] === 1;
  }

  #answerPublish(qos: number, id: number): void {
    if (qos > 0) this.#acknowledge(qos === 1 ? PacketType.puback : PacketType.pubrec, id);
  }

  // SUBACK grants QoS 0, since nothing is ever delivered; a reason code follows in 5.0 for both.
  #answerSubscribe(client: number, type: number, id: number): void {
    const { bytes } = this.#io;
    const isSubscribe = type === PacketType.subscribe;
    const at = this.#answersEnd;
    this.#acknowledge(isSubscribe ? PacketType.suback : PacketType.unsuback, id);
    if (this.#levels[client] === 5) bytes[this.#answersEnd++] = 0;
    if (isSubscribe || this.#levels[client] === 5) bytes[this.#answersEnd++] = 0;
    bytes[at + 1] = this.#answersEnd - at - 2;
  }

  #answerPing(): void {
    const { bytes } = this.#io;
    bytes[this.#answersEnd++] = PINGRESP_FIRST;
    bytes[this.#answersEnd++] = 0;
  }

  #acknowledge(type: number, id: number): void {
    writeAcknowledge(this.#io.bytes, this.#answersEnd, type, id);
    this.#answersEnd += ACKNOWLEDGE_SIZE;
  }

  #answer(packet: Uint8Array): void {
    this.#io.bytes.set(packet, this.#answersEnd);
    this.#answersEnd += packet.length;
  }

  #flush(client: number): void {
    const length = this.#answersEnd - this.#area;
    this.#answersEnd = this.#area;
    if (length === 0 || this.#isOpen[client] === 0) return;
    const slot = this.#firstSlot + client;
    const result = this.#io.send(slot, this.#area, length);
    if (result < 0) this.#close(client);
    else if (result === SEND_WAIT) this.#io.stopReceiving(slot);
  }

  #close(client: number): void {
    if (this.#isOpen[client] === 0) return;
    this.#isOpen[client] = 0;
    this.#io.close(this.#firstSlot + client);
  }
}
