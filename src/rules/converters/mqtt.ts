// Converters that read MQTT packets: `mqtt_is_valid` and `mqtt_field_value`. Pure.
//
// Behind `req.payload(0,0)` they are not run: compile-expression.ts reads the CONNECT where it
// lies, and waits for the whole of it.

import { bytesOf } from "../byte-text.ts";
import { type ConverterRow, converterRows } from "../catalogue-row.ts";
import {
  fieldOfPacket,
  isValidPacket,
  MORE_BYTES,
  PACKET_FIELDS,
  packetName,
} from "../mqtt-field.ts";
import { suggestion } from "../nearest-name.ts";
import type { Subject } from "../subject.ts";
import { ABSENT, type Answer, booleanValue, NOT_YET, textValue, type Value } from "../value.ts";

export const MQTT_CONVERTERS: readonly ConverterRow[] = converterRows({
  mqtt_is_valid: {
    ...{ input: "binary", output: "boolean", doc: "whether it is a valid MQTT packet" },
    compile: () => (value, subject) => {
      const bytes = bytesOf(textIn(value));
      const verdict = isValidPacket(bytes, 0, bytes.length);
      return verdict === MORE_BYTES ? later(subject) : booleanValue(verdict);
    },
  },
  mqtt_field_value: {
    args: "packet:text field:text",
    ...{ input: "binary", output: "text", doc: "a field of an MQTT packet" },
    compile: (call) => {
      const packet = packetName(call.text(0)) ?? "connect";
      const name = call.text(1);
      return (value, subject) => {
        const answer = fieldOfPacket(bytesOf(textIn(value)), packet, name);
        if (answer === MORE_BYTES) return later(subject);
        return answer === null || answer === "" ? ABSENT : textValue(answer);
      };
    },
    problem: fieldProblem,
  },
});

function fieldProblem([packet, field]: readonly (string | null)[]): string | null {
  const type = packetName(packet ?? "");
  if (type === null) return `no packet type "${packet}"; known are "connect" and "connack"`;
  const known = PACKET_FIELDS[type];
  if (known.includes(field ?? "")) return null;
  return `no field "${field}" in ${type.toUpperCase()}${suggestion(field ?? "", known)}`;
}

function later(subject: Subject): Answer {
  return subject.payloadMayGrow ? NOT_YET : ABSENT;
}

function textIn(value: Value): string {
  return value.type === "binary" || value.type === "text" ? value.text : "";
}
