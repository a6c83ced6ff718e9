// TLS clients made of Node's own TLS that say CONNECT and tell how far they came: to a CONNACK, or
// to an alert.
//
// In TLS 1.3 a client has finished before the server has looked at its certificate, so only an
// answer in MQTT says that it was taken.

import tls from "node:tls";
import { politeConnect } from "./rude-peers.ts";

/** What became of a client. */
export interface TlsOutcome {
  /** The port it came from. */
  readonly localPort: number;
  /** Wall clock, before it connected: a port may be another's a moment later. */
  readonly startedAtMs: number;
  /** Whether a CONNACK came that lets it in. */
  readonly accepted: boolean;
  /** Number of the fatal alert it got (RFC 8446, 6); null for none. */
  readonly alert: number | null;
  /** What else went wrong, as OpenSSL or the kernel has it; empty for nothing. */
  readonly error: string;
  readonly protocol: string | null;
  readonly cipher: string;
  readonly alpn: string | false | null;
  /** Common name in the server's certificate; null before one came. */
  readonly serverCertificate: string | null;
  /** Type of the key in it: `ec`, `rsa`. */
  readonly serverKeyType: string | null;
  readonly resumed: boolean;
  /** The newest ticket, for the next connection. */
  readonly session: Buffer | null;
  /** The stapled OCSP response; null for none. */
  readonly ocsp: Buffer | null;
}

export interface TlsClientOptions extends tls.ConnectionOptions {
  readonly port: number;
  /** Default: one after the port it comes from. */
  readonly clientId?: string;
  /** Whether a stapled OCSP response is asked for; Node's types forgot it. */
  readonly requestOCSP?: boolean;
  /** The address that it comes from; Node's types forgot it, too. */
  readonly localAddress?: string;
}

/** Connects, says CONNECT, and goes once it is clear what came of it. */
export async function tryTls(options: TlsClientOptions): Promise<TlsOutcome> {
  const client = openTls(options);
  const outcome = await client.outcome;
  client.socket.destroy();
  return outcome;
}

/** The same, and stays connected. */
export function openTls({ clientId, ...options }: TlsClientOptions): {
  readonly socket: tls.TLSSocket;
  readonly outcome: Promise<TlsOutcome>;
} {
  const defaults = { host: "127.0.0.1", servername: "localhost", rejectUnauthorized: false };
  const socket = tls.connect({ ...defaults, ...options });
  const seen = {
    localPort: 0,
    startedAtMs: Date.now(),
    session: null as Buffer | null,
    ocsp: null as Buffer | null,
    ...UNSHAKEN,
  };
  socket.on("session", (session) => {
    seen.session = session;
  });
  socket.on("OCSPResponse", (response) => {
    seen.ocsp = response;
  });
  socket.on("connect", () => {
    seen.localPort = socket.localPort ?? 0;
  });
  socket.on("secureConnect", () => {
    Object.assign(seen, factsOf(socket));
    socket.write(politeConnect(clientId ?? `from-${seen.localPort}`));
  });
  const outcome = new Promise<TlsOutcome>((resolve) => {
    const tell = (accepted: boolean, error: string): void => {
      resolve({ ...seen, accepted, alert: alertIn(error), error });
    };
    socket.on("data", (bytes) => tell(bytes[0] === 0x20 && bytes[3] === 0, ""));
    socket.on("error", (error: NodeJS.ErrnoException) => tell(false, error.message));
    socket.on("close", () => tell(false, "closed"));
  });
  return { socket, outcome };
}

/** What is known of a client before its handshake is complete. */
const UNSHAKEN = {
  protocol: null,
  cipher: "",
  alpn: null,
  serverCertificate: null,
  serverKeyType: null,
  resumed: false,
} as const satisfies Partial<TlsOutcome>;

function factsOf(socket: tls.TLSSocket) {
  const certificate = socket.getPeerX509Certificate();
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().name,
    alpn: socket.alpnProtocol,
    serverCertificate: certificate?.subject.match(/^CN=(.*)$/m)?.[1] ?? null,
    serverKeyType: certificate?.publicKey.asymmetricKeyType ?? null,
    resumed: socket.isSessionReused(),
  };
}

function alertIn(error: string): number | null {
  const [, number] = error.match(/SSL alert number (\d+)/) ?? [];
  return number === undefined ? null : Number(number);
}
