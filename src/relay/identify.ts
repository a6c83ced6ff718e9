// What must outlive a CONNECT: who the client is, and what of its wishes counts later.
//
// Keys of a length that key-store.ts bounds; read from where the inspector has just been.

import type { ConnectInspector } from "../mqtt/connect.ts";
import type { KeyStore } from "./key-store.ts";
import type { RelayContext } from "./relay-context.ts";

/** As 5.0 says it of a session that does not expire (5.0, 3.1.2.11.2). */
const SESSION_WITHOUT_END = 0xff_ff_ff_ff;

/** The inspector has found a good CONNECT. */
export function identify(context: RelayContext, connection: number): void {
  const { inspector, io, connections } = context;
  connections.keepAlive[connection] = inspector.keepAliveSeconds;
  connections.packetSizeMax[connection] = inspector.maximumPacketSize;
  connections.sessionSeconds[connection] = sessionSecondsOf(inspector);
  forget(context, connection);
  connections.clientIds.set(
    connection,
    io.bytes,
    inspector.clientIdOffset,
    inspector.clientIdLength,
  );
  if (inspector.userNameLength === 0) return;
  const { stick, hash } = context.poolOf(connection);
  for (let rule = 0; rule < stick.length; rule++) {
    if (stick[rule]!.by !== "user-name") continue;
    keepUserName(context, connection, connections.stickKeys.of(rule));
  }
  if (hash?.key.kind === "user-name") keepUserName(context, connection, connections.hashKeys);
}

// In 5.0 the session lasts as long as its expiry says, however it begins (5.0, 3.1.2.11.2).
function sessionSecondsOf({ level, cleanStart, sessionExpirySeconds }: ConnectInspector): number {
  if (level === 5) return sessionExpirySeconds;
  return cleanStart ? 0 : SESSION_WITHOUT_END;
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
