import { expect, test } from "vitest";
import { ProxyHeader } from "./proxy-header.ts";

test("clear forgets everything that a header said", () => {
  const header = new ProxyHeader();
  header.version = 2;
  header.isLocal = true;
  header.source.fill(1);
  header.destination.fill(2);
  header.authority = "broker.example";
  header.alpn = "mqtt";
  header.uniqueId = Uint8Array.of(1);
  header.ssl = {
    ...{ client: 7, verify: 18, version: "TLSv1.3", cn: "device" },
    ...{ cipher: "c", signature: "s", key: "k" },
  };
  header.awsVpcEndpoint = "vpce-1";
  header.azureLinkId = 1;
  header.gcpConnectionId = "1";
  header.clear();
  expect(header).toEqual(new ProxyHeader());
});
