import { describe, expect, it } from "vitest";
import { benchOptions } from "../../tests/fixtures/bench-options.ts";
import { freePort } from "../../tests/process/ports.ts";
import { formatEndpoint } from "../bytes/endpoint.ts";
import { close } from "../linux/libc.ts";
import { createOrders, filesOf } from "./bench-orders.ts";

const lookUp = async (host: string) => (host === "broker.example" ? ["192.0.2.7"] : []);

describe("createOrders", () => {
  it("deals connections, active ones and messages out to the threads", async () => {
    const options = benchOptions({ workers: 3, count: 10, active: 4, limit: 100, interval: 5 });
    const orders = await createOrders("pub", options, lookUp);
    const of = (pick: (order: (typeof orders)[0]) => number) => orders.map(pick);
    expect(of((order) => order.connectionCount)).toEqual([4, 3, 3]);
    expect(of((order) => order.activeCount)).toEqual([2, 1, 1]);
    expect(of((order) => order.messagesMax)).toEqual([34, 33, 33]);
    expect(of((order) => order.firstNumber)).toEqual([1, 2, 3]);
    expect(of((order) => order.connectIntervalMs)).toEqual([15, 15, 15]);
  });

  it("has no limit when none is asked for", async () => {
    const [order] = await createOrders("pub", benchOptions({}), lookUp);
    expect(order!.messagesMax).toBe(Number.POSITIVE_INFINITY);
  });

  it("looks the host up, and says when it has no address", async () => {
    const named = benchOptions({ hostname: "broker.example" });
    const [order] = await createOrders("conn", named, lookUp);
    expect(formatEndpoint(order!.target, 0)).toBe("192.0.2.7:1883");
    const unknown = createOrders("conn", benchOptions({ hostname: "nowhere" }), lookUp);
    await expect(unknown).rejects.toThrow('Cannot find an address of "nowhere"');
    const failed = createOrders("conn", named, async () => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    });
    await expect(failed).rejects.toThrow(
      new Error('Cannot find an address of "broker.example": no such host'),
    );
  });

  it("refuses to connect from what is no address", async () => {
    const options = benchOptions({ sourceAddresses: ["eth0"] });
    await expect(createOrders("conn", options, lookUp)).rejects.toThrow('from "eth0"');
  });

  it("takes the message for the payload, or makes one of the size", async () => {
    const [text] = await createOrders("pub", benchOptions({ message: "hé" }), lookUp);
    const [size] = await createOrders("pub", benchOptions({ payloadSize: 100 }), lookUp);
    expect([text!.payload.length, size!.payload.length]).toEqual([3, 100]);
  });

  it("opens the sink's socket once for each thread", async () => {
    const port = await freePort();
    const options = benchOptions({ sink: `${port}`, workers: 2 });
    const orders = await createOrders("ping", options, lookUp);
    const fds = orders.map(({ sink }) => sink!.fd);
    expect(new Set(fds).size).toBe(2);
    const alone = createOrders("ping", benchOptions({ sink: `127.0.0.1:${port}` }), lookUp);
    await expect(alone).rejects.toThrow(/Cannot be a sink on .+: EADDRINUSE/);
    for (const fd of fds) close(fd);
  });

  it("is a sink alone at the address it was given", async () => {
    const port = await freePort();
    const [order] = await createOrders("sink", benchOptions({ port }), lookUp);
    expect([order!.connectionCount, order!.sink!.clientsMax]).toEqual([0, 266]);
    close(order!.sink!.fd);
  });

  it.each(["many", "0", "127.0.0.1:"])("refuses a sink on %s", async (sink) => {
    await expect(createOrders("ping", benchOptions({ sink }), lookUp)).rejects.toThrow(
      /it must be \[address:\]port/,
    );
  });
});

describe("filesOf", () => {
  it("counts both ends when both are ours", async () => {
    const [order] = await createOrders("ping", benchOptions({ count: 1000 }), lookUp);
    expect(filesOf([order!])).toBe(1000);
    expect(filesOf([{ ...order!, sink: { fd: 1, clientsMax: 1256 } }])).toBe(2000);
  });
});
