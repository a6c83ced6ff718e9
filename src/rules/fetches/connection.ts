// Fetches about the connection itself: addresses, ports, names, PROXY header. Pure.

import { ADDRESS_SIZE, endpointPort, isIpv4Mapped, makeEndpoint } from "../../bytes/endpoint.ts";
import { byteTextOf, toByteText } from "../byte-text.ts";
import { type FetchRow, fetchRows } from "../catalogue-row.ts";
import { ABSENT, addressValue, booleanValue, integerValue, textValue } from "../value.ts";

const nameOrAbsent = (name: string) => (name === "" ? ABSENT : textValue(toByteText(name)));

export const CONNECTION_FETCHES: readonly FetchRow[] = fetchRows({
  src: {
    type: "address",
    stage: "accept",
    doc: "address of the client; of the one a PROXY header names, where there is one",
    compile: () => (subject) => addressValue(subject.client, subject.clientAt),
  },
  src_is_local: {
    type: "boolean",
    stage: "accept",
    doc: "whether `src` is an address of this machine, as those were when the plan was made",
    compile: (call) => {
      const isOwn = ownAddressTest(call.names.ownAddresses);
      return (subject) => booleanValue(isOwn(subject.client, subject.clientAt));
    },
  },
  src_port: {
    type: "integer",
    stage: "accept",
    doc: "port of the client",
    compile: () => (subject) => integerValue(endpointPort(subject.client, subject.clientAt)),
  },
  dst: {
    type: "address",
    stage: "accept",
    doc: "address the client connected to",
    compile: () => (subject) => addressValue(subject.local, subject.localAt),
  },
  dst_is_local: {
    type: "boolean",
    stage: "accept",
    doc: "the same of `dst`; one that is not was taken in by a transparent listener",
    compile: (call) => {
      const isOwn = ownAddressTest(call.names.ownAddresses);
      return (subject) => booleanValue(isOwn(subject.local, subject.localAt));
    },
  },
  dst_port: {
    type: "integer",
    stage: "accept",
    doc: "port the client connected to",
    compile: () => (subject) => integerValue(endpointPort(subject.local, subject.localAt)),
  },
  fe_name: {
    type: "text",
    stage: "accept",
    doc: "name of the listener",
    compile: () => (subject) => nameOrAbsent(subject.listenerName),
  },
  fe_id: {
    type: "integer",
    stage: "accept",
    doc: "number of the listener, from 1",
    compile: () => (subject) => integerValue(subject.listener + 1),
  },
  be_name: {
    type: "text",
    stage: "connect",
    doc: "name of the pool, once one is chosen",
    compile: () => (subject) => nameOrAbsent(subject.poolName),
  },
  be_id: {
    type: "integer",
    stage: "connect",
    doc: "number of the pool, from 1",
    compile: () => (subject) => (subject.pool < 0 ? ABSENT : integerValue(subject.pool + 1)),
  },
  fc_rcvd_proxy: {
    type: "boolean",
    stage: "proxy-header",
    doc: "whether a PROXY header named the client",
    compile: () => (subject) => booleanValue(subject.proxied),
  },
});

/** Where the last four of the 16 bytes of an address begin: those of IPv4. */
const IPV4_AT = 12;
const LOOPBACK_FIRST = 127;

// What could be bound: an address that an interface has, and all of 127.0.0.0/8.
function ownAddressTest(addresses: readonly string[]) {
  const own = new Set(
    addresses.flatMap((address) => {
      const endpoint = makeEndpoint(address, 0);
      return endpoint === null ? [] : [byteTextOf(endpoint, 0, ADDRESS_SIZE)];
    }),
  );
  return (bytes: Uint8Array, at: number): boolean => {
    if (isIpv4Mapped(bytes, at) && bytes[at + IPV4_AT] === LOOPBACK_FIRST) return true;
    return own.has(byteTextOf(bytes, at, ADDRESS_SIZE));
  };
}
