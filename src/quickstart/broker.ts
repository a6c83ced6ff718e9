// What the nodes of the cluster share: sessions, subscriptions, retained messages and wills, and
// the way of a message from its publisher to every session that wants it. Knows no sockets. The
// clock is an argument. Bounded by `limits`; a message that meets a limit is dropped and counted.

import { ClusterCounters, type NodeCounters } from "./counters.ts";
import type { Limits } from "./limits.ts";
import { lowerQos, Message, type Qos } from "./message.ts";
import { REASON, type Reason } from "./reason.ts";
import { RetainedStore } from "./retained.ts";
import type { Session, SessionLink, Subscription, Will } from "./session.ts";
import { SessionStore } from "./session-store.ts";
import { SharedGroup } from "./shared-subscription.ts";
import { isTopicName, parseFilter } from "./topic-filter.ts";
import { TopicTree } from "./topic-tree.ts";

/** Topics of the cluster itself: clients read them and may not publish there. */
export const SYSTEM_PREFIX = "$SYS/";

export interface ConnectRequest {
  readonly clientId: string;
  readonly cleanStart: boolean;
  /** Milliseconds the session outlives the connection. */
  readonly expiryMs: number;
  readonly will: Will | null;
  readonly link: SessionLink;
  readonly node: NodeCounters;
}

export interface SubscribeRequest {
  readonly text: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: send retained messages; 1: only if the subscription is new; 2: do not. */
  readonly retainHandling: number;
  readonly id: number;
}

export interface SubscribeResult {
  /** The granted QoS or why it was refused. */
  readonly code: Qos | Reason;
  /** Retained messages to be sent once the SUBACK has gone out. */
  readonly retained: readonly Message[];
  readonly subscription: Subscription | null;
}

export interface BrokerOptions {
  readonly limits: Limits;
  /**
   * Filters that nobody may subscribe to, so that a client's handling of a refusal can be tried.
   */
  readonly refusedFilters: readonly string[];
}

export class Broker {
  readonly limits: Limits;
  readonly counters = new ClusterCounters();
  readonly sessions: SessionStore;
  /** $SYS topics; kept apart so that they neither count nor fill up what clients retain. */
  readonly #system: RetainedStore;
  readonly #retained: RetainedStore;
  readonly #subscriptions = new TopicTree<Subscription>();
  readonly #groups = new TopicTree<SharedGroup>();
  readonly #refusedFilters: ReadonlySet<string>;
  /** Sessions without a connection or with a will that waits: whom `sweep` looks at. */
  readonly #waiting = new Set<Session>();
  #matchNumber = 0;

  constructor(options: BrokerOptions) {
    this.limits = options.limits;
    this.sessions = new SessionStore(options.limits, this.counters);
    this.#retained = new RetainedStore(options.limits.retainedMax);
    this.#system = new RetainedStore(options.limits.retainedMax);
    this.#refusedFilters = new Set(options.refusedFilters);
  }

  /**
   * Gives a connection its session, new or resumed, and takes it from whoever had it.
   * @returns the session, or null when there are too many
   */
  connect(request: ConnectRequest, nowMs: number): { session: Session; present: boolean } | null {
    const existing = this.sessions.get(request.clientId);
    existing?.link?.takenOver();
    // Being taken over ends a session that does not outlive its connection.
    const earlier = this.sessions.get(request.clientId);
    if (earlier !== undefined && request.cleanStart) this.#end(earlier, nowMs);
    const resumed = request.cleanStart ? undefined : earlier;
    const session = resumed ?? this.sessions.make(request.clientId, request.node);
    if (session === null) return null;
    this.sessions.move(session, request.node);
    this.sessions.setExpiry(session, request.expiryMs);
    this.#cancelDelayedWill(session);
    this.#waiting.delete(session);
    session.will = request.will;
    session.attach(request.link);
    return { session, present: resumed !== undefined };
  }

  /** The connection has ended. `sendWill` is false after an orderly DISCONNECT. */
  disconnect(session: Session, sendWill: boolean, nowMs: number): void {
    session.link = null;
    if (!sendWill) session.will = null;
    if (session.expiryMs === 0) {
      this.#end(session, nowMs);
      return;
    }
    session.endsAtMs = nowMs + session.expiryMs;
    this.#waiting.add(session);
    if (session.will === null) return;
    if (session.will.delayMs === 0) {
      this.#publishWill(session, nowMs);
    } else {
      session.willDueMs = nowMs + session.will.delayMs;
      this.counters.delayed.add(1);
    }
  }

