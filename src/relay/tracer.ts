// What the relay tells of connections whose packets somebody wants to see. tracing.ts does it; here
// is only what the stages need to know of it.

export interface Tracer {
  /** True exactly when somebody wants to see the packets of a client: else nothing is told. */
  readonly isOn: boolean;

  /** A good CONNECT and what came behind it lie in the reactor's bytes. */
  onConnect(connection: number, offset: number, length: number): void;

  /** A CONNECT was written anew, `size` bytes of it; what is behind it is the client's own. */
  onRewritten(connection: number, offset: number, size: number, length: number): void;

  /** It has a server, and bytes begin to move. */
  onServer(connection: number): void;

  /** The client is sent a packet of ours. */
  onOwnPacket(connection: number, offset: number, length: number): void;

  /** It has ended. */
  onEnded(connection: number): void;
}
