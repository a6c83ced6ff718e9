// Topic aliases towards one client (MQTT 5.0 section 3.3.2.3.4): the first topics it is sent get a
// number each, and from then on the number stands for the topic. As many as the client allows.

export interface AliasUse {
  readonly number: number;
  /** Whether the client has been told which topic the number stands for. */
  readonly isKnown: boolean;
}

export class TopicAliases {
  readonly #numbers = new Map<string, AliasUse>();
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** @returns how to name the topic, or null when it has no alias and gets none */
  lookUp(topic: string): AliasUse | null {
    const known = this.#numbers.get(topic);
    if (known !== undefined) return known;
    if (this.#numbers.size >= this.#countMax) return null;
    return { number: this.#numbers.size + 1, isKnown: false };
  }

  /** The topic has gone out with the number that `lookUp` gave. */
  learn(topic: string): void {
    if (this.#numbers.has(topic)) return;
    this.#numbers.set(topic, { number: this.#numbers.size + 1, isKnown: true });
  }
}
