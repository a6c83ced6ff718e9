import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../../tests/certificates.ts";
import { closeAtEnd } from "../../../tests/process/close-at-end.ts";
import { CONNACK, CONNECT, DISCONNECT, Scene } from "../../../tests/relay/relay-scene.ts";
import { TlsPeer } from "../../../tests/relay/tls-peer.ts";
import {
  certificatesOfTest,
  listenerPlan,
  NO_CLIENT_CERTIFICATE,
  serverPlan,
} from "../../../tests/tls/tls-scene.ts";
import type { TlsListenerPlan } from "../../shm/plan.ts";
import { makeClientContext, type TlsContext } from "../../tls/tls-context.ts";

const DEADLINE_MS = 3_000;

let certificates: Certificates;
let client: TlsContext;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  client = makeClientContext(serverPlan({ authorities: certificates.ca.cert }));
});

afterAll(() => client.free());

/** A scene and a client that has not said a word. */
function begin(changes: Partial<TlsListenerPlan> = {}, context = client) {
  const plan = listenerPlan([certificates.server], {
    handshakeDeadlineMs: DEADLINE_MS,
    ...changes,
  });
  const scene = new Scene({ listener: { tls: plan } });
  const slot = scene.io.accept();
  const peer = closeAtEnd(TlsPeer.client(scene.io, slot, context));
  return { scene, slot, peer, left: () => [...scene.leftovers(), ...sessionsLeft(scene)] };
}

function sessionsLeft({ context }: Scene): string[] {
  const count = context.transport.tlsSessions;
  return count === 0 ? [] : [`${count} TLS sessions`];
}

describe("onHandshakeBytes", () => {
  it("opens a session whose CONNECT finds its server", () => {
    const { scene, slot, peer } = begin();
    peer.shakeHands();
    expect([peer.isOpen, scene.count("tlsHandshakes")]).toEqual([true, 1]);
    peer.say(CONNECT);
    scene.io.establish(slot ^ 1);
    expect(scene.io.taken(slot ^ 1)).toEqual(CONNECT);
    scene.io.bring(slot ^ 1, CONNACK);
    expect(Uint8Array.from(peer.listen())).toEqual(CONNACK);
  });

  it("shakes hands byte by byte", () => {
    const { scene, slot, peer } = begin();
    for (let flight = peer.takeFlight(); flight.length > 0; flight = peer.takeFlight()) {
      for (const byte of flight) {
        scene.io.bring(slot, [byte]);
        peer.listen();
      }
    }
    peer.say(CONNECT);
    expect(scene.io.dials.length).toBe(1);
  });

  it("leaves a CONNECT that comes with the end of the handshake for the next stage", () => {
    const { scene, slot, peer } = begin();
    scene.io.bring(slot, peer.takeFlight());
    peer.listen();
    scene.io.bring(slot, Buffer.concat([peer.takeFlight(), peer.seal(CONNECT)]));
    scene.io.establish(slot ^ 1);
    expect(scene.io.taken(slot ^ 1)).toEqual(CONNECT);
  });

  it("hears who says all there is to say, and goodbye, in the same breath", () => {
    const { scene, slot, peer, left } = begin();
    scene.io.bring(slot, peer.takeFlight());
    peer.listen();
    const all = Uint8Array.from([...CONNECT, ...DISCONNECT]);
    scene.io.bring(slot, Buffer.concat([peer.takeFlight(), peer.seal(all), peer.sealEnd()]));
    scene.io.establish(slot ^ 1);
    expect(scene.io.taken(slot ^ 1)).toEqual(all);
    expect(scene.io.socket(slot ^ 1).finished).toBe(true);
    scene.io.end(slot ^ 1);
    expect(scene.reasons()).toEqual(["client-disconnected"]);
    expect(left()).toEqual([]);
  });

  it("knows who goes when the handshake is complete from who goes before", () => {
    const { scene, slot, peer, left } = begin();
    scene.io.bring(slot, peer.takeFlight());
    peer.listen();
    scene.io.bring(slot, Buffer.concat([peer.takeFlight(), peer.sealEnd()]));
    scene.io.end(slot);
    expect(scene.reasons()).toEqual(["closed-before-connect"]);
    expect([scene.count("tlsHandshakes"), ...left()]).toEqual([1]);
    const other = begin();
    other.scene.io.bring(other.slot, other.peer.takeFlight());
    other.scene.io.end(other.slot);
    expect(other.scene.reasons()).toEqual(["tls-abandoned"]);
    expect([other.scene.count("tlsHandshakes"), ...other.left()]).toEqual([0]);
  });

  it("says why a handshake fails, to the client by an alert and in the log", () => {
    const clientCertificate = {
      ...NO_CLIENT_CERTIFICATE,
      mode: "required",
      authorities: certificates.ca.cert,
    } as const;
    const { scene, slot, peer, left } = begin({ clientCertificate });
    peer.shakeHands();
    expect(peer.end.failure(0)).toBe("peer-alert");
    // The alert is to be read before the connection is closed.
    expect(scene.io.socket(slot).finished).toBe(true);
    scene.io.end(slot);
    expect(scene.reasons()).toEqual(["tls-certificate-required"]);
    expect(left()).toEqual([]);
  });

  it("takes an alert of the client for what it is", () => {
    const distrusting = makeClientContext(serverPlan({ authorities: certificates.otherCa.cert }));
    const { scene, slot, peer, left } = begin({}, distrusting);
    scene.io.bring(slot, peer.takeFlight());
    peer.listen();
    scene.io.bring(slot, peer.takeFlight());
    if (scene.io.openSlots.includes(slot)) scene.io.end(slot);
    expect(scene.reasons()).toEqual(["tls-alert"]);
    expect(left()).toEqual([]);
    distrusting.free();
  });

  it("ends a client that does not go on", () => {
    const { scene, slot, peer, left } = begin();
    scene.io.bring(slot, peer.takeFlight());
    scene.io.pass(DEADLINE_MS + 1);
    if (scene.io.openSlots.includes(slot)) scene.io.end(slot);
    expect(scene.reasons()).toEqual(["tls-deadline"]);
    expect(left()).toEqual([]);
  });
});
