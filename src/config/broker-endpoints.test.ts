import { expect, it } from "vitest";
import { brokerEndpoint } from "./broker-endpoints.ts";

it("brokerEndpoint knows the endpoints of brokers and of nothing else", () => {
  expect(
    ["emqx", "rabbitmq", "hivemq", "vernemq", "nats"].map((type) => {
      const { port, path } = brokerEndpoint(type)!;
      return `${port}${path(1883)}`;
    }),
  ).toEqual([
    "18083/api/v5/load_rebalance/availability_check",
    "15672/api/health/checks/port-listener/1883",
    "8889/api/v1/health/readiness",
    "8888/health",
    "8222/healthz",
  ]);
  expect(["tcp", "http", "toString"].map(brokerEndpoint)).toEqual([null, null, null]);
});
