// What the nodes count: gauges that remember their highest value, and totals that only rise.
// Plain numbers; stats.ts says under which names they are shown.

/** Something that there is a number of now; `max` is the highest it has been. */
export class Gauge {
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  set(count: number): void {
    this.#count = count;
    if (count > this.#max) this.#max = count;
  }

  add(change: number): void {
    this.set(this.#count + change);
  }
}

/** One node's part of the cluster. */
export class NodeCounters {
  /** Sessions whose client is, or was last, connected to this node. */
  readonly sessions = new Gauge();
  /** Clients connected now. */
  readonly live = new Gauge();
  /** Sessions with at least one subscription. */
  readonly subscribers = new Gauge();
  readonly subscriptions = new Gauge();
  readonly sharedSubscriptions = new Gauge();
  /** Subscriptions of sessions that outlive their connection. */
  readonly durableSubscriptions = new Gauge();
  messagesReceived = 0;
  messagesSent = 0;
  messagesDropped = 0;
  bytesReceived = 0;
  bytesSent = 0;
}

/** What the nodes have in common. */
export class ClusterCounters {
  readonly sessions = new Gauge();
  readonly retained = new Gauge();
  /** Distinct topic filters that someone subscribes to. */
  readonly topics = new Gauge();
  /** Wills that wait for their delay to pass. */
  readonly delayed = new Gauge();
}
