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
