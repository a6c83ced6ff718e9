import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import type { Principal } from "./access/access.ts";
import { PageFeed } from "./page-feed.ts";
import { mountPage } from "./page-routes.ts";
import { ProblemError, problemOf } from "./problem.ts";

const { supervisor } = await startSupervised();

afterAll(() => supervisor.stop(0));

let app: FastifyInstance;
let feed: PageFeed;
let user: Principal | null;

beforeEach(() => {
  user = { name: "viewer", role: "read-only" };
  feed = new PageFeed(supervisor);
  app = Fastify();
  app.setErrorHandler((error, _request, reply) => reply.code(problemOf(error).status).send());
  mountPage(app, feed, async () => {
    if (user === null) throw new ProblemError(401, "Who asks?");
    return user;
  });
});

afterEach(async () => {
  feed.stop();
  await app.close();
});

it.each(["/", "/stats"])(
  "serves the document at %s under a policy without exceptions",
  async (url) => {
    const { headers, body } = await app.inject(url);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(body).not.toMatch(/<style|style=|<script>|https?:/);
  },
);

it("serves every file that the document names", async () => {
  const { body } = await app.inject("/stats");
  for (const path of ["page.css", "icon.svg"]) {
    expect(body).toContain(`stats/${path}`);
    expect((await app.inject(`/stats/${path}`)).statusCode).toBe(200);
  }
});

it("says who asks, what is, and what was", async () => {
  const start = (await app.inject("/stats/now")).json();
  expect(start).toMatchObject({
    user: { name: "viewer", role: "read-only" },
    state: { pools: [{ name: "brokers" }, {}] },
    history: { sample: 1 },
  });
});

it("streams states", async () => {
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const response = await fetch(`${url}/stats/stream`);
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  expect(new TextDecoder().decode(value)).toContain("event: state");
  await reader.cancel();
});

it("sends who logs in back to the page, and asks who has not", async () => {
  expect((await app.inject("/login")).headers.location).toBe("stats");
  user = { name: "anonymous", role: "read-only" };
  expect((await app.inject("/login")).statusCode).toBe(401);
});

it("gives nothing to strangers, and no file but its own", async () => {
  expect((await app.inject("/stats/../package.json")).statusCode).toBe(404);
  expect((await app.inject("/stats/..%2f..%2fpackage.json")).statusCode).toBe(404);
  user = null;
  for (const url of ["/", "/stats", "/stats/page.css", "/stats/now", "/stats/stream"]) {
    expect((await app.inject(url)).statusCode, url).toBe(401);
  }
});
