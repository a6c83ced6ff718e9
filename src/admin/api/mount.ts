// Puts the operations of the API on the HTTP server: who may, what was sent, what goes back.
//
// Every part of a request goes through its schema before anything runs; what does not fit is a
// problem that says where. Bounded by the schemas and the body limit of the server.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type * as z from "zod";
import { type Principal, requireRole } from "../access/access.ts";
import { ProblemError } from "../problem.ts";
import { AnswerWithStatus, type Operation } from "./operation.ts";

/** Who asks; health and readiness ask nobody. */
export type Identify = (request: FastifyRequest) => Promise<Principal>;

export function mountOperations(
  app: FastifyInstance,
  operations: readonly Operation[],
  identify: Identify,
): void {
  for (const of of operations) {
    app.route({
      method: of.method,
      url: of.path.replaceAll(/\{(\w+)\}/g, ":$1"),
      // Before the body is read: who may not ask for it sends it in vain.
      onRequest: async (request) => {
        if (of.role === null) return;
        requireRole(await identify(request), of.role);
      },
      handler: async (request, reply) => answer(of, request, reply, identify),
    });
  }
}

async function answer(
  of: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  identify: Identify,
): Promise<FastifyReply> {
  const principal: Principal =
    of.role === null ? { name: "anonymous", role: "read-only" } : await identify(request);
  const given = await of.run({
    params: validate(of.params, request.params, "the path"),
    query: validate(of.query, request.query, "the query"),
    body: validate(of.body, request.body, "the body"),
    principal,
    from: request.ip,
  });
  const { status, answer: value } =
    given instanceof AnswerWithStatus ? given : { status: 200, answer: given };
  return reply
    .code(status)
    .type("application/json; charset=utf-8")
    .send(`${JSON.stringify(value, null, 2)}\n`);
}

/** @throws ProblemError 400 that says what is wrong, and where */
export function validate<Schema extends z.ZodType>(
  schema: Schema | null,
  value: unknown,
  what: string,
): z.output<Schema> {
  if (schema === null) return undefined as z.output<Schema>;
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const mistakes = result.error.issues.map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join(".")}: ${message}`;
  });
  throw new ProblemError(400, `Something is wrong in ${what}: ${mistakes.join("; ")}`);
}
