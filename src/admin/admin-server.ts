// The admin server: pages, metrics and API of a running balancer, as one table of routes.
//
// Reads and answers; one route changes something, reload. There is no login: it is for loopback,
// and on loopback it answers only to names that are loopback's, so that no web page that a browser
// of this machine has open can read it under a name of its own (DNS rebinding). Nor can another
// site's page ask for a change: browsers say where a request comes from.

import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { ListenAddress } from "../config/settings.ts";
import type { Log } from "../supervisor/logger.ts";
import type { Reloader } from "../supervisor/reloader.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { ClusterView } from "./cluster-view.ts";
import { createMetrics } from "./metrics.ts";
import { describeChanges, describeEnds, describePools, describeStatus } from "./overview.ts";
import { makeProblem, PROBLEM_TYPE, type Problem, ProblemError, problemOf } from "./problem.ts";
import { renderStatsPage, STATS_PAGE_POLICY } from "./stats-page.ts";

export interface AdminOptions {
  readonly supervisor: Supervisor;
  /** The embedded cluster, where there is one. */
  readonly cluster: ClusterView | null;
  readonly listen: ListenAddress;
  readonly log: Log;
  /** Null where there is no file to read again. */
  readonly reloader?: Reloader | null;
}

interface Answer {
  /** 200 unless it says otherwise. */
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request asks for behind `?`; of a key that is given twice, the first counts. */
type Query = Readonly<Record<string, string | undefined>>;

interface Route {
  /** GET unless it says otherwise. */
  readonly method?: "POST";
  readonly path: string;
  readonly doc: string;
  readonly answer: (query: Query) => Answer | Promise<Answer>;
}

export class AdminServer {
  /** Where it listens: `http://127.0.0.1:8888`. */
  readonly url: string;
  private readonly app: FastifyInstance;

  /** @throws Error when the address cannot be bound */
  static async start(options: AdminOptions): Promise<AdminServer> {
    const app = createApp(options);
    const { host, port, text } = options.listen;
    try {
      return new AdminServer(app, await app.listen({ host, port }));
    } catch (cause) {
      await app.close();
      const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
      const reason = isTaken ? "is in use" : `is refused (${String(cause)})`;
      throw new Error(`Cannot bind admin: address ${text} ${reason}`, { cause });
    }
  }

  private constructor(app: FastifyInstance, url: string) {
    this.app = app;
    this.url = url;
  }

  /** Cuts requests that are under way. */
  async stop(): Promise<void> {
    await this.app.close();
  }
}

function createApp(options: AdminOptions): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const isLoopback = isLoopbackAddress(options.listen.host);
  app.addHook("onRequest", async (request) => {
    if (!isLoopback || isLoopbackName(request.hostname)) return;
    throw new ProblemError(403, `There is no admin for the name "${request.hostname}" here`);
  });
  app.addHook("onRequest", async ({ method, headers }) => {
    if (method === "GET" || method === "HEAD" || isFromHere(headers)) return;
    throw new ProblemError(403, "A page of another site may change nothing here");
  });
  for (const { method = "GET", path, answer } of routesOf(options)) {
    const url = path;
    app.route<{ Querystring: Query }>({
      method,
      url,
      handler: async ({ query }, reply) => {
        const { status = 200, type, body, headers = {} } = await answer(query);
        return reply
          .code(status)
          .headers({ "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers })
          .type(type)
          .send(body);
      },
    });
  }
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, makeProblem(404, `There is nothing at ${request.url}; try /stats`)),
  );
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) options.log.logger.error({ err: error }, "An admin request failed");
    return sendProblem(reply, problem);
  });
  return app;
}

function routesOf({ supervisor, cluster, log, reloader = null }: AdminOptions): readonly Route[] {
  const metrics = createMetrics(supervisor, log);
  const page = () => statsPage(supervisor, cluster !== null);
  const routes: Route[] = [
    { path: "/", doc: "The statistics page", answer: page },
    { path: "/stats", doc: "The statistics page", answer: page },
    {
      path: "/metrics",
      doc: "Every counter, for Prometheus",
      answer: async () => ({ type: metrics.contentType, body: await metrics.metrics() }),
    },
    {
      path: "/api/v1/servers",
      doc: "Pools and their servers: state, last check, connections, bytes",
      answer: () => json({ pools: describePools(supervisor) }),
    },
    {
      path: "/api/v1/status",
      doc: "The process, its workers and its listeners",
      answer: () => json(describeStatus(supervisor)),
    },
    {
      path: "/api/v1/cluster/stats",
      doc: "The counters of each embedded broker node",
      answer: async () => json({ nodes: await readCluster(cluster) }),
    },
    {
      method: "POST",
      path: "/api/v1/reload",
      doc: "Reads the files again and runs what they say; ?wait=true answers when all workers do",
      answer: ({ wait }) => reload(reloader, wait === "true"),
    },
  ];
  const list = () => json(routes.map(({ method = "GET", path, doc }) => ({ method, path, doc })));
  routes.push({ path: "/api/v1", doc: "This list", answer: list });
  return routes;
}

function statsPage(supervisor: Supervisor, hasCluster: boolean): Answer {
  const body = renderStatsPage({
    status: describeStatus(supervisor),
    pools: describePools(supervisor),
    ends: describeEnds(supervisor),
    changes: describeChanges(supervisor),
    hasCluster,
  });
  const headers = {
    "content-security-policy": STATS_PAGE_POLICY,
    "referrer-policy": "no-referrer",
  };
  return { type: "text/html; charset=utf-8", body, headers };
}

async function reload(reloader: Reloader | null, wait: boolean): Promise<Answer> {
  if (reloader === null) {
    throw new ProblemError(409, "There is no configuration file here that could be read again");
  }
  const report = await reloader.reload({ wait });
  return { ...json(report), status: report.outcome === "applied" ? 200 : 409 };
}

async function readCluster(cluster: ClusterView | null) {
  if (cluster === null) {
    throw new ProblemError(404, "There is no embedded cluster here; `fairlead up` starts one");
  }
  try {
    return await cluster.stats();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProblemError(503, `The embedded cluster does not answer: ${reason}`);
  }
}

function json(value: unknown): Answer {
  return { type: "application/json; charset=utf-8", body: `${JSON.stringify(value, null, 2)}\n` };
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers({ "cache-control": "no-store" })
    .type(PROBLEM_TYPE)
    .send(`${JSON.stringify(problem)}\n`);
}

// Browsers send Origin with every request that is no plain reading; other programs send none.
function isFromHere({ origin, host }: IncomingHttpHeaders): boolean {
  return origin === undefined || origin === `http://${host}`;
}

function isLoopbackAddress(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}

function isLoopbackName(name: string): boolean {
  return name === "localhost" || isIP(name.replace(/^\[|\]$/g, "")) !== 0;
}
