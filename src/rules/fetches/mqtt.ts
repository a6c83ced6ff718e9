// Fetches about the CONNECT by our own short names, with the values that MQTT gives to what a
// client leaves out. They wait for the whole packet. Pure.

import { type ConnectFields, ABSENT as NOT_SENT } from "../../mqtt/connect-fields.ts";
import { byteTextOf, toByteText } from "../byte-text.ts";
import { type FetchRow, fetchRows } from "../catalogue-row.ts";
import type { Subject } from "../subject.ts";
import {
  ABSENT,
  type Answer,
  binaryValue,
  booleanValue,
  integerValue,
  NOT_YET,
  textValue,
} from "../value.ts";

const stage = "connect" as const;

const ask = (answer: (fields: ConnectFields, subject: Subject) => Answer) => {
  return () => (subject: Subject) => {
    if (subject.connect !== null) return answer(subject.connect, subject);
    return subject.payloadMayGrow ? NOT_YET : ABSENT;
  };
};
const bytesAt = (subject: Subject, offset: number, length: number): string | null =>
  offset === NOT_SENT ? null : byteTextOf(subject.payload, offset, length);
const textAt = (subject: Subject, offset: number, length: number): Answer => {
  const text = bytesAt(subject, offset, length);
  return text === null ? ABSENT : textValue(text);
};
const number = (doc: string, of: (fields: ConnectFields) => number): Row => {
  return { type: "integer", stage, doc, compile: ask((fields) => integerValue(of(fields))) };
};
const flag = (doc: string, of: (fields: ConnectFields) => boolean): Row => {
  return { type: "boolean", stage, doc, compile: ask((fields) => booleanValue(of(fields))) };
};
type Row = Omit<FetchRow, "name" | "args">;

const VERSIONS: Readonly<Record<number, string>> = { 3: "3.1", 4: "3.1.1", 5: "5.0" };

export const MQTT_FETCHES: readonly FetchRow[] = fetchRows({
  "mqtt.client_id": {
    ...{ type: "text", stage, doc: "client id; no value when the client leaves it to the server" },
    compile: ask(({ clientIdOffset, clientIdLength }, subject) =>
      clientIdLength === 0 ? ABSENT : textAt(subject, clientIdOffset, clientIdLength),
    ),
  },
  "mqtt.user_name": {
    ...{ type: "text", stage, doc: "user name, when one was sent" },
    compile: ask(({ userNameOffset, userNameLength }, subject) =>
      textAt(subject, userNameOffset, userNameLength),
    ),
  },
  "mqtt.password": {
    ...{ type: "binary", stage, doc: "password, when one was sent" },
    compile: ask(({ passwordOffset, passwordLength }, subject) => {
      const text = bytesAt(subject, passwordOffset, passwordLength);
      return text === null ? ABSENT : binaryValue(text);
    }),
  },
  "mqtt.version": {
    ...{ type: "text", stage, doc: "`3.1`, `3.1.1` or `5.0`" },
    compile: ask(({ level }) => textValue(VERSIONS[level] ?? "")),
  },
  "mqtt.level": number("protocol level: 3, 4 or 5", ({ level }) => level),
  "mqtt.bridge": flag("whether a Mosquitto bridge says so", ({ bridge }) => bridge),
  "mqtt.keep_alive": number("keep alive in seconds", ({ keepAliveSeconds }) => keepAliveSeconds),
  "mqtt.clean_start": flag("Clean Start, or Clean Session", ({ cleanStart }) => cleanStart),
  "mqtt.session_expiry": number(
    "seconds that the session outlives the connection; 4294967295: for ever; 3.x: 0 when clean",
    ({ level, cleanStart, sessionExpirySeconds }) => {
      if (level === 5) return sessionExpirySeconds;
      return cleanStart ? 0 : 0xffffffff;
    },
  ),
  "mqtt.receive_maximum": number("Receive Maximum", ({ receiveMaximum }) => receiveMaximum),
  "mqtt.maximum_packet_size": number(
    "Maximum Packet Size in bytes; 0: the client sets no limit",
    ({ maximumPacketSize }) => maximumPacketSize,
  ),
  "mqtt.topic_alias_maximum": number(
    "Topic Alias Maximum",
    ({ topicAliasMaximum }) => topicAliasMaximum,
  ),
  "mqtt.will": flag("whether there is a will", ({ willTopicOffset }) => willTopicOffset >= 0),
  "mqtt.will_topic": {
    ...{ type: "text", stage, doc: "topic of the will, when there is one" },
    compile: ask(({ willTopicOffset, willTopicLength }, subject) =>
      textAt(subject, willTopicOffset, willTopicLength),
    ),
  },
  "mqtt.will_qos": number("QoS of the will; 0 without one", ({ willQos }) => willQos),
  "mqtt.will_retain": flag("whether the will is retained", ({ willRetain }) => willRetain),
  "mqtt.authentication_method": {
    ...{ type: "text", stage, doc: "Authentication Method, when one was sent" },
    compile: ask((fields, subject) =>
      textAt(subject, fields.authenticationMethodOffset, fields.authenticationMethodLength),
    ),
  },
  "mqtt.user_property": {
    args: "name:text",
    ...{ type: "text", stage, doc: "the first user property of this name" },
    compile: (call) => {
      const name = call.plan.args[0] ?? "";
      return ask((fields) => {
        const found = fields.userProperties().find((property) => property.name === name);
        return found === undefined ? ABSENT : textValue(toByteText(found.value));
      })();
    },
  },
});
