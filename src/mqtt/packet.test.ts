import * as mqttPacket from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { ConnectInspector } from "./connect.ts";
import { type ConnectRequest, DISCONNECT, encodeConnect, PINGREQ } from "./packet.ts";

const REQUEST: ConnectRequest = {
  level: 4,
  clientId: "check-é",
  cleanStart: true,
  keepAliveSeconds: 300,
};

describe("encodeConnect", () => {
  test.each([
    ["3.1.1", REQUEST],
    ["3.1.1 with credentials", { ...REQUEST, userName: "u", password: "p" }],
    ["3.1.1 with a user name", { ...REQUEST, userName: "u", cleanStart: false }],
    ["5.0", { ...REQUEST, level: 5 as const }],
    ["5.0 of over 16 kB", { ...REQUEST, level: 5 as const, userName: "u".repeat(20_000) }],
  ])("%s is what mqtt-packet writes, and passes inspection", (_name, request) => {
    const bytes = encodeConnect(request);
    const theirs = mqttPacket.generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: request.level,
      clean: request.cleanStart,
      clientId: request.clientId,
      keepalive: request.keepAliveSeconds,
      ...("userName" in request && { username: request.userName }),
      ...("password" in request && { password: Buffer.from(request.password) }),
    });
    expect(Buffer.from(bytes).equals(theirs)).toBe(true);
    const inspector = new ConnectInspector();
    expect(inspector.inspect(bytes, 0, bytes.length, 65_536)).toBe(bytes.length);
    expect(inspector.clientId()).toBe(request.clientId);
    expect(inspector.keepAliveSeconds).toBe(300);
  });

  test("5.0 may have a password alone, which mqtt-packet does not write", () => {
    const bytes = encodeConnect({ ...REQUEST, level: 5, password: "secret" });
    const inspector = new ConnectInspector();
    expect(inspector.inspect(bytes, 0, bytes.length, 65_536)).toBe(bytes.length);
    expect([inspector.userName(), inspector.passwordLength]).toEqual([null, 6]);
  });

  test("refuses what no CONNECT can carry", () => {
    const encode = (part: Partial<ConnectRequest>) => () => encodeConnect({ ...REQUEST, ...part });
    expect(encode({ keepAliveSeconds: 65_536 })).toThrow("keep alive 65536 is not 0 to 65535");
    expect(encode({ keepAliveSeconds: Number.NaN })).toThrow("keep alive NaN");
    expect(encode({ clientId: "c".repeat(65_536) })).toThrow("65536 bytes is too long");
    expect(encode({ password: "p" })).toThrow("no password without a user name");
  });
});

describe("packets without content", () => {
  test.each([
    ["pingreq", PINGREQ],
    ["disconnect", DISCONNECT],
  ] as const)("%s is what mqtt-packet writes", (cmd, bytes) => {
    expect(Buffer.from(bytes).equals(mqttPacket.generate({ cmd }))).toBe(true);
  });
});
