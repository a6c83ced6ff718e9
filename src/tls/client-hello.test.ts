import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  alpnExtension,
  extension,
  helloMessage,
  list,
  records,
  serverNameExtension,
  text,
} from "../../tests/tls/hello-bytes.ts";
import {
  ClientHelloReader,
  HELLO_MALFORMED,
  HELLO_NEED_MORE,
  HELLO_NOT_TLS,
  HELLO_SIZE_MAX,
  HELLO_TOO_LARGE,
  HELLO_TOO_OLD,
} from "./client-hello.ts";

const reader = new ClientHelloReader();

function read(bytes: Uint8Array | readonly number[]): number {
  return reader.read(Uint8Array.from(bytes), 0, bytes.length);
}

function readExtensions(...extensions: number[][]): number {
  return read(records(helloMessage({ extensions: extensions.flat() })));
}

const FULL = helloMessage({
  extensions: [
    ...extension(0x0a0a, []),
    ...serverNameExtension("MQTT.Fairlead.Test"),
    ...alpnExtension("mqtt", "x-amzn-mqtt-ca"),
    ...extension(21, new Array(100).fill(0)),
  ],
});

function expectFull(): void {
  expect(reader.serverName).toBe("mqtt.fairlead.test");
  expect(reader.alpn).toEqual(["mqtt", "x-amzn-mqtt-ca"]);
}

describe("a whole ClientHello", () => {
  it("gives its size, the server name and protocols", () => {
    const bytes = records(FULL);
    expect(read(bytes)).toBe(bytes.length);
    expectFull();
  });

  it("is read at an offset and leaves alone what follows", () => {
    const bytes = records(FULL);
    const around = Uint8Array.from([1, 2, 3, ...bytes, 0x17, 3, 3, 0, 1, 0]);
    expect(reader.read(around, 3, around.length - 3)).toBe(bytes.length);
    expectFull();
  });

  it("may name nothing", () => {
    for (const extensions of [null, extension(35, [])]) {
      const bytes = records(helloMessage({ extensions }));
      expect(read(bytes)).toBe(bytes.length);
      expect([reader.serverName, reader.alpn]).toEqual(["", []]);
    }
  });

  it("forgets the one before", () => {
    read(records(FULL));
    expect(read(records(helloMessage({ extensions: null })))).toBeGreaterThan(0);
    expect([reader.serverName, reader.alpn]).toEqual(["", []]);
  });

  it("may come in several records, cut anywhere", () => {
    for (let size = 4; size < FULL.length; size++) {
      const bytes = records(FULL, size);
      expect(read(bytes)).toBe(bytes.length);
      expectFull();
    }
  });
});

describe("a ClientHello on its way", () => {
  it("is awaited at every prefix, in one record and in several", () => {
    for (const bytes of [records(FULL), records(FULL, 30), records(FULL, 5)]) {
      for (let length = 0; length < bytes.length; length++) {
        expect(reader.read(bytes, 0, length)).toBe(HELLO_NEED_MORE);
      }
      expect(read(bytes)).toBe(bytes.length);
      expectFull();
    }
  });
});

describe("what is no ClientHello", () => {
  it("is told by its first bytes", () => {
    const firsts = [[0x10], text("GET / HTTP/1.1"), text("PROXY TCP4"), [0], [0x15, 3, 3], [0x17]];
    for (const bytes of firsts) expect(read(bytes)).toBe(HELLO_NOT_TLS);
    expect(read([0x16, 2])).toBe(HELLO_NOT_TLS);
    expect(read([0x80, 0x2e, 2])).toBe(HELLO_NOT_TLS);
  });

  it("is another message of the handshake", () => {
    expect(read([0x16, 3, 1, 0, 4, 2])).toBe(HELLO_MALFORMED);
  });

  it("is SSL 2 or SSL 3", () => {
    expect(read([0x80, 0x2e])).toBe(HELLO_NEED_MORE);
    expect(read([0x80, 0x2e, 1, 0, 2])).toBe(HELLO_TOO_OLD);
    expect(read(records(helloMessage({ version: 0x0300 })))).toBe(HELLO_TOO_OLD);
  });
});

