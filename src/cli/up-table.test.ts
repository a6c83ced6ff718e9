import { describe, expect, it } from "vitest";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { describeUp } from "./up-table.ts";

const nodes = [{ name: "node1", host: "127.0.0.1", mqttPort: 11_883, wsPort: 18_083 }];
const authorityFile = "/state/fairlead/ca.pem";
const endpoints = (host: string, ports: number[]) => ports.map((port) => makeEndpoint(host, port)!);
const adminUrl = "http://127.0.0.1:8888";

describe("describeUp", () => {
  it("says where everything listens and what to type next", () => {
    const listeners = endpoints("0.0.0.0", [1883, 8883, 8083, 8084]);
    const text = describeUp({ listeners, authorityFile, nodes, adminUrl }).join("\n");
    expect(text).toMatch(/clients +0\.0\.0\.0:1883 /);
    expect(text).toMatch(/TLS +0\.0\.0\.0:8883 /);
    expect(text).toMatch(/ws +0\.0\.0\.0:8083 .*ws:\/\/localhost:8083\/mqtt/);
    expect(text).toMatch(/wss +0\.0\.0\.0:8084 .*wss:\/\/localhost:8084\/mqtt/);
    expect(text).toContain("CA file  /state/fairlead/ca.pem");
    expect(text).toContain("mosquitto_pub -h localhost -p 8883 --cafile /state/fairlead/ca.pem");
    expect(text).toMatch(/node1 +127\.0\.0\.1:11883 .*18083/);
    expect(text).toContain("http://127.0.0.1:8888/stats");
    expect(text).toContain("mosquitto_sub -t 'demo/#' -v");
    expect(text).toContain("npx fairlead ctl broker stats");
  });

  it("puts ports and addresses into what to type where they are not the usual ones", () => {
    const listeners = endpoints("192.0.2.7", [21_883, 28_883, 28_083, 28_084]);
    const facts = { nodes, adminUrl: "http://127.0.0.1:9999", authorityFile: "/my state/ca.pem" };
    const text = describeUp({ listeners, ...facts }).join("\n");
    expect(text).toContain("mosquitto_pub -h 192.0.2.7 -p 28883 --cafile '/my state/ca.pem' -t");
    expect(text).toContain("wss://192.0.2.7:28084/mqtt");
    expect(text).toContain("mosquitto_pub -p 21883 -t demo/hello");
    expect(text).toContain("ctl --url http://127.0.0.1:9999 broker stats");
  });

  it("leaves out the pages where there are none", () => {
    const listeners = endpoints("127.0.0.1", [1883, 8883, 8083, 8084]);
    const text = describeUp({ listeners, authorityFile, nodes, adminUrl: null }).join("\n");
    expect(text).not.toMatch(/stats|curl/);
    expect(text).toContain("mosquitto_pub");
  });
});
