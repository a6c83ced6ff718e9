// The codes that a CONNACK may carry, by number: return codes of 3.1 and 3.1.1 (table 3.1), reason
// codes of 5.0 (table 3-1). Their numbers share no value but 0. What neither lists is "other".

export interface ConnackCode {
  /** `0`, `5`, `0x87`, as the specifications write them; `other` for all the rest. */
  readonly code: string;
  readonly name: string;
  /** Their words in a row of counts. */
  readonly words: readonly number[];
}

const NAMES: Readonly<Record<number, string>> = {
  0: "accepted",
  1: "unacceptable protocol version",
  2: "identifier rejected",
  3: "server unavailable",
  4: "bad user name or password",
  5: "not authorized",
  128: "unspecified error",
  129: "malformed packet",
  130: "protocol error",
  131: "implementation specific error",
  132: "unsupported protocol version",
  133: "client identifier not valid",
  134: "bad user name or password",
  135: "not authorized",
  136: "server unavailable",
  137: "server busy",
  138: "banned",
  140: "bad authentication method",
  144: "topic name invalid",
  149: "packet too large",
  151: "quota exceeded",
  153: "payload format invalid",
  154: "retain not supported",
  155: "QoS not supported",
  156: "use another server",
  157: "server moved",
  159: "connection rate exceeded",
};

const KNOWN = Object.entries(NAMES).map(([number, name]) => ({ number: Number(number), name }));
const UNKNOWN = Array.from({ length: 256 }, (_, code) => code).filter((code) => !(code in NAMES));

/** In their order; `other` is the last one. */
export const CONNACK_CODES: readonly ConnackCode[] = [
  ...KNOWN.map(({ number, name }) => ({ code: written(number), name, words: [number] })),
  { code: "other", name: "a code that no specification has", words: UNKNOWN },
];

function written(code: number): string {
  return code < 0x80 ? String(code) : `0x${code.toString(16).toUpperCase()}`;
}
