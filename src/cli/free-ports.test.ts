import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { findFreePorts } from "./free-ports.ts";

it("finds ports in a row that can be listened on", async () => {
  const first = await findFreePorts(3);
  for (const port of [first, first + 1, first + 2]) {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    expect(server.address()).toMatchObject({ port });
    await once(server.close(), "close");
  }
});

it("finds none that are meant for something else", async () => {
  const odd = new Set(Array.from({ length: 11_384 }, (_, i) => 10_001 + 2 * i));
  expect((await findFreePorts(1, odd)) % 2).toBe(0);
  await expect(findFreePorts(2, odd)).rejects.toThrow("Cannot find 2 free ports in a row");
});
