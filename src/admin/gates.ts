// What every request to the admin address passes before anything is done for it, and what becomes
// of those that do not pass: an answer, a line of the audit log, a count.
//
// Bounded: sockets, the size of bodies, the time of a request, what is read of one that is refused.
// What is no HTTP, or names no path, is refused as the rest is; who may do what is access/'s.

import { type OutgoingHttpHeaders, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../supervisor/logger.ts";
import type { Access, AccessRequest } from "./access/access.ts";
import type { Audit } from "./access/audit.ts";
import { makeProblem, PROBLEM_TYPE, type Problem, ProblemError, problemOf } from "./problem.ts";

const BODY_MAX_BYTES = 64 * 1024;
const SOCKETS_MAX = 512;
/** Of a name in a path, as it is sent: a key of 1,024 characters, each of them escaped. */
const PARAMETER_LENGTH_MAX = 12 * 1024;
const REQUEST_PATIENCE_MS = 30_000;
/** How long, and how much, of the body of a request that was refused is read and thrown away. */
const LINGER_MS = 2_000;
const LINGER_MAX_BYTES = 8 * 1024 * 1024;

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** What the parser of HTTP says, and what that is called; all else is a bad request. */
const PARSER_STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

export interface GateParts {
  readonly access: Access;
  readonly audit: Audit;
  readonly log: Log;
}

/** What fastify is to be made with, so that what it refuses by itself is refused as here. */
export function gateOptions(parts: GateParts) {
  return {
    bodyLimit: BODY_MAX_BYTES,
    routerOptions: { maxParamLength: PARAMETER_LENGTH_MAX },
    requestTimeout: REQUEST_PATIENCE_MS,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      refuse(parts, request, reply, problemOf(error));
    },
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => {
      onNoRequest(parts, error, socket);
    },
  };
}

/** Limits, names, origins; and how refusals are told. */
export function addGates(app: FastifyInstance, parts: GateParts): void {
  const { access, audit, log } = parts;
  app.server.maxConnections = SOCKETS_MAX;
  app.server.on("drop", (dropped) => {
    const reason = `${SOCKETS_MAX} connections are open already`;
    audit.refused({ from: dropped?.remoteAddress ?? "", status: 503, reason });
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const asked = toAccessRequest(request);
    access.checkHost(asked);
    access.checkOrigin(asked);
    if (!hasBody(request) || request.method === "POST" || request.method === "PATCH") return;
    // What nobody reads would have to be read all the same, to find the next request.
    throw new ProblemError(413, `A ${request.method} has no body here`);
  });
  app.setNotFoundHandler((request, reply) => {
    const near = request.url.startsWith("/api") ? "/api/v1" : "/stats";
    const problem = makeProblem(404, `There is nothing at ${request.url}; try ${near}`);
    return refuse(parts, request, reply, problem);
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status === 500) log.logger.error({ err: error }, "An admin request failed");
    return refuse(parts, request, reply, problem);
  });
}

export function toAccessRequest({ method, headers, protocol }: FastifyRequest): AccessRequest {
  return { method, headers, scheme: protocol === "https" ? "https" : "http" };
}

function hasBody({ headers }: FastifyRequest): boolean {
  const { "content-length": length = "0", "transfer-encoding": coding } = headers;
  return length !== "0" || coding !== undefined;
}

function refuse(
  { audit }: GateParts,
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
): FastifyReply {
  const { status, detail: reason } = problem;
  const { method, url, ip: from } = request;
  // The log has errors of ours already.
  if (status !== 500) audit.refused({ from, method, url, status, reason });
  if (status === 401) {
    // A line each: chromium reads only the first challenge of a line.
    reply.header("www-authenticate", ['Basic realm="Fairlead", charset="UTF-8"', "Bearer"]);
  }
  // Whoever finds no room leaves some to others.
  if (status === 503) reply.header("connection", "close");
  reply.code(status).headers(SECURITY_HEADERS).type(PROBLEM_TYPE);
  const body = `${JSON.stringify(problem)}\n`;
  if (request.raw.complete || !hasBody(request)) return reply.send(body);
  answerEarly(request, reply, body);
  return reply;
}

/**
 * The client is still sending. To close at once would reset the connection, and it might never see
 * the answer; to read on would be what was refused. So a little is read, and thrown away.
 */
function answerEarly({ raw }: FastifyRequest, reply: FastifyReply, body: string): void {
  const { socket } = raw;
  const until = socket.bytesRead + LINGER_MAX_BYTES;
  reply.header("connection", "close").header("content-length", Buffer.byteLength(body));
  reply.hijack();
  reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders);
  reply.raw.write(body);
  socket.end();
  raw.on("data", () => {
    if (socket.bytesRead > until) socket.destroy();
  });
  // Whoever resets has left.
  raw.on("error", () => {});
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}

/** What came is no request: it is answered by hand, and that is the end of the connection. */
function onNoRequest({ audit }: GateParts, error: NodeJS.ErrnoException, socket: Socket): void {
  // Whoever has gone is told nothing, and was refused nothing.
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = PARSER_STATUSES[error.code ?? ""] ?? 400;
  const problem = makeProblem(status, `The request cannot be read: ${error.message}`);
  audit.refused({ from: socket.remoteAddress ?? "", status, reason: problem.detail });
  const body = `${JSON.stringify(problem)}\n`;
  const headers = {
    ...SECURITY_HEADERS,
    "content-type": PROBLEM_TYPE,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
}