  subscribe(session: Session, request: SubscribeRequest, nowMs: number): SubscribeResult {
    const parsed = parseFilter(request.text, this.limits);
    if (parsed === null) return refuse(REASON.topicFilterInvalid);
    if (this.#refusedFilters.has(request.text)) return refuse(REASON.unspecified);
    const replaced = session.subscriptions.get(request.text);
    if (replaced === undefined && session.subscriptions.size >= this.limits.subscriptionsMax) {
      return refuse(REASON.quotaExceeded);
    }
    const { text, qos, noLocal, retainAsPublished, id } = request;
    const subscription = { session, text, ...parsed, qos, noLocal, retainAsPublished, id };
    this.sessions.addSubscription(subscription);
    this.#plant(subscription);
    this.#countTopics();
    const wanted =
      request.retainHandling === 0 || (request.retainHandling === 1 && replaced === undefined);
    // [MQTT-3.3.1-9 to -11]; a shared subscription gets none (section 4.8.2).
    const retained =
      wanted && parsed.group === null ? this.#matchRetained(parsed.filter, nowMs) : [];
    return { code: qos, retained, subscription };
  }

  /** @returns whether there was such a subscription */
  unsubscribe(session: Session, text: string): boolean {
    const subscription = session.subscriptions.get(text);
    if (subscription === undefined) return false;
    this.#uproot(subscription);
    this.sessions.removeSubscription(subscription);
    this.#countTopics();
    return true;
  }

  isTopicAllowed(topic: string): boolean {
    return isTopicName(topic, this.limits);
  }

  /** Retains the message if it says so, and delivers it to everyone who subscribes to its topic. */
  publish(message: Message): void {
    if (message.retain) {
      this.#retained.store(message);
      this.counters.retained.set(this.#retained.count);
    }
    this.#route(message);
  }

  /** A message of the cluster itself, under SYSTEM_PREFIX. */
  publishSystem(message: Message): void {
    if (message.retain) this.#system.store(message);
    this.#route(message);
  }

  /** Whether anyone would see an event below SYSTEM_PREFIX. */
  get hasSystemSubscribers(): boolean {
    return this.#subscriptions.hasBranch("$SYS") || this.#groups.hasBranch("$SYS");
  }

  /** Publishes wills that are due and ends sessions whose time has come. */
  sweep(nowMs: number): void {
    for (const session of this.#waiting) {
      if (session.willDueMs <= nowMs) this.#publishWill(session, nowMs);
      if (session.endsAtMs <= nowMs) this.#end(session, nowMs);
    }
  }

  dropExpiredRetained(nowMs: number): void {
    this.#retained.dropExpired(nowMs);
    this.counters.retained.set(this.#retained.count);
  }

  #route(message: Message): void {
    const matched: Subscription[] = [];
    this.#subscriptions.match(message.topic, matched);
    for (const session of this.#merge(matched, message)) {
      session.deliver({
        message,
        qos: lowerQos(message.qos, session.matchedQos),
        retain: session.matchedRetain && message.retain,
        subscriptionIds: session.matchedIds,
      });
    }
    const groups: SharedGroup[] = [];
    this.#groups.match(message.topic, groups);
    for (const group of groups) this.#deliverShared(group, message);
  }

  // A session gets one copy however many of its subscriptions match, at the highest QoS among them
  // and with all their identifiers [MQTT-3.3.4-2, -3, -4].
  #merge(matched: readonly Subscription[], message: Message): readonly Session[] {
    const number = ++this.#matchNumber;
    const sessions: Session[] = [];
    for (const subscription of matched) {
      const { session } = subscription;
      if (subscription.noLocal && session.clientId === message.publisher) continue;
      if (session.matchedIn !== number) {
        session.matchedIn = number;
        session.matchedQos = 0;
        session.matchedRetain = false;
        session.matchedIds = null;
        sessions.push(session);
      }
      if (subscription.qos > session.matchedQos) session.matchedQos = subscription.qos;
      if (subscription.retainAsPublished) session.matchedRetain = true;
      if (subscription.id === 0) continue;
      if (session.matchedIds === null) session.matchedIds = [subscription.id];
      else session.matchedIds.push(subscription.id);
    }
    return sessions;
  }

  #deliverShared(group: SharedGroup, message: Message): void {
    const member = group.choose();
    if (member === null) return;
    member.session.deliver({
      message,
      qos: lowerQos(message.qos, member.qos),
      retain: member.retainAsPublished && message.retain,
      subscriptionIds: member.id === 0 ? null : [member.id],
    });
  }

  #matchRetained(filter: string, nowMs: number): Message[] {
    const store = filter.startsWith(SYSTEM_PREFIX) ? this.#system : this.#retained;
    return store.match(filter, nowMs);
  }

  #plant(subscription: Subscription): void {
    const { filter, group } = subscription;
    if (group === null) {
      this.#subscriptions.set(filter, subscription.session.clientId, subscription);
      return;
    }
    const members = this.#groups.get(filter, group) ?? new SharedGroup();
    members.set(subscription);
    this.#groups.set(filter, group, members);
  }

  #uproot({ filter, group, session }: Subscription): void {
    if (group === null) {
      this.#subscriptions.delete(filter, session.clientId);
      return;
    }
    const members = this.#groups.get(filter, group);
    members?.delete(session.clientId);
    if (members?.count === 0) this.#groups.delete(filter, group);
  }

  #end(session: Session, nowMs: number): void {
    // A will does not outlive its session [MQTT-3.1.2-8].
    if (session.will !== null) this.#publishWill(session, nowMs);
    for (const subscription of session.subscriptions.values()) this.#uproot(subscription);
    this.#countTopics();
    this.#waiting.delete(session);
    this.sessions.remove(session);
  }

  #publishWill(session: Session, nowMs: number): void {
    const { will } = session;
    this.#cancelDelayedWill(session);
    if (will === null) return;
    session.will = null;
    const { message } = will;
    const expiresAtMs = will.expiryS === null ? Infinity : nowMs + will.expiryS * 1000;
    const { topic, payload, qos, retain, passedOn, publisher } = message;
    this.publish(
      new Message({ topic, payload, qos, retain, passedOn, publisher, expiresAtMs }).keep(),
    );
  }

  #cancelDelayedWill(session: Session): void {
    if (session.willDueMs === Infinity) return;
    session.willDueMs = Infinity;
    this.counters.delayed.add(-1);
  }

  #countTopics(): void {
    this.counters.topics.set(this.#subscriptions.filterCount + this.#groups.filterCount);
  }
}

function refuse(code: Reason): SubscribeResult {
  return { code, retained: [], subscription: null };
}
