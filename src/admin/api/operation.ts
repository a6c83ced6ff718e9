// One operation of the API: where it is, who may ask for it, what it takes and gives, what runs.
// Types and the one function that ties a schema's type to the code that is given its values.

import type * as z from "zod";
import type { AdminRole } from "../../config/settings.ts";
import type { Principal } from "../access/access.ts";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** What an operation is given; every part has been validated. */
export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly principal: Principal;
  /** The address of whoever asks. */
  readonly from: string;
}

/** An answer that is not 200. */
export interface StatusAnswer {
  readonly status: number;
  readonly answer: unknown;
}

interface OperationFacts {
  readonly method: Method;
  /** `/api/v1/pools/{pool}` */
  readonly path: string;
  /** A name for generated clients. */
  readonly id: string;
  readonly summary: string;
  /** Who may; null: everybody, without a login. */
  readonly role: AdminRole | null;
  readonly answer: z.ZodType;
  /** Other statuses than 200 that have an answer of the same schema. */
  readonly statuses?: readonly number[];
}

export interface Operation extends OperationFacts {
  readonly params: z.ZodType | null;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  readonly run: (call: Call<unknown, unknown, unknown>) => unknown;
}

interface OperationParts<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>
  extends OperationFacts {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly run: (call: Call<z.output<Params>, z.output<Query>, z.output<Body>>) => unknown;
}

/** The router gives each part to its schema before `run` is called, so the types hold. */
export function operation<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(parts: OperationParts<Params, Query, Body>): Operation {
  const { params = null, query = null, body = null } = parts;
  return { ...parts, params, query, body, run: parts.run as Operation["run"] };
}

/** Ends an operation with another status than 200. */
export function withStatus(status: number, answer: unknown): StatusAnswer {
  return new AnswerWithStatus(status, answer);
}

export class AnswerWithStatus implements StatusAnswer {
  readonly status: number;
  readonly answer: unknown;

  constructor(status: number, answer: unknown) {
    this.status = status;
    this.answer = answer;
  }
}
