// Ticket keys from files: balancers that have the same ones resume each other's sessions, through
// changes of the keys, and seal tickets in the form of HAProxy and nginx.
import { createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Certificates } from "../certificates.ts";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Haproxy } from "./haproxy.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { Nginx } from "./nginx.ts";
import { openTls, type TlsOutcome, tryTls } from "./tls-clients.ts";
import { waitUntil } from "./wait-until.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
const NAME_SIZE = 16;
const MAC_SIZE = 32;
const IV_SIZE = 16;
const REFUSED = "fairlead_ticket_key_reload_failures_total";

type Balancer = ManyListeners<"mqtts">;

let folder: string;
let certificates: Certificates;
let broker: Mosquitto;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-ticket-keys-"));
  certificates = await certificatesOfTest();
  broker = await Mosquitto.start();
});

afterAll(async () => {
  await broker.close();
  rmSync(folder, { recursive: true });
});

const newKey = () => randomBytes(80);
const lines = (...keys: readonly Buffer[]) => {
  return keys.map((key) => `${key.toString("base64")}\n`).join("");
};

/** Puts a file in place at once: whoever watches it never sees half of it. */
function install(file: string, content: string | Uint8Array): void {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

/** @param machine whose file it is: each balancer has its own copy */
function fileOf(machine: string): string {
  return join(folder, `${machine}.keys`);
}

function tlsOfListener() {
  const { certFile: certificate, keyFile: key } = certificates.server;
  return { certificates: [{ certificate, key }] };
}

async function startBalancer(machine: string, content: string | Uint8Array): Promise<Balancer> {
  install(fileOf(machine), content);
  const balancer = await ManyListeners.start({
    listeners: { mqtts: { tls: tlsOfListener() } },
    pools: { brokers: { servers: [broker.address] } },
    sections: { tls: { ticketKeys: [fileOf(machine)] } },
  });
  onTestFinished(() => balancer.end());
  return balancer;
}

function connect(
  { ports }: Balancer,
  version: (typeof VERSIONS)[number],
  session?: Buffer | null,
): Promise<TlsOutcome> {
  const resumed = session ? { session } : {};
  return tryTls({ port: ports.mqtts, minVersion: version, maxVersion: version, ...resumed });
}

/** What a client of TLS 1.2 is given, which shows all of the ticket. */
async function ticketFrom(port: number): Promise<Buffer> {
  const client = openTls({ port, maxVersion: "TLSv1.2" });
  expect(await client.outcome).toMatchObject({ accepted: true, resumed: false });
  const ticket = client.socket.getTLSTicket()!;
  client.socket.destroy();
  return ticket;
}

/** Waits until tickets are sealed with this key. */
async function waitForKey({ ports }: Balancer, key: Buffer): Promise<void> {
  await waitUntil("another key seals", async () => {
    const ticket = await ticketFrom(ports.mqtts);
    return ticket.subarray(0, NAME_SIZE).equals(key.subarray(0, NAME_SIZE));
  });
}

interface KeyParts {
  readonly name: Buffer;
  readonly forHmac: Buffer;
  readonly forAes: Buffer;
}

/** nginx has the key for HMAC in front, HAProxy that for AES. */
function partsOf(key: Buffer, first: "forHmac" | "forAes"): KeyParts {
  const [name, one, other] = [key.subarray(0, 16), key.subarray(16, 48), key.subarray(48)];
  return first === "forHmac"
    ? { name, forHmac: one, forAes: other }
    : { name, forHmac: other, forAes: one };
}

/**
 * Opens a ticket as RFC 5077, 4, recommends it to be sealed, with AES-256 and SHA-256.
 * @returns the session in it; throws where it was sealed with another key, or in another way
 */
function openTicket(ticket: Buffer, { name, forHmac, forAes }: KeyParts): Buffer {
  const sealed = ticket.subarray(0, -MAC_SIZE);
  const mac = createHmac("sha256", forHmac).update(sealed).digest();
  expect(ticket.subarray(0, NAME_SIZE).equals(name)).toBe(true);
  expect(ticket.subarray(-MAC_SIZE).equals(mac)).toBe(true);
  const iv = sealed.subarray(NAME_SIZE, NAME_SIZE + IV_SIZE);
  const decipher = createDecipheriv("aes-256-cbc", forAes, iv);
  return Buffer.concat([decipher.update(sealed.subarray(NAME_SIZE + IV_SIZE)), decipher.final()]);
}

describe.each(VERSIONS)("a session of %s", (version) => {
  it("is resumed at another balancer that has the same keys, and at no other", async () => {
    const keys = lines(newKey(), newKey(), newKey());
    const one = await startBalancer("one", keys);
    const other = await startBalancer("other", keys);
    const stranger = await startBalancer("stranger", newKey());
    const first = await connect(one, version);
    expect(first).toMatchObject({ accepted: true, resumed: false });
    const second = await connect(other, version, first.session);
    expect(second).toMatchObject({ accepted: true, resumed: true, protocol: version });
    const back = await connect(one, version, second.session ?? first.session);
    expect(back).toMatchObject({ accepted: true, resumed: true });
    const elsewhere = await connect(stranger, version, first.session);
    expect(elsewhere).toMatchObject({ accepted: true, resumed: false });
  });

  it("outlives new lines of the file, machine by machine, until its key is gone", async () => {
    const [k1, k2, k3, k4, k5, k6] = Array.from({ length: 6 }, newKey) as [Buffer, ...Buffer[]];
    const one = await startBalancer("one", lines(k1, k2!, k3!));
    const other = await startBalancer("other", lines(k1, k2!, k3!));
    const { session } = await connect(one, version);
    // One seals with a key now that has never sealed on the other.
    install(fileOf("one"), lines(k1, k2!, k3!, k4!));
    await waitForKey(one, k3!);
    const newer = await connect(one, version);
    expect((await connect(other, version, newer.session)).resumed).toBe(true);
    install(fileOf("other"), lines(k1, k2!, k3!, k4!));
    await waitForKey(other, k3!);
    expect((await connect(other, version, session)).resumed).toBe(true);
    install(fileOf("other"), lines(k4!, k5!, k6!));
    await waitForKey(other, k5!);
    const late = await connect(other, version, session);
    expect(late).toMatchObject({ accepted: true, resumed: false });
    expect((await connect(one, version, session)).resumed).toBe(true);
  });

  it("outlives the balancer that began it", async () => {
    const key = newKey();
    const { session } = await connect(await startBalancer("one", key), version);
    const again = await startBalancer("again", key);
    expect(await connect(again, version, session)).toMatchObject({ resumed: true });
  });
});

describe("a reload", () => {
  /** Reloads with other files of ticket keys, or none. */
  async function reload({ fairlead, ports }: Balancer, ...files: readonly string[]): Promise<void> {
    const listen = `127.0.0.1:${ports.mqtts}`;
    const settings = {
      admin: { listen: `127.0.0.1:${fairlead.adminPort}` },
      workers: 1,
      tls: { ticketKeys: files },
      listeners: { mqtts: { listen, pool: "brokers", tls: tlsOfListener() } },
      pools: { brokers: { check: { type: "none" }, servers: [broker.address] } },
    };
    fairlead.writeConfig(JSON.stringify(settings));
    expect(await fairlead.reload()).toMatchObject({ outcome: "applied", changed: ["tls"] });
  }

  it("brings other files, and keys of its own where there are none", async () => {
    const [before, after] = [newKey(), newKey()];
    const one = await startBalancer("one", before);
    const { session } = await connect(one, "TLSv1.3");
    install(fileOf("young"), after);
    await reload(one, fileOf("young"), fileOf("one"));
    await waitForKey(one, after);
    expect((await connect(one, "TLSv1.3", session)).resumed).toBe(true);
    await reload(one);
    await waitUntil("the session is unknown", async () => {
      return !(await connect(one, "TLSv1.3", session)).resumed;
    });
    const { session: own } = await connect(one, "TLSv1.3");
    expect((await connect(one, "TLSv1.3", own)).resumed).toBe(true);
  });
});

describe("a file that is no good", () => {
  it("changes nothing, and the log says why", async () => {
    const key = newKey();
    const one = await startBalancer("one", key);
    const { fairlead } = one;
    const { session } = await connect(one, "TLSv1.3");
    install(fileOf("one"), newKey().subarray(0, 48));
    const line = await fairlead.waitForLog("the refusal", ({ event }) => {
      return event === "ticket-keys-refused";
    });
    expect(line["msg"]).toContain("holds a ticket key of 48 bytes, for AES-128");
    expect((await connect(one, "TLSv1.3", session)).resumed).toBe(true);
    await expect.poll(() => fairlead.fetchMetric(REFUSED)).toBe(1);
    const young = newKey();
    install(fileOf("one"), young);
    await waitForKey(one, young);
  });
});

describe("keys", () => {
  it("are neither in the log nor in the settings that the API shows", async () => {
    const [first, second] = [newKey(), newKey()];
    const one = await startBalancer("one", first);
    const { fairlead } = one;
    install(fileOf("one"), second);
    const line = await fairlead.waitForLog("the renewal", ({ event }) => {
      return event === "ticket-keys-renewed";
    });
    expect(line["sealing"]).toBe(second.toString("hex", 0, NAME_SIZE));
    const settings = await fairlead.fetchPage("/api/v1/configuration");
    expect(JSON.parse(settings)).toMatchObject({ tls: { ticketKeys: { files: [fileOf("one")] } } });
    const shown = `${settings}\n${fairlead.lines.join("\n")}`;
    for (const key of [first, second]) {
      for (const coding of ["hex", "base64"] as const) {
        expect(shown).not.toContain(key.toString(coding));
        expect(shown).not.toContain(key.subarray(48).toString(coding));
      }
    }
  });
});

describe("tickets", () => {
  const [k1, k2, k3] = [newKey(), newKey(), newKey()];

  it("are sealed as HAProxy seals them, with the same line of the same file", async () => {
    const text = lines(k1, k2, k3);
    const { cert, key } = certificates.server;
    const haproxy = closeAtEnd(
      await Haproxy.start({
        serverPort: broker.port,
        bind: "ssl crt FOLDER/server.pem tls-ticket-keys FOLDER/tickets.keys",
        files: { "server.pem": cert + key, "tickets.keys": text },
      }),
    );
    const one = await startBalancer("one", text);
    for (const port of [haproxy.port, one.ports.mqtts]) {
      expect(openTicket(await ticketFrom(port), partsOf(k2, "forAes")).length).toBeGreaterThan(0);
    }
    // What is in it is for HAProxy alone: it says so itself (SSL_CTX_set_session_id_context).
    const { session } = await tryTls({ port: haproxy.port });
    expect(session).not.toBeNull();
    const anew = await connect(one, "TLSv1.3", session);
    expect(anew).toMatchObject({ accepted: true, resumed: false });
  });

  it("are sealed as nginx seals them, with the same file", async () => {
    const { cert, key } = certificates.server;
    const nginx = closeAtEnd(
      await Nginx.start(broker.port, {
        listen: "ssl",
        lines:
          "ssl_certificate FOLDER/server.pem; ssl_certificate_key FOLDER/server.pem;" +
          "ssl_session_ticket_key FOLDER/tickets.key;",
        files: { "server.pem": cert + key, "tickets.key": k1 },
      }),
    );
    const one = await startBalancer("one", k1);
    for (const port of [nginx.port, one.ports.mqtts]) {
      expect(openTicket(await ticketFrom(port), partsOf(k1, "forHmac")).length).toBeGreaterThan(0);
    }
  });
});
