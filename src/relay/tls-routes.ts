// The certificates of a plan, opened for use by OpenSSL: one set a listener, one context for all
// servers that are spoken to in the same way.
//
// A listener's set is replaced as a whole when its certificates are renewed; sessions keep the one
// they began with for as long as they live.

import type { ListenerPlan, Plan, TlsListenerPlan, TlsServerPlan } from "../shm/plan.ts";
import { ServerContexts } from "../tls/server-contexts.ts";
import type { TicketKeys } from "../tls/ticket-keys.ts";
import { makeClientContext, type TlsContext } from "../tls/tls-context.ts";

export interface TlsRoutes {
  /** By listener number; null where TLS does not end. */
  readonly listeners: (ServerContexts | null)[];
  /** By server number; null where TLS is not spoken. */
  readonly servers: readonly (TlsContext | null)[];
}

export function openTlsRoutes(plan: Plan, tickets: TicketKeys): TlsRoutes {
  const opened = new Map<TlsServerPlan, TlsContext>();
  return {
    listeners: plan.listeners.map((listener) => openListener(listener, tickets)),
    servers: plan.servers.map((server) => openServer(server.transport.tls, opened)),
  };
}

/** A listener's certificates have been renewed. Throws, and changes nothing, when they are bad. */
export function renewCertificates(
  routes: TlsRoutes,
  listener: number,
  plan: TlsListenerPlan,
  tickets: TicketKeys,
): void {
  const renewed = new ServerContexts(plan, plan.tickets ? tickets : null);
  routes.listeners[listener]?.free();
  routes.listeners[listener] = renewed;
}

export function closeTlsRoutes(routes: TlsRoutes): void {
  for (const contexts of routes.listeners) contexts?.free();
  for (const context of new Set(routes.servers)) context?.free();
}

function openListener({ tls }: ListenerPlan, tickets: TicketKeys): ServerContexts | null {
  return tls === null ? null : new ServerContexts(tls, tls.tickets ? tickets : null);
}

// One object of the plan, one context: the plan names it once for all servers of a pool.
function openServer(
  tls: TlsServerPlan | null,
  opened: Map<TlsServerPlan, TlsContext>,
): TlsContext | null {
  if (tls === null) return null;
  const context = opened.get(tls) ?? makeClientContext(tls);
  opened.set(tls, context);
  return context;
}
