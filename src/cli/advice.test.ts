import { expect, it } from "vitest";
import { adviceOn } from "./advice.ts";

it.each([
  ["haproxy -c -f haproxy.cfg", "fairlead check haproxy.cfg"],
  ["haproxy -f haproxy.cfg", "fairlead run haproxy.cfg"],
  ["haproxy -f a.cfg -f b.cfg", "fairlead run a.cfg b.cfg"],
  ["nginx -t -c /etc/nginx/nginx.conf", "fairlead check /etc/nginx/nginx.conf"],
  ["nginx -c nginx.conf", "fairlead run nginx.conf"],
  ["fairlead fairlead.yaml", "fairlead run fairlead.yaml"],
  ["fairlead fairlead.config.ts", "fairlead run fairlead.config.ts"],
  ["fairlead servers --json", "fairlead ctl servers --json"],
  ["haproxy -v", "fairlead --version"],
  ["fairlead validate fairlead.yaml", "fairlead check FILE"],
])("%s: %s", (typed, meant) => {
  expect(adviceOn(typed.split(" ").slice(1), ["servers", "status"])).toBe(meant);
});

it("has none for what it does not understand", () => {
  for (const typed of ["", "toString", "frobnicate fairlead.yaml", "--port 1883"]) {
    expect(adviceOn(typed.split(" "), ["servers"])).toBeNull();
  }
});
