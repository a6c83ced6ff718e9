import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { clientSlot, connectionOf } from "./connections.ts";
import { ClientView } from "./policy-client.ts";

describe("ClientView", () => {
  it("says who a client is, and nothing of TLS where there is none", () => {
    const scene = new Scene();
    const slot = scene.client(undefined, makeEndpoint("192.0.2.7", 4711)!);
    const view = new ClientView(scene.context).open(connectionOf(slot));
    const { address, port, listener, proxied, tls } = view;
    expect({ address, port, listener, proxied, tls }).toEqual({
      address: "192.0.2.7",
      port: 4711,
      listener: "mqtt",
      proxied: false,
      tls: null,
    });
    expect(clientSlot(connectionOf(slot))).toBe(slot);
  });

  it("cannot be read once the hook has returned", () => {
    const scene = new Scene();
    const view = new ClientView(scene.context).open(connectionOf(scene.client()));
    view.close();
    expect(() => view.address).toThrow("Cannot read a client: its hook has returned");
  });
});
