// The page over HTTP: its document, style and modules, the state that it begins with, and the
// stream of states that follow.
//
// Files are read once, at the start, and served from a table: no path of a request ever becomes a
// path of a file. Who may read is asked before anything else.

import { readdirSync, readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { type Principal, requireRole } from "./access/access.ts";
import type { Identify } from "./api/mount.ts";
import type { HistoryView } from "./history.ts";
import { PAGE_DOCUMENT, PAGE_ICON, PAGE_POLICY } from "./page-document.ts";
import type { PageFeed } from "./page-feed.ts";
import type { PageState } from "./page-state.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { ProblemError } from "./problem.ts";

/** What the page is told first. */
export interface PageStart {
  readonly user: Principal;
  readonly state: PageState;
  readonly history: HistoryView;
}

interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-accel-buffering": "no",
};

export function mountPage(app: FastifyInstance, feed: PageFeed, identify: Identify): void {
  for (const { path, type, text } of listFiles()) {
    app.route({
      method: "GET",
      url: path,
      onRequest: async (request) => requireRole(await identify(request), "read-only"),
      handler: async (_request, reply) =>
        reply.header("content-security-policy", PAGE_POLICY).type(type).send(text),
    });
  }
  // At the root: browsers send a login to addresses below the one that asked for it.
  app.route({
    method: "GET",
    url: "/login",
    handler: async (request, reply) => {
      const { name } = await identify(request);
      if (name === "anonymous") throw new ProblemError(401, "Send a name and a password");
      return reply.redirect("stats");
    },
  });
  app.route({
    method: "GET",
    url: "/stats/now",
    handler: async (request, reply) => {
      const user = await identify(request);
      const start: PageStart = { user, state: feed.state(), history: feed.charts() };
      return reply.type("application/json; charset=utf-8").send(JSON.stringify(start));
    },
  });
  app.route({
    method: "GET",
    url: "/stats/stream",
    handler: async (request, reply) => {
      requireRole(await identify(request), "read-only");
      if (feed.isFull) throw new ProblemError(503, "As many pages as may follow already");
      reply.hijack();
      reply.raw.writeHead(200, STREAM_HEADERS);
      const leave = feed.add(reply.raw);
      reply.raw.once("close", leave);
      // A reader that resets is one that leaves: close follows.
      reply.raw.on("error", () => {});
    },
  });
}

function listFiles(): PageFile[] {
  const document = { type: "text/html; charset=utf-8", text: PAGE_DOCUMENT };
  return [
    { path: "/", ...document },
    { path: "/stats", ...document },
    { path: "/stats/page.css", type: "text/css; charset=utf-8", text: PAGE_STYLE },
    { path: "/stats/icon.svg", type: "image/svg+xml", text: PAGE_ICON },
    ...listModules(),
  ];
}

/** Compiled, they lie beside this file; browsers load them as they are. */
function listModules(): PageFile[] {
  const folder = new URL("./page/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .map((name) => ({
      path: `/stats/${name}`,
      type: "text/javascript; charset=utf-8",
      text: readFileSync(new URL(name, folder), "utf8"),
    }));
}
