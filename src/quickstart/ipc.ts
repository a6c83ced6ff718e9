// What the process that wants a cluster and the process that is one say to each other. Plain data.

import type { ClusterOptions, NodeAddress, NodeStats } from "./cluster.ts";
import type { NodeBindFailure } from "./node-bind-error.ts";

/** To the cluster's process. `start` comes first and once; the end of the channel means stop. */
export type ClusterRequest =
  | { readonly type: "start"; readonly options: ClusterOptions }
  | { readonly type: "stats"; readonly id: number }
  | { readonly type: "stop" };

/**
 * From the cluster's process. `ready`, `unbound` or `failed` answers `start`; `id` is that of the
 * request.
 */
export type ClusterReply =
  | { readonly type: "ready"; readonly nodes: readonly NodeAddress[] }
  | { readonly type: "unbound"; readonly failure: NodeBindFailure }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "stats"; readonly id: number; readonly nodes: readonly NodeStats[] };
