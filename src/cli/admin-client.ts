// Asks the admin API of a running Fairlead, and says in a sentence why there was no answer.

const ANSWER_DEADLINE_MS = 10_000;

/**
 * @param admin the base URL, such as `http://127.0.0.1:8888`
 * @param path below it, such as `/api/v1/status`
 * @throws Error with a sentence for the operator
 */
export async function askAdmin<T>(admin: string, path: string): Promise<T> {
  const url = urlOf(admin, path);
  const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
  return readAnswer<T>(url, await fetchOrThrow(url, admin, { signal }), () => false);
}

/**
 * Asks for something to be done; there is no deadline, because the doing may take its time.
 * @param isAnswer whether an answer is one although its status is an error's
 */
export async function tellAdmin<T>(
  admin: string,
  path: string,
  isAnswer: (body: object) => boolean,
): Promise<T> {
  const url = urlOf(admin, path);
  return readAnswer<T>(
    url,
    await fetchOrThrow(url, admin, { method: "POST", headers: { "fairlead-request": "1" } }),
    isAnswer,
  );
}

async function readAnswer<T>(
  url: URL,
  response: Response,
  isAnswer: (body: object) => boolean,
): Promise<T> {
  const text = await response.text();
  const body = parseJson(text);
  if (!response.ok && !(body !== null && isAnswer(body))) {
    throw new Error(
      `Cannot read ${url.pathname}: ${detailOf(body) ?? `status ${response.status}`}`,
    );
  }
  if (body === null) throw new Error(`Cannot read ${url.href}: the answer is not Fairlead's`);
  return body as T;
}

function urlOf(admin: string, path: string): URL {
  const base = /^https?:\/\//.test(admin) ? admin : `http://${admin}`;
  try {
    return new URL(path, base);
  } catch (cause) {
    throw new Error(`Cannot read --admin "${admin}": it is not a URL`, { cause });
  }
}

async function fetchOrThrow(url: URL, admin: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    const hint = "is Fairlead running, and is that its admin address (--admin URL)?";
    throw new Error(`Cannot reach ${admin}: ${reasonOf(error)}; ${hint}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return "no answer in time";
  const cause = error instanceof Error ? error.cause : null;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND") return "no such host";
  return cause instanceof Error ? cause.message : String(error);
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
