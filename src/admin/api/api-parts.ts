// What the operations of the API work with. Types only.

import type { Supervisor } from "../../supervisor/supervisor.ts";
import type { Actions } from "../actions.ts";
import type { ClusterView } from "../cluster-view.ts";

export interface ApiParts {
  readonly supervisor: Supervisor;
  readonly actions: Actions;
  /** The embedded cluster, where there is one. */
  readonly cluster: ClusterView | null;
}
