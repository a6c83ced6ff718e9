import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { askAdmin, tellAdmin } from "./admin-client.ts";

const at = (url: string) => ({ url, authorization: null });
const running: Server[] = [];

async function serve(onRequest: RequestListener): Promise<string> {
  const server = createServer(onRequest).listen(0, "127.0.0.1");
  running.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of running.splice(0)) server.close();
});

describe("askAdmin", () => {
  it("gives what the API answers, also when the scheme is left out", async () => {
    const admin = await serve((request, response) => {
      response.end(JSON.stringify({ asked: request.url }));
    });
    expect(await askAdmin(at(admin), "/api/v1/status")).toEqual({ asked: "/api/v1/status" });
    expect(await askAdmin(at(admin.slice("http://".length)), "/x")).toEqual({ asked: "/x" });
  });

  it("hands on what a problem says", async () => {
    const admin = await serve((_request, response) => {
      response.writeHead(404).end(JSON.stringify({ detail: "There is no embedded cluster here" }));
    });
    await expect(askAdmin(at(admin), "/api/v1/cluster/stats")).rejects.toThrow(
      /^There is no embedded cluster here$/,
    );
  });

  it("says what was asked for where the answer says nothing", async () => {
    const admin = await serve((_request, response) => response.writeHead(502).end("Bad gateway"));
    await expect(tellAdmin(at(admin), { method: "POST", path: "/api/v1/reload" })).rejects.toThrow(
      `Cannot run POST ${admin}/api/v1/reload: status 502`,
    );
  });

  it("recognises a server that is not Fairlead", async () => {
    const admin = await serve((_request, response) => response.end("<html>"));
    await expect(askAdmin(at(admin), "/api/v1/status")).rejects.toThrow(
      "the answer is not Fairlead's",
    );
  });

  it("says that nobody is there", async () => {
    await expect(askAdmin(at("http://127.0.0.1:1"), "/")).rejects.toThrow(
      /^Cannot reach http:\/\/127\.0\.0\.1:1: .*is Fairlead running/,
    );
  });

  it("says what keeps it from speaking TLS, and that TLS is spoken there", async () => {
    const { certificate: cert, key } = new TestAuthority().issue({ names: ["localhost"] });
    const server = createTlsServer({ cert, key }).listen(0, "127.0.0.1");
    running.push(server);
    await once(server, "listening");
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(askAdmin(at(`https://${address}`), "/")).rejects.toThrow("NODE_EXTRA_CA_CERTS");
    await expect(askAdmin(at(`http://${address}`), "/")).rejects.toThrow("(try https://)");
    const plain = await serve((_request, response) => response.end("{}"));
    const secure = plain.replace("http:", "https:");
    await expect(askAdmin(at(secure), "/")).rejects.toThrow("(try http://)");
  });

  it("says that an address makes no sense", async () => {
    await expect(askAdmin(at("http://:::"), "/")).rejects.toThrow('Cannot read --url "http://:::"');
  });
});
