// What a reactor does with what its acceptor brings.

export interface AcceptHandler {
  /** A client's descriptor; it is the handler's now. */
  onDescriptor(listener: number, fd: number): void;
  /** The kernel had none to give, for a reason that does not pass by itself. */
  onAcceptFailed(listener: number, result: number): void;
}
