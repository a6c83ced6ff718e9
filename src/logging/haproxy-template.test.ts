import { describe, expect, it } from "vitest";
import { endedConnection, type Wishes } from "../../tests/fixtures/ended-connection.ts";
import { PHASE_REQUEST } from "../shm/log-ring.ts";
import {
  compileHaproxyTemplate,
  expressionsOf,
  isLogExpression,
  TCPLOG,
} from "./haproxy-template.ts";

const sender = { host: "gate", tag: "haproxy", pid: 7 };

function line(template: string, wishes: Wishes = {}): string {
  const compiled = compileHaproxyTemplate(template);
  if (compiled.problem !== null) throw new Error(compiled.problem.message);
  return compiled.make(endedConnection(wishes), sender);
}

function problem(template: string) {
  return compileHaproxyTemplate(template).problem;
}

describe("compileHaproxyTemplate", () => {
  it("writes the line of option tcplog", () => {
    expect(line(TCPLOG)).toBe(
      "198.51.100.7:50000 [03/Nov/2026:12:00:00.250] mqtt brokers/b1 20/3/1500 212 -- " +
        "10/8/6/5/0 0/2",
    );
  });

  it("says so where no server and no backend were chosen", () => {
    const refused = {
      reason: "refused-by-rule",
      phase: PHASE_REQUEST,
      ...{ server: -1, lastServer: -1, queueMs: -1, dialMs: -1, bytesOut: 0 },
    } as const;
    expect(line("%ft %b/%s %Tw/%Tc %ts", refused)).toBe("mqtt mqtt/<NOSRV> -1/-1 PR");
  });

  it("marks TLS and redispatches", () => {
    const wishes = { listener: 1, retries: 2, redispatches: 1 };
    expect(line("%f %ft %rc", wishes)).toBe("mqtts mqtts~ +3");
  });

  it("takes flags, for one alias or for all that follow", () => {
    expect(line("%{+Q}b %b %{+Q}o%s %{-Q}f")).toBe('"brokers" brokers "b1" mqtt');
    expect(line("%{+X}B %B")).toBe("D4 212");
    expect(line("%{+Q,+E}[mqtt.client_id]", { clientId: 'a"]' })).toBe('"a\\"\\]"');
  });

  it("takes expressions of HAProxy and names of our own", () => {
    const tls = { version: "TLSv1.3", clientCertificate: { commonName: "m1", subject: "/CN=m1" } };
    expect(line("%[src] %[ssl_c_s_dn(cn)] %sslv", { detail: { tls } })).toBe(
      "198.51.100.7 m1 TLSv1.3",
    );
    const field = "req.payload(0,0), mqtt_field_value(connect, client_identifier)";
    expect(line(`%[${field}] %[close.reason]`)).toBe("meter-1 client-disconnected");
  });

  it("lets no client end a line or its quotes", () => {
    const clientId = 'x"\n';
    expect(line('"%[mqtt.client_id]" %{+Q}[mqtt.client_id] %%', { clientId })).toBe(
      '"x"#0A" "x#22#0A" %',
    );
  });

  it("writes a dash for an empty text, and quotes with nothing between them", () => {
    expect(line("%sslc|%{+Q}sslc")).toBe('-|""');
  });

  it("has its expressions, each with what an empty one is written as", () => {
    expect(expressionsOf("%ci %[src] %% %{+Q}[dst] %{+Q}o %(n)[ var(txn.a) ]")).toEqual([
      { index: 4, text: "%[src]", expression: "src", empty: "-" },
      { index: 14, text: "%{+Q}[dst]", expression: "dst", empty: '""' },
      { index: 32, text: "%(n)[ var(txn.a) ]", expression: " var(txn.a) ", empty: '""' },
    ]);
    expect([isLogExpression("src"), isLogExpression("var(txn.a)")]).toEqual([true, false]);
  });

  it("says where it does not know what is meant", () => {
    expect(problem("%ci %ST")).toMatchObject({ index: 4, message: expect.stringContaining("%ST") });
    expect(problem("%[req.hdr(host)]")?.message).toContain("%[req.hdr(host)]");
    expect(problem("100 % sure")?.index).toBe(4);
    expect(problem("%[constructor]")).not.toBeNull();
  });
});
