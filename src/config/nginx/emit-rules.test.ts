import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { listenerOf } from "../../../tests/fixtures/nginx-document.ts";

const rulesOf = (lines: string, listen?: string) => at(listenerOf(lines, listen).plain, "rules");

test("allow and deny, in the order of the file", () => {
  const lines = "deny 10.0.0.1; allow 10.0.0.0/8; allow unix:; deny all;";
  const rules = ["reject if { src 10.0.0.1 }", "accept if { src 10.0.0.0/8 }", "reject"];
  expect(rulesOf(lines)).toEqual({ connection: rules });
  expect(rulesOf(lines, "1883 proxy_protocol")).toEqual({ session: rules });
});

test("mqtt_set_connect writes fields of the CONNECT", () => {
  const lines = 'mqtt on; mqtt_set_connect clientid "50% $mqtt_preread_clientid";';
  expect(rulesOf(`${lines} mqtt_set_connect password it;`)).toEqual({
    content: ["set-client-id '50%% %[mqtt.client_id]'", "set-password it"],
  });
});

test("fields stay as they are without mqtt on, as in nginx", () => {
  const { plain, said } = listenerOf("mqtt_set_connect username a;");
  expect(at(plain, "rules")).toBeUndefined();
  expect(said).toEqual([expect.stringContaining("notice")]);
});

test.each(["allow me;", "deny 10.0.0.0/33;", "mqtt on; mqtt_set_connect topic a;"])(
  "%s is refused",
  (lines) => expect(listenerOf(lines).said).toHaveLength(1),
);
