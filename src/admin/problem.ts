// Errors of the API as problem details (RFC 9457). Pure.

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** RFC 9457, 3.1; `type` is left out, which stands for `about:blank`: the status says it all. */
export interface Problem {
  readonly status: number;
  /** The status in words. */
  readonly title: string;
  /** What is wrong with this very request, for people. */
  readonly detail: string;
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

export function makeProblem(status: number, detail: string): Problem {
  return { status, title: TITLES[status] ?? "Error", detail };
}

/** What a client may know of an error: our own sentences, and the statuses that fastify gives. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return makeProblem(error.status, error.message);
  const status = statusOf(error);
  if (status >= 400 && status < 500 && error instanceof Error) {
    return makeProblem(status, error.message);
  }
  return makeProblem(500, "The request failed; the log has the error");
}

function statusOf(error: unknown): number {
  const has = typeof error === "object" && error !== null && "statusCode" in error;
  return has && typeof error.statusCode === "number" ? error.statusCode : 500;
}
