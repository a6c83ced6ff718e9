// What a trace says of a client's packets, as JSON: packets decoded, servers and reasons by their
// names. Payloads only for those who asked for them; passwords for nobody.

import { outlinePacket, type PacketOutline } from "../mqtt/packet-outline.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { TraceEvent } from "../supervisor/traces.ts";
import { workerMs } from "../supervisor/worker-clock.ts";

interface Told {
  readonly at: string;
  /** Id of the connection. */
  readonly connection: string;
}

/** A packet that has passed, or its first bytes. */
export interface ShownPacket extends Told, Omit<PacketOutline, "payloadOffset"> {
  readonly event: "packet";
  /** Who sent it. */
  readonly from: "client" | "server" | "fairlead";
  /** In base64, as far as it was kept. */
  readonly payload?: string;
  readonly isPayloadCut?: boolean;
}

export type ShownTrace =
  | ShownPacket
  | (Told & {
      readonly event: "opened";
      /** The client's address and port. */
      readonly client: string | null;
      readonly listener: string | null;
    })
  | (Told & { readonly event: "server"; readonly pool: string; readonly server: string })
  | (Told & {
      readonly event: "closed";
      /** A name of the catalogue, and its sentence. */
      readonly reason: string | null;
      readonly sentence: string | null;
    })
  /** So many packets, or connections, had no room and were not shown. */
  | { readonly at: string; readonly event: "lost"; readonly packets: number }
  | { readonly at: string; readonly event: "lost"; readonly connections: number };

/** @param withPayload whether whoever asks wants to see payloads */
export function describeTrace(
  supervisor: Supervisor,
  event: TraceEvent,
  withPayload: boolean,
): ShownTrace {
  const told = { at: new Date(event.atMs).toISOString(), connection: event.connection };
  const { settings } = supervisor;
  switch (event.kind) {
    case "packet":
      return describePacket(event, told, withPayload);
    case "opened": {
      const found = supervisor.live.find(event.connection, workerMs());
      const listener = found === null ? null : (settings.listeners[found.listener]?.name ?? null);
      return { ...told, event: "opened", client: found?.client ?? null, listener };
    }
    case "server": {
      const { name = "-", pool = -1 } = settings.servers[event.server] ?? {};
      return { ...told, event: "server", pool: settings.pools[pool]?.name ?? "-", server: name };
    }
    case "closed": {
      const { name, sentence } = CLOSE_REASONS[event.reason ?? -1] ?? {};
      const reason = { reason: name ?? null, sentence: sentence ?? null };
      return { ...told, event: "closed", ...reason };
    }
  }
}

function describePacket(
  { bytes, from, level, packetSize, isGarbage }: TraceEvent & { readonly kind: "packet" },
  told: Told,
  withPayload: boolean,
): ShownPacket {
  const { payloadOffset, ...outline } = outlinePacket(bytes, level);
  const packet: ShownPacket = { ...told, event: "packet", from, ...outline };
  const size = packetSize === 0 ? outline.size : packetSize;
  const shown = { ...packet, size, isMalformed: outline.isMalformed || isGarbage };
  if (!withPayload || payloadOffset === undefined) return shown;
  const payload = Buffer.from(bytes.subarray(payloadOffset));
  const isPayloadCut = payload.length < (outline.payloadSize ?? 0);
  return { ...shown, payload: payload.toString("base64"), isPayloadCut };
}
