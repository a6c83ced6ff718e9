// What must outlive a CONNECT: who the client is, and what of its wishes counts later.
//
// Keys of a length that key-store.ts bounds; read from where the inspector has just been.

import type { ConnectInspector } from "../mqtt/connect.ts";
import type { KeyStore } from "./key-store.ts";
import type { RelayContext } from "./relay-context.ts";

/** The inspector has found a good CONNECT. */
export function identify(context: RelayContext, connection: number): void {
  const { inspector, io, connections } = context;
  connections.keepAlive[connection] = inspector.keepAliveSeconds;
  connections.packetSizeMax[connection] = inspector.maximumPacketSize;
  connections.keepsSession[connection] = keepsSession(inspector) ? 1 : 0;
  forget(context, connection);
  connections.clientIds.set(
    connection,
    io.bytes,
    inspector.clientIdOffset,
    inspector.clientIdLength,
  );
  if (inspector.userNameLength === 0) return;
  const { stick, hash } = context.poolOf(connection);
  if (stick?.by === "user-name") keepUserName(context, connection, connections.stickKeys);
  if (hash?.key.kind === "user-name") keepUserName(context, connection, connections.hashKeys);
}

// In 5.0 the session lasts as long as its expiry says, however it begins (5.0, 3.1.2.11.2).
function keepsSession({ level, cleanStart, sessionExpirySeconds }: ConnectInspector): boolean {
  return level === 5 ? sessionExpirySeconds > 0 : !cleanStart;
}

function keepUserName(context: RelayContext, connection: number, store: KeyStore): void {
  const { userNameOffset, userNameLength } = context.inspector;
  store.set(connection, context.io.bytes, userNameOffset, userNameLength);
}

// Rules may have written the CONNECT anew, or chosen another pool: then all is read again.
function forget({ connections }: RelayContext, connection: number): void {
  connections.clientIds.clear(connection);
  connections.stickKeys.clear(connection);
  connections.hashKeys.clear(connection);
}
