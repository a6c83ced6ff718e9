// A CONNECT as policies see it, read from where the inspector has found its fields.
//
// One object a worker, opened for one call of a hook after the other, so that a hook that reads one
// property pays for one and nothing is made for those it leaves alone.

import type { ConnectFields } from "../mqtt/connect-fields.ts";
import { ABSENT } from "../mqtt/connect-fields.ts";
import type { PolicyConnect, PolicyProperties, PolicyWill, UserProperty } from "./policy.ts";

const VERSIONS: Readonly<Record<number, PolicyConnect["version"]>> = {
  3: "3.1",
  4: "3.1.1",
  5: "5.0",
};

export class ConnectView implements PolicyConnect {
  #fields: ConnectFields | null = null;
  #bytes: Uint8Array = new Uint8Array(0);

  /** @param bytes what the offsets of `fields` point into */
  open(fields: ConnectFields, bytes: Uint8Array): this {
    this.#fields = fields;
    this.#bytes = bytes;
    return this;
  }

  /** The hook has returned: what it kept tells nothing any more. */
  close(): void {
    this.#fields = null;
  }

  get clientId(): string {
    return this.#open.clientId();
  }

  get userName(): string | null {
    return this.#open.userName();
  }

  get password(): Uint8Array | null {
    const { passwordOffset, passwordLength } = this.#open;
    if (passwordOffset === ABSENT) return null;
    return this.#bytes.slice(passwordOffset, passwordOffset + passwordLength);
  }

  get version(): PolicyConnect["version"] {
    return VERSIONS[this.#open.level]!;
  }

  get keepAliveSeconds(): number {
    return this.#open.keepAliveSeconds;
  }

  get cleanStart(): boolean {
    return this.#open.cleanStart;
  }

  get will(): PolicyWill | null {
    const topic = this.#open.willTopic();
    if (topic === null) return null;
    return { topic, qos: this.#open.willQos, retain: this.#open.willRetain };
  }

  get properties(): PolicyProperties | null {
    const fields = this.#open;
    if (fields.level !== 5) return null;
    return {
      sessionExpirySeconds: fields.sessionExpirySeconds,
      receiveMaximum: fields.receiveMaximum,
      maximumPacketSize: fields.maximumPacketSize,
      topicAliasMaximum: fields.topicAliasMaximum,
      authenticationMethod: fields.authenticationMethod(),
    };
  }

  get userProperties(): readonly UserProperty[] {
    return this.#open.userProperties();
  }

  get #open(): ConnectFields {
    if (this.#fields === null) throw new Error("Cannot read a CONNECT: its hook has returned");
    return this.#fields;
  }
}
