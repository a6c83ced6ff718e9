import { describe, expect, it } from "vitest";
import { takeServiceOrders } from "./service-orders.ts";

const NOTHING = { socketPath: null, watchdogMs: null, problems: [] };
const SOCKET = "/run/systemd/notify";

describe("takeServiceOrders", () => {
  it("finds none where there is no service manager", () => {
    expect(takeServiceOrders({ PATH: "/bin" }, 42)).toEqual(NOTHING);
    expect(takeServiceOrders({ WATCHDOG_USEC: "30000000" }, 42)).toEqual(NOTHING);
  });

  it("takes them out of the environment, and nothing else", () => {
    const environment = {
      PATH: "/bin",
      NOTIFY_SOCKET: SOCKET,
      WATCHDOG_USEC: "30000000",
      WATCHDOG_PID: "42",
    };
    expect(takeServiceOrders(environment, 42)).toEqual({
      socketPath: SOCKET,
      watchdogMs: 30_000,
      problems: [],
    });
    expect(environment).toEqual({ PATH: "/bin" });
  });

  it("takes a name of the abstract namespace, and does without a watchdog", () => {
    expect(takeServiceOrders({ NOTIFY_SOCKET: "@notify" }, 42)).toEqual({
      ...NOTHING,
      socketPath: "@notify",
    });
  });

  it("leaves the watchdog of another process alone", () => {
    const environment = { NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: "1000000", WATCHDOG_PID: "41" };
    expect(takeServiceOrders(environment, 42)).toEqual({ ...NOTHING, socketPath: SOCKET });
  });

  it.each(["notify", "", "@", "vsock:2:1234"])("says that NOTIFY_SOCKET=%s is none", (socket) => {
    const { socketPath, problems } = takeServiceOrders({ NOTIFY_SOCKET: socket }, 42);
    expect(socketPath).toBeNull();
    expect(problems).toEqual([
      `NOTIFY_SOCKET is "${socket}" and should be an absolute path or "@name"`,
    ]);
  });

  it.each(["0", "-1", "soon", "1e6", ""])("says that WATCHDOG_USEC=%s is no time", (time) => {
    const environment = { NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: time };
    expect(takeServiceOrders(environment, 42)).toEqual({
      socketPath: SOCKET,
      watchdogMs: null,
      problems: [`WATCHDOG_USEC is "${time}" and should be microseconds`],
    });
  });
});
