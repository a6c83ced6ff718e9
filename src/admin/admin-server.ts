// The admin server: pages, metrics and API of a running balancer over HTTP or HTTPS.
//
// Puts together who may (access/), what can be asked and done (api/), and the pages. Every request
// passes the same gates first (gates.ts), which bound what comes.

import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { AdminSettings, ListenAddress } from "../config/settings.ts";
import { bindReasonOfError } from "../supervisor/bind-reason.ts";
import { alwaysHeard, type Log } from "../supervisor/logger.ts";
import type { Reloader } from "../supervisor/reloader.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { VERSION } from "../supervisor/version.ts";
import { Access, type Principal, requireRole } from "./access/access.ts";
import { Audit } from "./access/audit.ts";
import { Actions } from "./actions.ts";
import { followCertificate, secureOptions } from "./admin-certificate.ts";
import { adminGauges } from "./admin-metrics.ts";
import type { ApiParts } from "./api/api-parts.ts";
import { banOperations } from "./api/ban-operations.ts";
import { connectionOperations, tableOperations } from "./api/connection-operations.ts";
import { type Identify, mountOperations } from "./api/mount.ts";
import { movingOperations } from "./api/moving-operations.ts";
import { writeOpenApi } from "./api/openapi.ts";
import { type Operation, operation } from "./api/operation.ts";
import { processOperations } from "./api/process-operations.ts";
import * as schemas from "./api/schemas.ts";
import { serverOperations } from "./api/server-operations.ts";
import type { ClusterView } from "./cluster-view.ts";
import { EventFeed } from "./event-feed.ts";
import { EventStreams } from "./event-stream.ts";
import { addGates, gateOptions, toAccessRequest } from "./gates.ts";
import { HaproxySocket } from "./haproxy/haproxy-socket.ts";
import { Rates } from "./haproxy/rates.ts";
import { writeCsv } from "./haproxy/write-csv.ts";
import { createMetrics, formatFor } from "./metrics.ts";
import { PageFeed } from "./page-feed.ts";
import { mountPage } from "./page-routes.ts";
import { mountTraces, TRACE_CLIENT } from "./trace-routes.ts";
import { TraceStreams } from "./trace-streams.ts";

export interface AdminOptions {
  readonly supervisor: Supervisor;
  /** The embedded cluster, where there is one. */
  readonly cluster: ClusterView | null;
  readonly listen: ListenAddress;
  readonly log: Log;
  /** Null where there is no file to read again. */
  readonly reloader?: Reloader | null;
}

export class AdminServer {
  /** Where it listens: `http://127.0.0.1:8888`. */
  readonly url: string;
  private readonly app: FastifyInstance;
  private readonly parts: Parts;
  private readonly haproxy: HaproxySocket | null;

  /** @throws AdminBindError, or an Error for the socket of HAProxy's commands */
  static async start(options: AdminOptions): Promise<AdminServer> {
    const parts = makeParts(options);
    const app = createApp(parts);
    const socket = options.supervisor.settings.admin?.haproxySocket ?? null;
    let haproxy: HaproxySocket | null = null;
    try {
      if (socket !== null) haproxy = await HaproxySocket.start(socket, parts);
      const url = await listen(app, options.listen);
      return new AdminServer({ app, parts, haproxy, url });
    } catch (error) {
      stopParts(parts);
      await haproxy?.stop();
      await app.close();
      throw error;
    }
  }

  private constructor({ app, parts, haproxy, url }: Running) {
    this.app = app;
    this.parts = parts;
    this.haproxy = haproxy;
    this.url = url;
  }

  /** Cuts requests that are under way. */
  async stop(): Promise<void> {
    stopParts(this.parts);
    await this.haproxy?.stop();
    await this.app.close();
  }
}

/** The address of the pages could not be bound. */
export class AdminBindError extends Error {
  override readonly name = "AdminBindError";

  constructor(address: string, options?: ErrorOptions) {
    super(`Cannot bind admin: address ${address}`, options);
  }
}

async function listen(app: FastifyInstance, { host, port, text }: ListenAddress): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const reason = bindReasonOfError(cause);
    if (reason === null) throw new AdminBindError(`${text} is refused`, { cause });
    throw new AdminBindError(`${text} ${reason}`);
  }
}

interface Running {
  readonly app: FastifyInstance;
  readonly parts: Parts;
  readonly haproxy: HaproxySocket | null;
  readonly url: string;
}

function stopParts({ audit, feed, pageFeed, rates, streams, traces }: Parts): void {
  audit.stop();
  traces.stop();
  pageFeed.stop();
  rates.stop();
  streams.stop();
  feed.stop();
}

/** What one admin server is made of. */
interface Parts extends ApiParts {
  readonly access: Access;
  readonly audit: Audit;
  readonly feed: EventFeed;
  readonly streams: EventStreams;
  readonly rates: Rates;
  readonly pageFeed: PageFeed;
  readonly traces: TraceStreams;
  readonly options: AdminOptions;
}

