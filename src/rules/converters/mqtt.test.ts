import { expect, it } from "vitest";
import { ask, makeSubject } from "../../../tests/fixtures/rule-subject.ts";
import { VALID } from "../../../tests/fuzz/connect-corpus.ts";
import { MQTT_CONVERTERS } from "./mqtt.ts";

const hex = Buffer.from(VALID.find(([name]) => name === "3.1.1, everything")![1]).toString("hex");
const over = makeSubject({ payloadMayGrow: false });

it.each([
  [`bin(${hex}),mqtt_field_value(connect,username)`, "user"],
  [`bin(${hex}),mqtt_field_value(connect,keepalive),add(1)`, 61n],
  [`bin(${hex}),mqtt_field_value(connack,flags)`, "absent"],
  ["bin(20020005),mqtt_field_value(connack,reason_code)", "5"],
  [`bin(${hex}),mqtt_is_valid`, true],
  ["bin(20020005),mqtt_is_valid", true],
  ["str(GET / HTTP/1.1),mqtt_is_valid", false],
  ["bin(10),mqtt_is_valid", "absent"],
])("%s", (text, answer) => {
  expect(ask(text.replace("GET / ", "GET/"), over)).toBe(answer);
});

it("MQTT_CONVERTERS wait for the rest of a packet while bytes come", () => {
  expect(ask("bin(1020),mqtt_is_valid")).toBe("not yet");
  expect(ask("bin(1020),mqtt_field_value(connect,flags)")).toBe("not yet");
  expect(MQTT_CONVERTERS.map(({ name }) => name)).toEqual(["mqtt_is_valid", "mqtt_field_value"]);
});
