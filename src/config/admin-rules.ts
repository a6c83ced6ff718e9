// Rules about the admin address: nobody may do there what nobody has allowed.

import { formatAddress } from "../bytes/endpoint.ts";
import type { Rule, RuleContext } from "./rule.ts";
import type { Document } from "./schema.ts";
import type { ListenAddress } from "./settings.ts";

type AdminDocument = Exclude<Document["admin"], false>;

/** Names that Basic authentication can carry. */
const USER_NAME = /^[A-Za-z0-9._-]+$/;

export function isOnLoopback({ endpoint }: ListenAddress): boolean {
  const address = formatAddress(endpoint, 0);
  return address.startsWith("127.") || address === "::1";
}

/** Other machines reach it only where somebody has said who may do what. */
export const adminIsProtected: Rule = (context) => {
  const { admin } = context.document;
  if (admin === false || isOnLoopback(admin.listen)) return;
  const { text } = admin.listen;
  const hasUsers = Object.keys(admin.users).length > 0;
  if (!hasUsers && admin.anonymous === undefined) {
    const message = `admin listens on ${text}, where other machines reach it without a login`;
    const expected = "127.0.0.1, or the key users, or anonymous: read-only";
    context.report({ path: ["admin", "listen"], message, expected });
  }
  if (admin.anonymous === "operator") {
    const message = `everybody who reaches ${text} may change everything`;
    const path = ["admin", "anonymous"];
    context.report({ path, message, expected: "none or read-only" });
  }
  if (hasUsers && admin.tls === undefined) {
    const message = `passwords and tokens go to ${text} in the clear`;
    const expected = "the key tls, or a proxy with TLS in front of it";
    context.report({ path: ["admin", "listen"], message, expected, severity: "warning" });
  }
};

export const adminUsersCanLogIn: Rule = (context) => {
  const { admin } = context.document;
  if (admin === false) return;
  for (const [name, { password, token }] of Object.entries(admin.users)) {
    const path = ["admin", "users", name];
    if (!USER_NAME.test(name)) {
      const message = `the user name "${name}" cannot be sent`;
      context.report({ path, message, expected: "letters, digits or . _ -", atKey: true });
    }
    if (password === undefined && token === undefined) {
      const message = `the user "${name}" can never log in`;
      context.report({ path, message, expected: "the key password or token", atKey: true });
    }
  }
};

export const haproxySocketIsPrivate: Rule = (context) => {
  const { admin } = context.document;
  if (admin === false || admin.haproxySocket === undefined) return;
  judgeSocket(context, admin.haproxySocket);
};

// HAProxy's protocol has no login.
function judgeSocket(
  { report, isGiven }: RuleContext,
  { listen }: NonNullable<AdminDocument["haproxySocket"]>,
): void {
  const path = ["admin", "haproxySocket"];
  if (listen.kind === "unix") return;
  if (!isOnLoopback(listen.listen)) {
    const { text } = listen.listen;
    const message = `HAProxy's commands need no login, and other machines reach ${text}`;
    report({ path: [...path, "listen"], message, expected: "a path, or an address on loopback" });
  }
  if (!isGiven([...path, "mode"])) return;
  const message = "mode has no effect on a port";
  report({ path: [...path, "mode"], message, expected: null, severity: "warning", atKey: true });
}