function makeParts(options: AdminOptions): Parts {
  const { supervisor, cluster, log, reloader = null, listen } = options;
  const settings = () => supervisor.settings.admin ?? standIn(listen);
  const feed = new EventFeed(supervisor);
  const audit = new Audit(alwaysHeard(log.logger), (action) => feed.tellAction(action));
  const actions = new Actions({ supervisor, reloader, audit });
  return {
    supervisor,
    cluster,
    audit,
    feed,
    options,
    access: new Access(settings, listen.host),
    streams: new EventStreams(feed),
    rates: new Rates(supervisor),
    pageFeed: new PageFeed(supervisor),
    actions,
    traces: new TraceStreams({ supervisor, actions }),
  };
}

// For a server that was asked for although the settings have none.
function standIn(listen: ListenAddress): AdminSettings {
  const users: AdminSettings["users"] = [];
  return { listen, users, anonymous: "operator", hosts: [], tls: null, haproxySocket: null };
}

function createApp(parts: Parts): FastifyInstance {
  const { supervisor } = parts.options;
  const tls = supervisor.settings.admin?.tls ?? null;
  const gates = { ...parts, log: parts.options.log };
  const app = Fastify({
    logger: false,
    forceCloseConnections: true,
    ...gateOptions(gates),
    ...(tls === null ? {} : { https: secureOptions(tls.material) }),
  }) as unknown as FastifyInstance;
  if (tls !== null) followCertificate(app.server, supervisor.certificates);
  addGates(app, gates);
  const identify = rememberIdentity(parts.access);
  mountOperations(app, operationsOf(parts), identify);
  mountPage(app, parts.pageFeed, identify);
  mountPages(app, parts, identify);
  mountEvents(app, parts, identify);
  const checkChange = (request: FastifyRequest) =>
    parts.access.checkChange(toAccessRequest(request));
  mountTraces(app, parts.traces, checkChange, identify);
  return app;
}

// A password costs a slow hash: once a request.
function rememberIdentity(access: Access): Identify {
  const known = new WeakMap<FastifyRequest, Promise<Principal>>();
  return (request) => {
    const identity = known.get(request) ?? access.identify(toAccessRequest(request));
    known.set(request, identity);
    return identity;
  };
}

function operationsOf(parts: Parts): readonly Operation[] {
  const operations: Operation[] = [
    ...processOperations(parts),
    ...serverOperations(parts),
    ...movingOperations(parts),
    ...connectionOperations(parts),
    ...tableOperations(parts),
    ...banOperations(parts),
    operation({
      method: "GET",
      path: "/api/v1",
      id: "listOperations",
      summary: "This list",
      role: "read-only",
      answer: schemas.operationList,
      run: () => operations.map(({ method, path, summary: doc }) => ({ method, path, doc })),
    }),
    operation({
      method: "GET",
      path: "/api/v1/openapi.json",
      id: "readOpenApi",
      summary: "What this API takes and gives, as OpenAPI 3.1",
      role: "read-only",
      answer: schemas.openApi,
      run: () => writeOpenApi([...operations, FOLLOW_EVENTS, TRACE_CLIENT], VERSION),
    }),
  ];
  return operations;
}

/** For the document: a stream is answered by nobody's schema. */
const FOLLOW_EVENTS = operation({
  method: "GET",
  path: "/api/v1/events",
  id: "followEvents",
  summary: "What happens, as server-sent events: servers up and down, plans, bans, actions",
  role: "read-only",
  answer: schemas.event,
  run: () => null,
});

function mountEvents(app: FastifyInstance, { streams }: Parts, identify: Identify): void {
  app.route({
    method: FOLLOW_EVENTS.method,
    url: FOLLOW_EVENTS.path,
    onRequest: async (request) => requireRole(await identify(request), "read-only"),
    handler: async (request, reply) => {
      streams.checkRoom();
      reply.hijack();
      streams.serve(reply.raw, String(request.headers["last-event-id"] ?? ""));
    },
  });
}

interface Page {
  readonly path: string;
  readonly answer: (request: FastifyRequest) => PageAnswer | Promise<PageAnswer>;
}

interface PageAnswer {
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function mountPages(app: FastifyInstance, parts: Parts, identify: Identify): void {
  const { supervisor, options } = parts;
  const own = adminGauges(parts);
  const formats = {
    openmetrics: createMetrics(supervisor, options.log, "openmetrics", own),
    text: createMetrics(supervisor, options.log, "text", own),
  };
  const csv = () => ({
    type: "text/plain; charset=utf-8",
    body: writeCsv(supervisor, parts.rates),
  });
  const pages: readonly Page[] = [
    // As HAProxy spells it; a semicolon is a character like others to the router.
    { path: "/stats;csv", answer: csv },
    {
      path: "/metrics",
      answer: async ({ headers }) => {
        const metrics = formats[formatFor(headers.accept ?? "")];
        return { type: metrics.contentType, body: await metrics.metrics() };
      },
    },
  ];
  for (const { path: url, answer } of pages) {
    app.route({
      method: "GET",
      url,
      onRequest: async (request) => requireRole(await identify(request), "read-only"),
      handler: async (request, reply) => {
        const { type, body, headers = {} } = await answer(request);
        return reply.headers(headers).type(type).send(body);
      },
    });
  }
}
