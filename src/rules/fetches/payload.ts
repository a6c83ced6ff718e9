// Fetches about the bytes that a client has sent, before they are relayed. Pure.

import { byteTextOf } from "../byte-text.ts";
import { type FetchRow, fetchRows } from "../catalogue-row.ts";
import { ABSENT, binaryValue, integerValue, NOT_YET, TRUE } from "../value.ts";

const stage = "connect" as const;

const payload: Omit<FetchRow, "name" | "args"> & { args: string } = {
  args: "offset:count length:count",
  type: "binary",
  stage,
  doc: "bytes that the client sent: `length` from `offset` on; all there are for length 0",
  compile: (call) => {
    const offset = call.integer(0, 0);
    const length = call.integer(1, 0);
    return (subject) => {
      const there = subject.payloadLength;
      const isThere = there > 0 && offset + length <= there;
      if (!isThere) return subject.payloadMayGrow ? NOT_YET : ABSENT;
      const size = length === 0 ? there - offset : length;
      return binaryValue(byteTextOf(subject.payload, subject.payloadAt + offset, size));
    };
  },
};

const size: Omit<FetchRow, "name" | "args"> = {
  type: "integer",
  stage,
  doc: "how many bytes the client has sent so far",
  compile: () => (subject) => integerValue(subject.payloadLength),
};

export const PAYLOAD_FETCHES: readonly FetchRow[] = fetchRows({
  "req.payload": payload,
  payload,
  "req.len": size,
  req_len: size,
  wait_end: {
    type: "boolean",
    stage,
    doc: "true once nothing more is waited for: the CONNECT is whole, or the time is over",
    compile: () => (subject) => (subject.payloadMayGrow ? NOT_YET : TRUE),
  },
});
