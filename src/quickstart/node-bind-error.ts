// What a node says when it cannot listen. It passes from the cluster's process to the one that
// started it, so what is to be known of it is in plain fields.

export interface NodeBindFailure {
  readonly message: string;
  /** Of the system: `EADDRINUSE` when somebody else listens there. */
  readonly code: string;
  readonly port: number;
}

export class NodeBindError extends Error {
  override readonly name = "NodeBindError";
  readonly code: string;
  readonly port: number;

  constructor({ message, code, port }: NodeBindFailure, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.port = port;
  }
}
