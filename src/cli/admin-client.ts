// Asks the admin API of a running Fairlead, and says in a sentence why there was no answer.

const ANSWER_DEADLINE_MS = 10_000;

/** Where a running Fairlead is asked, and what is shown there. */
export interface AdminTarget {
  /** `http://127.0.0.1:8888`; the scheme may be left out. */
  readonly url: string;
  /** The header's value: `Bearer fl_...`; null: none. */
  readonly authorization: string | null;
}

/** The API has said no. */
export class AdminError extends Error {
  override readonly name = "AdminError";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/**
 * @param path such as `/api/v1/status`
 * @throws Error with a sentence for the operator
 */
export async function askAdmin<T>(target: AdminTarget, path: string): Promise<T> {
  const url = urlOf(target, path);
  const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
  return readAnswer<T>(url, await fetchOrThrow(url, target, { signal }), () => false);
}

export interface Telling {
  readonly method: "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** Whether an answer is one although its status is an error's. */
  readonly isAnswer?: (body: object) => boolean;
}

/** Asks for something to be done; there is no deadline, because the doing may take its time. */
export async function tellAdmin<T>(
  target: AdminTarget,
  { method, path, body, isAnswer = () => false }: Telling,
): Promise<T> {
  const url = urlOf(target, path);
  const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const request = { method, ...(body === undefined ? {} : json) };
  const response = await fetchOrThrow(url, target, request);
  return readAnswer<T>(url, response, isAnswer, `run ${method}`);
}

/** Follows a stream of text that the API sends; ends when it does. */
export async function* followAdmin(
  target: AdminTarget,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncIterable<string> {
  const url = urlOf(target, path);
  const response = await fetchOrThrow(url, target, { headers, signal });
  if (!response.ok || response.body === null) await readAnswer(url, response, () => false);
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) yield decoder.decode(bytes, { stream: true });
}

async function readAnswer<T>(
  url: URL,
  response: Response,
  isAnswer: (body: object) => boolean,
  verb = "read",
): Promise<T> {
  const text = await response.text();
  const body = parseJson(text);
  if (!response.ok && !(body !== null && isAnswer(body))) {
    // The API says what is wrong in a sentence of its own, by the names that the operator has.
    const sentence = detailOf(body) ?? `Cannot ${verb} ${url.href}: status ${response.status}`;
    throw new AdminError(sentence, response.status);
  }
  if (body === null) throw new Error(`Cannot read ${url.href}: the answer is not Fairlead's`);
  return body as T;
}

function urlOf({ url: admin }: AdminTarget, path: string): URL {
  const base = /^https?:\/\//.test(admin) ? admin : `http://${admin}`;
  try {
    return new URL(path, base);
  } catch (cause) {
    throw new Error(`Cannot read --url "${admin}": it is not a URL`, { cause });
  }
}

async function fetchOrThrow(
  url: URL,
  target: AdminTarget,
  request: RequestInit,
): Promise<Response> {
  const { authorization } = target;
  const headers = {
    "fairlead-request": "ctl",
    ...(authorization === null ? {} : { authorization }),
    ...(request.headers as Record<string, string> | undefined),
  };
  try {
    return await fetch(url, { ...request, headers });
  } catch (error) {
    const hint = "is Fairlead running, and is that its admin address (--url URL)?";
    throw new Error(`Cannot reach ${target.url}: ${reasonOf(error, url)}; ${hint}`);
  }
}

const UNKNOWN_AUTHORITY =
  "no authority that we know has signed its certificate (NODE_EXTRA_CA_CERTS=FILE adds one)";
/** By the code of the error that fetch has met. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "no such host",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS (try http://)",
  ...Object.fromEntries(
    [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ].map((code) => [code, UNKNOWN_AUTHORITY]),
  ),
};

function reasonOf(error: unknown, { protocol }: URL): string {
  if (error instanceof Error && error.name === "TimeoutError") return "no answer in time";
  const cause = error instanceof Error ? error.cause : null;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  // What an admin address with TLS does to HTTP.
  const isCut = code === "UND_ERR_SOCKET" || code === "ECONNRESET";
  if (isCut && protocol === "http:") return "it has closed the connection (try https://)";
  return REASONS[code] ?? (cause instanceof Error ? cause.message : String(error));
}

function parseJson(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    // Another server, or a page: the caller says so.
    return null;
  }
}

function detailOf(body: object | null): string | null {
  return body !== null && "detail" in body ? String(body.detail) : null;
}
