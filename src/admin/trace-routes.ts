// `GET /api/v1/traces`: who may, and what is asked for; the streams themselves are in
// trace-streams.ts.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { requireRole } from "./access/access.ts";
import { type Identify, validate } from "./api/mount.ts";
import { operation } from "./api/operation.ts";
import * as schemas from "./api/schemas.ts";
import type { TraceStreams } from "./trace-streams.ts";

/** For the document: a stream is answered by nobody's schema. */
export const TRACE_CLIENT = operation({
  method: "GET",
  path: "/api/v1/traces",
  id: "traceClient",
  summary: "The packets of a client as they pass, decoded, as server-sent events",
  role: "operator",
  query: schemas.traceQuery,
  answer: schemas.traced,
  run: () => null,
});

/** @param checkChange throws where a page of another site may have asked: this costs something */
export function mountTraces(
  app: FastifyInstance,
  traces: TraceStreams,
  checkChange: (request: FastifyRequest) => void,
  identify: Identify,
): void {
  app.route({
    method: TRACE_CLIENT.method,
    url: TRACE_CLIENT.path,
    onRequest: async (request) => {
      checkChange(request);
      requireRole(await identify(request), "operator");
    },
    handler: async (request, reply) => {
      const { name: by } = await identify(request);
      const query = validate(schemas.traceQuery, request.query, "the query");
      traces.checkRoom();
      reply.hijack();
      const [payload, follow] = [query.payload === "true", query.follow === "true"];
      traces.serve(reply.raw, { ...query, payload, follow }, { by, from: request.ip });
    },
  });
}
