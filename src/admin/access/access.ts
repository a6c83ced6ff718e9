// Who asks, and whether they may: tokens, passwords, roles, and what keeps web pages of others out.
//
// No cookies. A browser sends a password by itself once it knows it, so a change is refused when it
// comes from another site's page (Origin, Sec-Fetch-Site), and without a login it also takes what a
// plain form cannot send. Names are checked, so that no page reads us under a name of its own (DNS
// rebinding).

import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { AdminRole, AdminSettings } from "../../config/settings.ts";
import { ProblemError } from "../problem.ts";
import { CredentialJudge } from "./credentials.ts";

/** Whoever asks. */
export interface Principal {
  /** The name of a user, or `anonymous`. */
  readonly name: string;
  readonly role: AdminRole;
}

export interface AccessRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly scheme: "http" | "https";
}

/** A header that no page of another site can send without asking first. */
export const OWN_HEADER = "fairlead-request";

export class Access {
  private readonly judge = new CredentialJudge();
  private readonly settings: () => AdminSettings;
  private readonly isLoopback: boolean;

  /**
   * @param settings those that run: users may change with a reload
   * @param listenHost where it really listens, whatever a file that was read again says
   */
  constructor(settings: () => AdminSettings, listenHost: string) {
    this.settings = settings;
    this.isLoopback = isLoopbackAddress(listenHost);
  }

  /** @throws ProblemError 403 when the request was made for somebody else's name */
  checkHost({ headers }: AccessRequest): void {
    const name = hostNameOf(headers.host ?? "");
    const { hosts } = this.settings();
    if (name !== "" && (isOwnName(name) || hosts.includes(name))) return;
    // Whoever has to log in is safe: a page of another site knows no password for its own name.
    if (!this.isLoopback && hosts.length === 0 && this.anonymousRole() === null) return;
    const shown = name.slice(0, 100);
    throw new ProblemError(403, `There is no admin for the name "${shown}" here; see admin.hosts`);
  }

  /** @throws ProblemError 403 when a change comes from another site's page, or may */
  checkOrigin({ method, headers, scheme }: AccessRequest): void {
    if (method === "GET" || method === "HEAD") return;
    this.checkChange({ headers, scheme });
  }

  /** The same for a request that does more than look, whatever its method. */
  checkChange({ headers, scheme }: Omit<AccessRequest, "method">): void {
    const { origin, host, authorization } = headers;
    const site = headers["sec-fetch-site"];
    const isForeign = origin !== undefined && origin !== `${scheme}://${host}`;
    if (isForeign || (site !== undefined && site !== "same-origin" && site !== "none")) {
      throw new ProblemError(403, "A page of another site may change nothing here");
    }
    if (authorization !== undefined || headers[OWN_HEADER] !== undefined) return;
    if (/^application\/json\b/i.test(headers["content-type"] ?? "")) return;
    throw new ProblemError(
      403,
      `A change takes a login, the header ${OWN_HEADER}, or JSON: a form of a web page has none`,
    );
  }

  /** @throws ProblemError 401 without a right token or password, where one is needed */
  async identify({ headers }: AccessRequest): Promise<Principal> {
    const { authorization } = headers;
    if (authorization !== undefined) return this.logIn(authorization);
    const role = this.anonymousRole();
    if (role === null) throw new ProblemError(401, "Who asks? Send a token, or name and password");
    return { name: "anonymous", role };
  }

  private async logIn(authorization: string): Promise<Principal> {
    const { users } = this.settings();
    const [, scheme = "", value = ""] = /^(\w+) +(\S{1,1024})$/.exec(authorization) ?? [];
    const user = await this.findUser(users, scheme.toLowerCase(), value);
    if (user === null) throw new ProblemError(401, "The token, or name and password, are wrong");
    return { name: user.name, role: user.role };
  }

  private async findUser(users: AdminSettings["users"], scheme: string, value: string) {
    if (scheme === "bearer") return this.judge.findByToken(users, value);
    if (scheme !== "basic") return null;
    const text = Buffer.from(value, "base64").toString("utf8");
    const colon = text.indexOf(":");
    if (colon < 0) return null;
    return this.judge.findByPassword(users, text.slice(0, colon), text.slice(colon + 1));
  }

  private anonymousRole(): AdminRole | null {
    const { anonymous } = this.settings();
    if (anonymous === "none") return null;
    return this.isLoopback || anonymous === "read-only" ? anonymous : null;
  }
}

/** @throws ProblemError 403 when an operator is needed and somebody else asks */
export function requireRole({ name, role }: Principal, needed: AdminRole): void {
  if (needed === "read-only" || role === "operator") return;
  throw new ProblemError(403, `"${name}" may look and change nothing; it takes an operator`);
}

function isLoopbackAddress(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}

function isOwnName(name: string): boolean {
  return name === "localhost" || isIP(name) !== 0;
}

/** Without port and brackets, in lower case; empty when it makes no sense. */
function hostNameOf(host: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]/@]+))(?::\d{1,5})?$/.exec(host) ?? [];
  return (bracketed ?? plain ?? "").toLowerCase();
}
