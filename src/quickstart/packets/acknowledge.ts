// PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 5.0 sections 3.4 to 3.7). The first, second and last say
// how messages to the client fare; PUBREL is about those from it.

import { PacketType } from "../../mqtt/packet-type.ts";
import type { Client } from "../client.ts";
import { FAILURE, REASON } from "../reason.ts";
import { type Ack, decodeAck, encodeAck } from "../wire/ack-codec.ts";

export function onAcknowledge(client: Client, frame: Buffer, bodyAt: number, nowMs: number): void {
  const ack = decodeAck(frame, bodyAt, client.version);
  if (typeof ack === "number") {
    client.end(ack);
    return;
  }
  switch (frame[0]! >> 4) {
    case PacketType.puback:
      client.session!.settle(ack.packetId, 1);
      break;
    case PacketType.pubrec:
      onReceived(client, ack);
      break;
    case PacketType.pubrel:
      onRelease(client, ack);
      return;
    default:
      client.session!.settle(ack.packetId, 2);
  }
  client.session?.pump(nowMs);
}

function onReceived(client: Client, { packetId, reason }: Ack): void {
  const session = client.session!;
  if (reason >= FAILURE) {
    session.settle(packetId, 2);
    return;
  }
  // An unknown id is released too: the other side may have lost our earlier PUBREL.
  const code = session.release(packetId) ? REASON.success : REASON.packetIdentifierNotFound;
  client.send(encodeAck(PacketType.pubrel, packetId, client.version, code));
}

function onRelease(client: Client, { packetId }: Ack): void {
  const wasThere = client.session!.unreleased.delete(packetId);
  const code = wasThere ? REASON.success : REASON.packetIdentifierNotFound;
  client.send(encodeAck(PacketType.pubcomp, packetId, client.version, code));
}
