// The OpenAPI 3.1 document of the API, made of the operations and the schemas that validate. Pure.

import * as z from "zod";
import { mqttDirection } from "./mqtt-schema.ts";
import type { Operation } from "./operation.ts";
import * as schemas from "./schemas.ts";

type Json = Record<string, unknown>;

const PROBLEM_ANSWERS: Readonly<Record<string, string>> = {
  "400": "The request makes no sense",
  "401": "A token, or name and password, are missing or wrong",
  "403": "Not for this user, or from another site's page",
  "404": "There is no such thing",
};

/** Schemas that have a name of their own in the document. */
const NAMED: readonly (readonly [string, z.ZodType])[] = [
  ["Problem", schemas.problem],
  ["Server", schemas.server],
  ["Pool", schemas.pool],
  ["Listener", schemas.listener],
  ["Connection", schemas.connection],
  ["Entry", schemas.entry],
  ["MqttDirection", mqttDirection],
];

export function writeOpenApi(operations: readonly Operation[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const each of operations) {
    paths[each.path] = { ...paths[each.path], [each.method.toLowerCase()]: describe(each) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Fairlead",
      version,
      description: "What an MQTT load balancer that runs says of itself, and what it can be told.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }, { password: [] }, {}],
    paths,
    components: {
      schemas: Object.fromEntries(NAMED.map(([name, schema]) => [name, toJson(schema)])),
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        password: { type: "http", scheme: "basic" },
      },
    },
  };
}

function describe(of: Operation): Json {
  const parameters = [
    ...describeParameters(of.params, "path"),
    ...describeParameters(of.query, "query"),
  ];
  const needed = of.role === null ? "everybody, without a login" : of.role;
  return {
    operationId: of.id,
    summary: of.summary,
    description: `For: ${needed}.`,
    ...(of.role === null ? { security: [{}] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(of.body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: toJson(of.body) } },
          },
        }),
    responses: describeAnswers(of),
  };
}

function describeParameters(schema: z.ZodType | null, place: "path" | "query"): Json[] {
  if (schema === null) return [];
  const { properties = {} } = toJson(schema) as { properties?: Record<string, Json> };
  return Object.entries(properties).map(([name, { description, ...of }]) => ({
    name,
    in: place,
    required: place === "path",
    ...(description === undefined ? {} : { description }),
    schema: of,
  }));
}

function describeAnswers(of: Operation): Json {
  const isStream = of.id === "followEvents" || of.id === "traceClient";
  const type = isStream ? "text/event-stream" : "application/json";
  const content = { [type]: { schema: refer(of.answer) } };
  const answers: Json = { "200": { description: of.summary, content } };
  for (const status of of.statuses ?? []) {
    answers[String(status)] = { description: "What keeps it from being so", content };
  }
  const problem = { "application/problem+json": { schema: refer(schemas.problem) } };
  for (const [status, description] of Object.entries(PROBLEM_ANSWERS)) {
    const isPossible = of.role !== null || status === "400";
    if (isPossible && !(status in answers)) answers[status] = { description, content: problem };
  }
  return answers;
}

function refer(schema: z.ZodType): Json {
  const name = NAMED.find(([, named]) => named === schema)?.[0];
  return name === undefined ? toJson(schema) : { $ref: `#/components/schemas/${name}` };
}

/** Without the head that a document of its own has. OpenAPI 3.1 speaks this very dialect. */
function toJson(schema: z.ZodType): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: "input" }) as Json;
  return json;
}
