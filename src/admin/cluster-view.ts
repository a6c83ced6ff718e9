// The embedded cluster as the admin server sees it. Types only: whoever started it hands it in.

export interface ClusterNodeStats {
  readonly name: string;
  /** Names such as `connections.count` to whole numbers. */
  readonly stats: Readonly<Record<string, number>>;
}

export interface ClusterView {
  /** The counters of each node; rejects while the cluster is not there. */
  stats(): Promise<readonly ClusterNodeStats[]>;
}
