// The engine against Node's TLS, over sockets: two implementations of nothing but the records.

import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Server } from "node:net";
import tls from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ServerContexts } from "../../src/tls/server-contexts.ts";
import { TicketKeys } from "../../src/tls/ticket-keys.ts";
import { makeClientContext } from "../../src/tls/tls-context.ts";
import type { Certificates } from "../certificates.ts";
import { listenOnLoopback, SocketEnd } from "./socket-end.ts";
import {
  certificatePlan,
  certificatesOfTest,
  listenerPlan,
  NO_CLIENT_CERTIFICATE,
  serverPlan,
} from "./tls-scene.ts";

let certificates: Certificates;
let server: Server;
let port: number;
const tickets = new TicketKeys();

beforeAll(async () => {
  certificates = await certificatesOfTest();
});

beforeEach(async () => {
  ({ server, port } = await listenOnLoopback());
});

afterEach(() => {
  server.close();
});

type ClientOptions = tls.ConnectionOptions & tls.TLSSocketOptions;

function dial(options: ClientOptions = {}): tls.TLSSocket {
  const ca = certificates.ca.cert;
  const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca, ...options });
  socket.on("error", () => undefined);
  return socket;
}

/** One connection of a Node client to the engine. */
async function meet(
  contexts: ServerContexts,
  options?: ClientOptions,
): Promise<{ client: tls.TLSSocket; end: SocketEnd }> {
  const accepted = SocketEnd.accept(server, contexts.choose("localhost")!);
  const client = dial(options);
  const end = await accepted;
  return { client, end };
}

describe.each(["TLSv1.2", "TLSv1.3"] as const)("a Node client of %s", (version) => {
  const limits = { minVersion: version, maxVersion: version };

  it("gets back what it sends, small and large", async () => {
    const contexts = new ServerContexts(listenerPlan([certificates.server]), tickets);
    const { client, end } = await meet(contexts, limits);
    end.echo();
    await once(client, "secureConnect");
    expect(client.getProtocol()).toBe(version);
    const sent = randomBytes(300_000);
    const digest = createHash("sha256").update(sent).digest("hex");
    const back: Buffer[] = [];
    const done = new Promise<void>((resolve) => {
      let size = 0;
      client.on("data", (bytes) => {
        back.push(bytes);
        size += bytes.length;
        if (size === sent.length) resolve();
      });
    });
    client.write(sent.subarray(0, 10));
    client.write(sent.subarray(10));
    await done;
    expect(createHash("sha256").update(Buffer.concat(back)).digest("hex")).toBe(digest);
    client.end();
    await end.over();
    expect(end.end.failure(0)).toBe("none");
    end.destroy();
    contexts.free();
  });

  it("resumes with a ticket", async () => {
    const contexts = new ServerContexts(listenerPlan([certificates.server]), tickets);
    const first = await meet(contexts, limits);
    const session = once(first.client, "session");
    await once(first.client, "secureConnect");
    const [ticket] = await session;
    first.client.destroy();
    first.end.destroy();
    const second = await meet(contexts, { ...limits, session: ticket });
    await once(second.client, "secureConnect");
    expect(second.client.isSessionReused()).toBe(true);
    second.client.destroy();
    second.end.destroy();
    contexts.free();
  });

  it("is shown the stapled OCSP response of the certificate it gets", async () => {
    const ocsp = new Uint8Array(readFileSync(certificates.ocspFile));
    const plan = listenerPlan([certificatePlan(certificates.server, ocsp), certificates.serverRsa]);
    const contexts = new ServerContexts(plan, tickets);
    const { client, end } = await meet(contexts, { ...limits, requestOCSP: true });
    const [response] = await once(client, "OCSPResponse");
    expect(Buffer.compare(response, Buffer.from(ocsp))).toBe(0);
    client.destroy();
    end.destroy();
    const rsa = { ...limits, sigalgs: "RSA-PSS+SHA256:rsa_pkcs1_sha256", requestOCSP: true };
    const other = await meet(contexts, rsa);
    const [none] = await once(other.client, "OCSPResponse");
    expect(none ?? null).toBe(null);
    other.client.destroy();
    other.end.destroy();
    contexts.free();
  });

  it("agrees on a protocol", async () => {
    const plan = listenerPlan([certificates.server], { alpn: ["mqtt"] });
    const contexts = new ServerContexts(plan, tickets);
    const { client, end } = await meet(contexts, { ...limits, ALPNProtocols: ["h2", "mqtt"] });
    await once(client, "secureConnect");
    expect(client.alpnProtocol).toBe("mqtt");
    client.destroy();
    end.destroy();
    contexts.free();
  });

  it("shows its certificate, and is told when that is no good", async () => {
    const clientCertificate = {
      ...NO_CLIENT_CERTIFICATE,
      mode: "required" as const,
      authorities: certificates.ca.cert,
      revoked: certificates.crl.text,
    };
    const plan = listenerPlan([certificates.server], { clientCertificate });
    const contexts = new ServerContexts(plan, tickets);
    const { client: good, clientRevoked: bad } = certificates;
    const welcome = await meet(contexts, { ...limits, cert: good.cert, key: good.key });
    welcome.client.write("hello");
    expect(await welcome.end.hear(5)).toBe("hello");
    expect(welcome.end.end.engine.peerCertificate(0)).toMatchObject({
      commonName: "device-1",
      subject: "/C=DE/O=Fairlead/OU=Devices/CN=device-1",
    });
    const refused = await meet(contexts, { ...limits, cert: bad.cert, key: bad.key });
    const [error] = await once(refused.client, "error");
    expect(error.code).toMatch(/_ALERT_CERTIFICATE_REVOKED$/);
    expect(refused.end.end.failure(0)).toBe("certificate-revoked");
    for (const { client, end } of [welcome, refused]) {
      client.destroy();
      end.destroy();
    }
    contexts.free();
  });
});

