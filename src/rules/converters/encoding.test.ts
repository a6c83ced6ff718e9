import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ask } from "../../../tests/fixtures/rule-subject.ts";
import { ENCODING_CONVERTERS } from "./encoding.ts";

describe("ENCODING_CONVERTERS", () => {
  it.each([
    ["bin(00ab1f),hex", "00AB1F"],
    ["bin(a5),base2", "10100101"],
    ["str(1F),hex2i", 31n],
    ["str(ffffffffffffffff),hex2i", -1n],
    ["str(xy),hex2i", "absent"],
    ["bin(01020304050607),be2hex", "01020304050607"],
    ["bin(01020304050607),be2hex(:,2)", "0102:0304:0506:07"],
    ["bin(01020304050607),be2hex(--,2,1)", "0102--0304--0506"],
    ["bin(01020304050607),be2dec(:,2)", "258:772:1286:7"],
    ["bin(01020304050607),be2dec(-,2,1)", "258-772-1286"],
    ["bin(7f000001),be2dec(.,1)", "127.0.0.1"],
    ["bin(0100),le2dec(.,2)", "1"],
    ["int(258),htonl,hex", "00000102"],
    ["str(a),base64", "YQ=="],
    ["str(YQ==),b64dec", "a"],
    ["str(YQ=),b64dec", "absent"],
    ["bin(fbff),ub64enc", "-_8"],
    ["str(-_8),ub64dec,hex", "FBFF"],
    ["str(Y),ub64dec", "absent"],
    ["str(ab),has_ctl", false],
    ["bin(0a),has_ctl", true],
    ["str(123456789),crc32", 0xcbf43926n],
    ["str(123456789),crc32c", 0xe3069283n],
    ["str(a),djb2", 177_670n],
    ["str(a),sdbm", 97n],
    ["str(abc),xxh32", 0x32d153ffn],
    ["str(abc),xxh64", 0x44bc2cf5ad770999n],
    ["str(abc),sha1,hex", "A9993E364706816ABA3E25717850C26C9CD0D89D"],
    ["str(abc),sha2,bytes(0,4),hex", "BA7816BF"],
    ["str(abc),sha2(224),bytes(0,4),hex", "23097D22"],
  ])("%s", (text, answer) => {
    expect(ask(text)).toBe(answer);
  });

  it("take avalanche and seeds", () => {
    expect(ask("str(a),djb2(1)")).not.toBe(ask("str(a),djb2"));
    expect(ask("str(a),wt6(1)")).not.toBe(ask("str(a),wt6"));
    expect(ask("str(a),xxh64(5)")).not.toBe(ask("str(a),xxh64"));
    expect(ENCODING_CONVERTERS.length).toBeGreaterThan(15);
  });

  it("write Base64 as Node does, and read it back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), (bytes) => {
        const hex = Buffer.from(bytes).toString("hex");
        expect(ask(`bin(${hex}),base64`)).toBe(Buffer.from(bytes).toString("base64"));
        expect(ask(`bin(${hex}),ub64enc`)).toBe(Buffer.from(bytes).toString("base64url"));
        expect(ask(`bin(${hex}),base64,b64dec,hex`)).toBe(hex.toUpperCase());
        expect(ask(`bin(${hex}),ub64enc,ub64dec,hex`)).toBe(hex.toUpperCase());
      }),
    );
  });
});
