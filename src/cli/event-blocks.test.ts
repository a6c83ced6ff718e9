import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { followEvents, readEvent } from "./event-blocks.ts";

test("readEvent takes the JSON of a block, and nothing of a comment", () => {
  expect(readEvent(": a comment")).toEqual([]);
  expect(readEvent('id: 1\nevent: plan\ndata: {"id":1}')).toEqual([{ id: 1 }]);
});

test("followEvents puts together what comes in pieces, and ends at a word", async () => {
  const server = createServer(async (_, response) => {
    for (const piece of [": hi\n\nda", 'ta: {"n":1}\n', '\ndata: {"n":2}\n\ndata: {"n"']) {
      response.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  const target = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorization: null,
  };
  const end = new AbortController();
  const found: unknown[] = [];
  for await (const event of followEvents(target, { path: "/", signal: end.signal })) {
    found.push(event);
    if (found.length === 2) end.abort();
  }
  expect(found).toEqual([{ n: 1 }, { n: 2 }]);
});
