import { afterAll, describe, expect, it } from "vitest";
import { encodeAlpn, setGroups, setModes, setProtocol } from "./context-settings.ts";
import {
  ERR_peek_error,
  SSL_CTX_ctrl,
  SSL_CTX_free,
  SSL_CTX_new,
  SSL_CTX_set_options,
  TLS_method,
} from "./libssl.ts";
import * as ssl from "./ssl-constants.ts";

const context = SSL_CTX_new(TLS_method());

afterAll(() => SSL_CTX_free(context));

describe("encodeAlpn", () => {
  it("puts each name behind its length", () => {
    expect([...encodeAlpn(["mqtt", "h2"])]).toEqual([4, 109, 113, 116, 116, 2, 104, 50]);
    expect(encodeAlpn(["a".repeat(255)])).toHaveLength(256);
  });

  it("refuses names that have no length", () => {
    expect(() => encodeAlpn(["mqtt", ""])).toThrow('Cannot offer ALPN protocol ""');
    expect(() => encodeAlpn(["a".repeat(256)])).toThrow("1 to 255 bytes");
  });
});

describe("settings of a context", () => {
  it("turn renegotiation and compression off and release buffers", () => {
    setModes(context, ssl.SSL_OP_NO_TICKET);
    const options = BigInt(SSL_CTX_set_options(context, 0));
    for (const option of [
      ssl.SSL_OP_NO_TICKET,
      ssl.SSL_OP_NO_RENEGOTIATION,
      ssl.SSL_OP_NO_COMPRESSION,
    ]) {
      expect(options & BigInt(option)).toBe(BigInt(option));
    }
    const modes = SSL_CTX_ctrl(context, ssl.SSL_CTRL_MODE, 0, 0);
    expect(modes & ssl.SSL_MODE_RELEASE_BUFFERS).toBe(ssl.SSL_MODE_RELEASE_BUFFERS);
  });

  it("take OpenSSL's lists, or none", () => {
    const settings = {
      versionMin: "1.2",
      versionMax: "1.3",
      ciphers: "",
      cipherSuites: "",
    } as const;
    setProtocol(context, settings);
    setProtocol(context, { ...settings, ciphers: "HIGH:!aNULL" });
    setGroups(context, "");
    setGroups(context, "X25519:P-256");
    expect(ERR_peek_error()).toBe(0);
  });
});
