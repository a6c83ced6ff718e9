import { expect, it } from "vitest";
import { nearestName, suggestion } from "./nearest-name.ts";

it("nearestName gives the closest known name, or none when all are far", () => {
  const known = ["src", "src_port", "ssl_c_s_dn", "mqtt.client_id"];
  expect(nearestName("mqtt.clientid", known)).toBe("mqtt.client_id");
  expect(nearestName("scr_port", known)).toBe("src_port");
  expect(nearestName("completely_else", known)).toBeNull();
  expect(nearestName("x".repeat(1000), known)).toBeNull();
});

it("suggestion is the end of a sentence", () => {
  expect(suggestion("srx", ["src"])).toBe('; did you mean "src"?');
  expect(suggestion("what", ["src"])).toBe("");
});
