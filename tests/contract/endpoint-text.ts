// The peer of a slot as text, for comparing.
import { ENDPOINT_SIZE, formatEndpoint } from "../../src/bytes/endpoint.ts";
import type { Io } from "../../src/io/io.ts";

export function endpointText(io: Io, slot: number): string {
  const endpoint = new Uint8Array(ENDPOINT_SIZE + 2);
  io.readPeer(slot, endpoint, 1);
  return formatEndpoint(endpoint, 1);
}
