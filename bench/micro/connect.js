// What inspecting one CONNECT costs: npm run build && node bench/micro/connect.js

import { generate } from "mqtt-packet";
import { ConnectInspector } from "../../dist/mqtt/connect.js";
import { measure } from "./measure.js";

const CALLS = 50_000;
const SIZE_MAX = 65_536;

const base = { cmd: "connect", clean: true, keepalive: 60, clientId: "sensor-0123456789" };
const will = {
  topic: "status/sensor-0123456789",
  payload: Buffer.from("offline"),
  qos: 1,
  retain: true,
};
const v311 = { ...base, protocolId: "MQTT", protocolVersion: 4 };
const v5 = { ...base, protocolId: "MQTT", protocolVersion: 5 };
const credentials = { username: "device", password: Buffer.from("0123456789abcdef") };
const properties = {
  sessionExpiryInterval: 3600,
  receiveMaximum: 20,
  userProperties: { region: "eu-central-1" },
};

const inspector = new ConnectInspector();

/** @param {string} name @param {object} fields */
function inspect(name, fields) {
  const bytes = new Uint8Array(generate(/** @type {any} */ (fields)));
  measure(`${name} (${bytes.length} bytes)`, CALLS, () => {
    let sum = 0;
    for (let call = 0; call < CALLS; call++) {
      sum += inspector.inspect(bytes, 0, bytes.length, SIZE_MAX) + inspector.clientIdLength;
    }
    return sum;
  });
}

inspect("3.1.1, id only", v311);
inspect("3.1.1, id, user name, password", { ...v311, ...credentials });
inspect("3.1.1, everything", { ...v311, ...credentials, will });
inspect("5.0, id only", v5);
inspect("5.0, everything", { ...v5, ...credentials, will, properties });
inspect("3.1.1, id of 16 kB", { ...v311, clientId: "c".repeat(16_384) });