describe("a bound", () => {
  it("is 16 KiB of message, refused by its declared length", () => {
    expect(read([0x16, 3, 1, 0x40, 0x01])).toBe(HELLO_TOO_LARGE);
    expect(read([0x16, 3, 1, 0x01, 0x00, 1, 0x00, 0x40, 0x00])).toBe(HELLO_TOO_LARGE);
    expect(read([0x16, 3, 1, 0x01, 0x00, 1, 0xff, 0xff, 0xff])).toBe(HELLO_TOO_LARGE);
  });

  it("lets the largest pass", () => {
    const spare = HELLO_SIZE_MAX - records(helloMessage({ extensions: extension(21, []) })).length;
    const padding = (size: number) => {
      return records(helloMessage({ extensions: extension(21, new Array(size).fill(0)) }));
    };
    expect(read(padding(spare))).toBe(HELLO_SIZE_MAX);
    expect(read(padding(spare + 6))).toBe(HELLO_TOO_LARGE);
  });

  it("is 64 records", () => {
    expect(read(records(FULL, 4))).toBeGreaterThan(0);
    expect(read(records(FULL, 2))).toBe(HELLO_MALFORMED);
  });
});

describe("a malformed ClientHello", () => {
  it("has an empty record, or one of another kind between", () => {
    expect(read([0x16, 3, 1, 0, 0])).toBe(HELLO_MALFORMED);
    const bytes = records(FULL, 50);
    bytes[55] = 0x15;
    expect(read(bytes)).toBe(HELLO_MALFORMED);
    bytes[55] = 0x16;
    bytes[56] = 4;
    expect(read(bytes)).toBe(HELLO_MALFORMED);
  });

  it("has something behind it in its last record", () => {
    expect(read(records([...FULL, 1]))).toBe(HELLO_MALFORMED);
  });

  it("has lists that end elsewhere than they say", () => {
    const short = helloMessage({ extensions: null });
    for (const cut of [1, 2, 5, 10, 40]) {
      const message = [1, ...list(3, short.slice(4, short.length - cut))];
      expect(read(records(message))).toBe(HELLO_MALFORMED);
    }
    expect(read(records([1, ...list(3, [...short.slice(4), 0, 5, 0])]))).toBe(HELLO_MALFORMED);
    expect(readExtensions([0, 16, 0, 9, 0, 1])).toBe(HELLO_MALFORMED);
    expect(readExtensions([0, 16, 0])).toBe(HELLO_MALFORMED);
  });

  it("offers no cipher suites", () => {
    expect(read(records(helloMessage({ suites: [] })))).toBe(HELLO_MALFORMED);
  });

  it("names servers in a way that is not in the specification", () => {
    const names = [
      [],
      list(2, []),
      list(2, [1, ...list(2, text("a"))]),
      list(2, [0, ...list(2, [])]),
      list(2, [0, ...list(2, text("a.example"))]).slice(0, -1),
      list(2, [0, ...list(2, text("a")), 0, ...list(2, text("b"))]),
      list(2, [0, ...list(2, text("a".repeat(256)))]),
      list(2, [0, ...list(2, text("a\0.example"))]),
      list(2, [0, ...list(2, text("a b"))]),
      list(2, [0, ...list(2, [0xc3, 0xa4])]),
    ];
    for (const body of names) {
      expect(readExtensions(extension(0, body)), JSON.stringify(body)).toBe(HELLO_MALFORMED);
    }
  });

  it("says the same thing twice", () => {
    const twice = [serverNameExtension("a"), alpnExtension("a")];
    for (const each of twice) expect(readExtensions(each, each)).toBe(HELLO_MALFORMED);
  });

  it("offers protocols in broken lists", () => {
    expect(readExtensions(extension(16, list(2, [])))).toBe(HELLO_MALFORMED);
    expect(readExtensions(extension(16, list(2, [0])))).toBe(HELLO_MALFORMED);
    expect(readExtensions(extension(16, list(2, [5, 1])))).toBe(HELLO_MALFORMED);
  });
});

describe("any bytes", () => {
  const outcomes = [HELLO_NOT_TLS, HELLO_TOO_LARGE, HELLO_MALFORMED, HELLO_TOO_OLD];

  it("are judged, and never read past their end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const size = read(bytes);
        expect(size > 0 ? size <= bytes.length : size === 0 || outcomes.includes(size)).toBe(true);
      }),
    );
  });

  it("in the frame of a ClientHello are judged too", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const framed = records(helloMessage({ extensions: [...bytes] }));
        const size = read(framed);
        expect(size === framed.length || size === HELLO_MALFORMED).toBe(true);
      }),
    );
  });

  it("changed in a good one lead to the same verdict however they are split", () => {
    const good = records(FULL);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, cut) => {
        const changed = good.slice();
        changed[at] = byte;
        const early = reader.read(changed, 0, cut);
        const late = read(changed);
        expect(early === HELLO_NEED_MORE || early === late).toBe(true);
      }),
    );
  });
});
