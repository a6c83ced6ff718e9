// Every maximum of the embedded cluster, with its default. Plain numbers: nothing is enforced here.
//
// The defaults are for a demonstration on a laptop and for tests: far above what either needs, low
// enough that a client gone wild is stopped before the machine notices.

export interface Limits {
  /**
   * Bytes of one MQTT packet, header included; what a 5.0 client is told as Maximum Packet Size.
   */
  readonly packetSizeMaxBytes: number;
  /** Milliseconds from accept until a whole CONNECT is there. */
  readonly connectDeadlineMs: number;
  /**
   * Seconds; a 5.0 client that asks for a longer keep alive is told this one. 0 means no maximum.
   */
  readonly keepAliveMaxS: number;
  /** Connections of one node, those that have not sent CONNECT included. */
  readonly connectionsMax: number;
  /** Sessions of the cluster, connected or not. */
  readonly sessionsMax: number;
  /** Seconds a session may outlive its connection, whatever the client asks for. */
  readonly sessionExpiryMaxS: number;
  readonly clientIdMaxBytes: number;
  readonly subscriptionsMax: number;
  /** Levels of a topic name or filter; matching recurses this deep. */
  readonly topicLevelsMax: number;
  readonly topicMaxBytes: number;
  /** Topics with a retained message, in the cluster. */
  readonly retainedMax: number;
  /** Messages waiting in one session. */
  readonly queueMax: number;
  /** Bytes of messages waiting in one session, and of those sent and not acknowledged. */
  readonly queueMaxBytes: number;
  /** Bytes of messages waiting in all sessions together; a message counts once for each session. */
  readonly queuesMaxBytes: number;
  /** QoS 1 and 2 messages sent to one client and not yet acknowledged. */
  readonly inflightMax: number;
  /** QoS 2 messages of one client that it has not released: our Receive Maximum. */
  readonly receiveMax: number;
  /** Topic aliases that a client may set: our Topic Alias Maximum. */
  readonly topicAliasMax: number;
  /** Topic aliases that we set towards one client, at most. */
  readonly topicAliasOutMax: number;
  /**
   * Bytes waiting for one client's socket. Above it nothing more is read from the client, QoS 0 for
   * it is dropped and QoS 1 and 2 wait in its session.
   */
  readonly sendBufferMaxBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  packetSizeMaxBytes: 1024 * 1024,
  connectDeadlineMs: 10_000,
  keepAliveMaxS: 60,
  connectionsMax: 10_000,
  sessionsMax: 50_000,
  sessionExpiryMaxS: 7 * 24 * 3600,
  clientIdMaxBytes: 1024,
  subscriptionsMax: 1_000,
  topicLevelsMax: 128,
  topicMaxBytes: 4096,
  retainedMax: 50_000,
  queueMax: 10_000,
  queueMaxBytes: 16 * 1024 * 1024,
  queuesMaxBytes: 256 * 1024 * 1024,
  inflightMax: 128,
  receiveMax: 1024,
  topicAliasMax: 32,
  topicAliasOutMax: 32,
  sendBufferMaxBytes: 1024 * 1024,
};

/** Milliseconds between two looks at keep alives, delayed wills and expired sessions. */
export const SWEEP_INTERVAL_MS = 250;
/** A client is silent for too long after this many keep alives [MQTT-3.1.2-22]. */
export const KEEP_ALIVE_FACTOR = 1.5;
/** Milliseconds between two rounds of $SYS messages. */
export const SYSTEM_TOPICS_INTERVAL_MS = 10_000;
/** Milliseconds that a closing socket gets to send what it still holds. */
export const CLOSE_GRACE_MS = 2_000;

/** @returns the defaults with what `given` sets */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  return { ...DEFAULT_LIMITS, ...given };
}
