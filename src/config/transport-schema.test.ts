import { describe, expect, test } from "vitest";
import {
  listenerTransportKeys,
  poolTransportKeys,
  serverTransportKeys,
} from "./transport-schema.ts";

describe("before MQTT, at a listener", () => {
  const { proxyProtocol, websocket } = listenerTransportKeys;

  test("everything has a default", () => {
    expect(proxyProtocol.parse({})).toEqual({ mode: "required", from: [], deadline: 10_000 });
    const paths = ["/mqtt"];
    const frameSize = 16 * 2 ** 20;
    expect(websocket.parse({})).toEqual({ paths, origins: [], frameSize, deadline: 10_000 });
  });

  test("paths and origins are what HTTP has", () => {
    expect(websocket.safeParse({ paths: ["/", "/mqtt/v2"] }).success).toBe(true);
    expect(websocket.safeParse({ paths: ["mqtt"] }).success).toBe(false);
    expect(websocket.safeParse({ paths: ["/mqtt?a=b"] }).success).toBe(false);
    expect(websocket.safeParse({ origins: ["https://a.example", "null"] }).success).toBe(true);
    expect(websocket.safeParse({ origins: ["a.example"] }).success).toBe(false);
    expect(websocket.safeParse({ origins: ["https://a.example/path"] }).success).toBe(false);
  });
});

describe("towards servers", () => {
  test("a PROXY header has a short form", () => {
    const { proxyProtocol } = poolTransportKeys;
    expect(proxyProtocol.parse("v2")).toEqual({ version: "v2", tlvs: [] });
    const tlvs = ["authority", "ssl-cn"];
    expect(proxyProtocol.parse({ version: "v2", tlvs })).toEqual({ version: "v2", tlvs });
    for (const wrong of ["v3", {}, { version: "v2", tlvs: ["ssl-unknown"] }])
      expect(proxyProtocol.safeParse(wrong).success).toBe(false);
  });

  test("one server may do without what its pool has", () => {
    for (const key of ["tls", "websocket", "proxyProtocol"] as const) {
      expect(serverTransportKeys[key].parse(false)).toBe(false);
      expect(poolTransportKeys[key].safeParse(false).success).toBe(false);
    }
  });
});
