// One shared subscription (MQTT 5.0 section 4.8.2): the members of a group that take turns. Those
// who can be sent to at once go first, then those who are connected, then sessions that will
// return.

import type { Subscription } from "./session.ts";

export class SharedGroup {
  readonly #members: Subscription[] = [];
  #next = 0;

  get count(): number {
    return this.#members.length;
  }

  /** Adds a member, or replaces its options. */
  set(member: Subscription): void {
    const at = this.#indexOf(member.session.clientId);
    if (at === -1) this.#members.push(member);
    else this.#members[at] = member;
  }

  delete(clientId: string): boolean {
    const at = this.#indexOf(clientId);
    if (at === -1) return false;
    this.#members.splice(at, 1);
    if (at < this.#next) this.#next--;
    return true;
  }

  /** @returns whose turn it is, or null in an empty group */
  choose(): Subscription | null {
    const ready = this.#turn((member) => member.session.isReady);
    return ready ?? this.#turn((member) => member.session.link !== null) ?? this.#turn(() => true);
  }

  #turn(suits: (member: Subscription) => boolean): Subscription | null {
    const count = this.#members.length;
    for (let i = 0; i < count; i++) {
      const at = (this.#next + i) % count;
      const member = this.#members[at]!;
      if (!suits(member)) continue;
      this.#next = (at + 1) % count;
      return member;
    }
    return null;
  }

  #indexOf(clientId: string): number {
    return this.#members.findIndex((member) => member.session.clientId === clientId);
  }
}
