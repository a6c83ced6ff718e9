import { expect, test } from "vitest";
import { AT } from "../../../tests/fixtures/haproxy-document.ts";
import { DraftMap, finish, list, scalar } from "../import/draft.ts";
import { toPlain } from "../raw-document.ts";
import { connectReason, countSilenceAlone, readsConnect } from "./connect-needs.ts";

function pool(section: string, key: string, value: string): DraftMap {
  const draft = new DraftMap({ at: AT });
  draft.child(section, { at: AT }).put(key, value, { at: AT });
  return draft;
}

test.each([
  [pool("stick", "by", "client-id"), "stick asks"],
  [pool("stick", "by", "source"), null],
  [pool("hash", "key", "mqtt.user_name,lower"), "balance asks"],
  [pool("hash", "key", "src,ipmask(24)"), null],
  [pool("check", "type", "mqtt"), null],
])("connectReason %#", (draft, reason) => expect(connectReason([draft])).toBe(reason));

test("rules of a pool ask for CONNECT where they name MQTT", () => {
  const draft = new DraftMap({ at: AT });
  const rule = scalar("reject if { mqtt.version 5.0 }", { at: AT });
  draft.child("rules", { at: AT }).set("content", list([rule], { at: AT }));
  expect(connectReason([new DraftMap({ at: AT }), draft])).toBe("a rule asks");
});

test("silence alone counts where CONNECT is read", () => {
  const draft = pool("timeouts", "idle", "5m");
  countSilenceAlone(draft);
  expect(toPlain(finish(draft))).toEqual({ timeouts: { idle: "5m", followKeepAlive: false } });
  const listener = new DraftMap({ at: AT });
  expect(readsConnect(listener)).toBe(false);
  listener.put("protocol", "mqtt", { at: AT });
  expect(readsConnect(listener)).toBe(true);
});
