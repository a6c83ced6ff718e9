import { describe, expect, it } from "vitest";
import { at, documentOf } from "../../../tests/fixtures/haproxy-document.ts";

const CLIENT_ID = "req.payload(0,0),mqtt_field_value(connect,client_identifier)";

/** What becomes of a format below some lines of a frontend, and what is said. */
function read(format: string, lines: readonly string[] = [], backend = "") {
  const { plain, said } = documentOf(`frontend mqtt
  bind *:1883
  timeout client 5m
  tcp-request inspect-delay 5s
  log stdout local0
  log-format ${format}
${lines.map((line) => `  ${line}\n`).join("")}  default_backend nodes
backend nodes
  balance leastconn
  timeout connect 5s
  timeout server 5m
  ${backend}
  server a 10.0.0.1:1883
`);
  return { template: at(plain, "log", "outlets", 0, "template"), said };
}

const always = (value: string, set = "content") => `tcp-request ${set} set-var(txn.id) ${value}`;

describe("a variable in a log-format", () => {
  it("is what its rule always sets it to", () => {
    const reject = "tcp-request content reject unless { req.payload(0,0),mqtt_is_valid }";
    expect(read('"%ci %{+Q}[var(txn.id)] %ts"', [reject, always(CLIENT_ID)])).toEqual({
      template: "%ci %{+Q}[mqtt.client_id] %ts",
      said: [],
    });
  });

  it.each([
    ["content", "mqtt.client_id", "mqtt.client_id"],
    [
      "content",
      "req.payload(0, 0), mqtt_field_value(connect, client_identifier)",
      "mqtt.client_id",
    ],
    ["connection", "src", "src"],
    ["session", "ssl_c_s_dn(CN)", "ssl_c_s_dn(cn)"],
    ["session", "ssl_fc_sni", "ssl_fc_sni"],
  ])("is known where %s rules set it to %s", (set, value, name) => {
    const { template } = read("%[var(txn.id)]", [always(value, set)]);
    expect(template).toBe(`%[${name}]`);
  });

  it("is empty, as HAProxy writes that, where nothing sets it", () => {
    const { template, said } = read("'%ci %[var(txn.id)] %{+Q}[var(txn.id)]'");
    expect(template).toBe('%ci - ""');
    expect(said).toEqual([
      '6:19: notice: %[var(txn.id)] is empty in every line: nothing sets "txn.id"',
      '6:34: notice: %{+Q}[var(txn.id)] is empty in every line: nothing sets "txn.id"',
    ]);
  });

  it("is empty where HAProxy ignores what would set it", () => {
    const { template, said } = read("%[var(txn.id)]", ["http-request set-var(txn.id) src"]);
    expect(template).toBe("-");
    expect(said).toContainEqual(expect.stringContaining("is empty in every line"));
  });

  it("is empty where its rule comes too early, which the rule says", () => {
    const { template, said } = read("%[var(txn.id)]", [always(CLIENT_ID, "connection")]);
    expect([template, said]).toEqual(["-", []]);
  });

  it.each([
    ["a condition", [`${always("src")} if { src 10.0.0.0/8 }`], "", "not kept until a line"],
    ["what no line has", [always("mqtt.user_name")], "", "not kept until a line"],
    ["a format", ["tcp-request content set-var-fmt(txn.id) x-%[src]"], "", "not kept until a line"],
    ["two rules", [always("src"), always("dst")], "", "several lines set"],
    [
      "a rule that unsets it",
      [always("src"), "tcp-request content unset-var(txn.id)"],
      "",
      "several",
    ],
    ["a converter", ["acl a src,set-var(txn.id) 10.0.0.1"], "", "by no tcp-request rule"],
    ["a backend", [], always("src"), "by no tcp-request rule"],
    ["an accept", ["tcp-request content accept if TRUE", always("src")], "", "was accepted before"],
  ])("is an error where it depends on %s", (_, lines, backend, why) => {
    const { template, said } = read("%[var(txn.id)]", lines, backend);
    expect(template).toBe("-");
    expect(said).toEqual([
      expect.stringMatching(/^6:14: %\[var\(txn\.id\)\] cannot be honoured: .*such as %\[mqtt/),
    ]);
    expect(said[0]).toContain(why);
  });

  it("is an error where it ends with the request", () => {
    const { said } = read("%[var(req.id)]", ["tcp-request content set-var(req.id) src"]);
    expect(said).toEqual([expect.stringContaining('"req.id" ends before a line is written')]);
  });

  it("is said once, however many sections and targets have the format", () => {
    const section = (name: string, port: number) => `listen ${name}
  bind *:${port}
  balance first
  server a 10.0.0.1:1883
`;
    const { said } = documentOf(`defaults
  timeout client 5m
  timeout connect 5s
  timeout server 5m
  log 127.0.0.1 local0
  log 127.0.0.1 local1
  log-format %[var(txn.id)]
${section("one", 1)}${section("two", 2)}`);
    expect(said).toEqual([expect.stringContaining("7:14: notice")]);
  });
});
