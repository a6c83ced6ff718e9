import { describe, expect, it } from "vitest";
import { ConnectInspector } from "../mqtt/connect.ts";
import { encodeConnect } from "../mqtt/packet.ts";
import { ConnectView } from "./connect-view.ts";

function view(given: Partial<Parameters<typeof encodeConnect>[0]>): ConnectView {
  const base = { level: 5, clientId: "d", cleanStart: true, keepAliveSeconds: 30 } as const;
  const bytes = encodeConnect({ ...base, ...given });
  const inspector = new ConnectInspector();
  expect(inspector.inspect(bytes, 0, bytes.length, 65_536)).toBe(bytes.length);
  return new ConnectView().open(inspector, bytes);
}

describe("ConnectView", () => {
  it("shows the fields of a CONNECT", () => {
    const password = "123";
    const { clientId, userName, version, keepAliveSeconds, cleanStart, ...rest } = readAll(
      view({ userName: "u", password }),
    );
    expect({ clientId, userName, version, keepAliveSeconds, cleanStart }).toEqual({
      clientId: "d",
      userName: "u",
      version: "5.0",
      keepAliveSeconds: 30,
      cleanStart: true,
    });
    expect(rest.password).toEqual(new TextEncoder().encode(password));
    expect(rest.properties).toMatchObject({ sessionExpirySeconds: 0, receiveMaximum: 65_535 });
    expect(rest.userProperties).toEqual([]);
    expect(rest.will).toBeNull();
  });

  it("has null where nothing was sent", () => {
    const { userName, password, properties, version } = readAll(view({ level: 4 }));
    expect({ userName, password, properties, version }).toEqual({
      userName: null,
      password: null,
      properties: null,
      version: "3.1.1",
    });
  });

  it("cannot be read once the hook has returned", () => {
    const shown = view({});
    shown.close();
    expect(() => shown.clientId).toThrow("Cannot read a CONNECT: its hook has returned");
  });
});

function readAll(shown: ConnectView) {
  const { clientId, userName, password, version, keepAliveSeconds, cleanStart } = shown;
  const { will, properties, userProperties } = shown;
  return {
    ...{ clientId, userName, password, version, keepAliveSeconds, cleanStart },
    ...{ will, properties, userProperties },
  };
}