describe("a Node client of TLS 1.2", () => {
  it("is not let renegotiate", async () => {
    const contexts = new ServerContexts(listenerPlan([certificates.server]), tickets);
    const { client, end } = await meet(contexts, { maxVersion: "TLSv1.2" });
    end.echo();
    await once(client, "secureConnect");
    client.renegotiate({}, () => undefined);
    const [error] = await once(client, "error");
    expect(error.code).toBe("ERR_SSL_NO_RENEGOTIATION");
    expect(end.end.failure(0)).toBe("none");
    client.destroy();
    end.destroy();
    contexts.free();
  });

  it("is given a new ticket for one of an older key", async () => {
    const keys = new TicketKeys();
    const [old, young] = [randomBytes(80), randomBytes(80)].map((key) => new Uint8Array(key));
    keys.useKeys([old!]);
    const contexts = new ServerContexts(listenerPlan([certificates.server]), keys);
    const limits = { maxVersion: "TLSv1.2" } as const;
    const first = await meet(contexts, limits);
    await once(first.client, "secureConnect");
    const ticket = first.client.getSession()!;
    keys.useKeys([young!, old!]);
    const second = await meet(contexts, { ...limits, session: ticket });
    await once(second.client, "secureConnect");
    const renewed = second.client.getSession()!;
    keys.useKeys([young!]);
    const third = await meet(contexts, { ...limits, session: renewed });
    await once(third.client, "secureConnect");
    expect([second, third].map(({ client }) => client.isSessionReused())).toEqual([true, true]);
    for (const { client, end } of [first, second, third]) {
      client.destroy();
      end.destroy();
    }
    contexts.free();
  });
});

describe("a Node server", () => {
  async function serve(options: tls.TlsOptions, answer: (socket: tls.TLSSocket) => void) {
    const { cert, key } = certificates.server;
    const listening = tls.createServer({ cert, key, ...options }, answer);
    listening.on("tlsClientError", () => undefined);
    listening.listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address() as { port: number };
    return { listening, port: address.port };
  }

  it.each(["1.2", "1.3"] as const)("is spoken to by TLS %s, and resumed", async (versionMax) => {
    const { listening, port } = await serve({}, (socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => socket.write(bytes));
    });
    const context = makeClientContext(
      serverPlan({ authorities: certificates.ca.cert, versionMax }),
    );
    const resumed: boolean[] = [];
    for (let round = 0; round < 3; round++) {
      const end = await SocketEnd.connect(port, context);
      await end.open();
      end.send("ping");
      expect(await end.hear(4)).toBe("ping");
      resumed.push(end.end.engine.wasResumed(0));
      end.finish();
      end.destroy();
    }
    expect(resumed).toEqual([false, true, true]);
    context.free();
    listening.close();
  });

  it("is shown our certificate", async () => {
    const asking = { requestCert: true, ca: certificates.ca.cert, ALPNProtocols: ["mqtt"] };
    const { listening, port } = await serve(asking, (socket) => {
      socket.write(`${socket.getPeerCertificate().subject.CN} ${socket.alpnProtocol}`);
    });
    const { cert: chain, key } = certificates.client;
    const context = makeClientContext(
      serverPlan({
        authorities: certificates.ca.cert,
        certificate: { chain, key },
        alpn: ["mqtt"],
      }),
    );
    const end = await SocketEnd.connect(port, context);
    expect(await end.hear(13)).toBe("device-1 mqtt");
    end.destroy();
    context.free();
    listening.close();
  });

  it("that refuses us is understood", async () => {
    const asking = { requestCert: true, rejectUnauthorized: true, ca: certificates.ca.cert };
    const { listening, port } = await serve(asking, () => undefined);
    const context = makeClientContext(serverPlan({ authorities: certificates.ca.cert }));
    const end = await SocketEnd.connect(port, context);
    await end.over();
    expect(end.end.failure(0)).toBe("peer-alert");
    end.destroy();
    context.free();
    listening.close();
  });
});
