import { describe, expect, it } from "vitest";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { describeUp } from "./up-table.ts";

const nodes = [{ name: "node1", host: "127.0.0.1", mqttPort: 11_883, wsPort: 18_083 }];
const adminUrl = "http://127.0.0.1:8888";

describe("describeUp", () => {
  it("says where everything listens and what to type next", () => {
    const listener = makeEndpoint("0.0.0.0", 1883)!;
    const text = describeUp({ listener, nodes, adminUrl }).join("\n");
    expect(text).toMatch(/clients +0\.0\.0\.0:1883 /);
    expect(text).toMatch(/node1 +127\.0\.0\.1:11883 .*18083/);
    expect(text).toContain("http://127.0.0.1:8888/stats");
    expect(text).toContain("mosquitto_sub -t 'demo/#' -v");
    expect(text).toContain("npx fairlead ctl broker stats");
  });

  it("puts ports and addresses into what to type where they are not the usual ones", () => {
    const listener = makeEndpoint("127.0.0.1", 21_883)!;
    const other = "http://127.0.0.1:9999";
    const text = describeUp({ listener, nodes, adminUrl: other }).join("\n");
    expect(text).toContain("mosquitto_pub -p 21883 -t demo/hello");
    expect(text).toContain("ctl --admin http://127.0.0.1:9999 broker stats");
  });

  it("leaves out the pages where there are none", () => {
    const listener = makeEndpoint("127.0.0.1", 1883)!;
    const text = describeUp({ listener, nodes, adminUrl: null }).join("\n");
    expect(text).not.toMatch(/stats|curl/);
    expect(text).toContain("mosquitto_pub");
  });
});
