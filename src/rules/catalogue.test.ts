import { describe, expect, it } from "vitest";
import { ARGUMENT_KINDS } from "./argument.ts";
import { CONVERTERS, explainUnknown, FETCHES } from "./catalogue.ts";
import { STAGES } from "./stage.ts";

describe("the catalogue", () => {
  it("has every fetch and converter that haproxy.cfg uses for MQTT", () => {
    const fetches = [
      ...["src", "src_port", "dst", "dst_port", "fe_name", "be_name", "fc_rcvd_proxy", "ssl_fc"],
      ...["ssl_fc_sni", "ssl_fc_protocol", "ssl_fc_cipher", "ssl_fc_alpn", "ssl_c_used", "rand"],
      ...["ssl_c_verify", "ssl_c_s_dn", "ssl_c_i_dn", "ssl_c_serial", "ssl_c_sha1", "date", "env"],
      ...["ssl_c_notafter", "req.ssl_sni", "req_ssl_sni", "req.ssl_hello_type", "req.payload"],
      ...["req.len", "payload", "var", "nbsrv", "connslots", "srv_conn", "be_conn", "fe_conn"],
      ...["be_conn_free", "queue", "always_true", "always_false", "int", "str", "bool", "hostname"],
      ...["sc0_conn_cnt", "sc1_conn_rate", "sc2_sess_rate", "sc_conn_cur", "src_conn_rate"],
      ...["sc0_get_gpc0", "sc0_gpc0_rate", "src_get_gpt0", "sc0_bytes_in_rate", "sc0_kbytes_in"],
    ];
    const converters = [
      ...["lower", "upper", "length", "field", "word", "bytes", "add", "sub", "mul", "div", "mod"],
      ...["and", "or", "xor", "neg", "not", "bool", "even", "odd", "hex", "base64", "b64dec"],
      ...["url_dec", "ipmask", "crc32", "crc32c", "xxh32", "xxh64", "sdbm", "djb2", "wt6", "sha1"],
      ...["sha2", "strcmp", "iif", "in_table", "table_conn_rate", "table_gpc0", "map", "map_beg"],
      ...["map_reg", "map_ip", "map_int", "map_str_int", "concat", "regsub", "ltrim", "rtrim"],
      ...["be2dec", "mqtt_field_value", "mqtt_is_valid", "nginx_map", "split_clients", "geo"],
    ];
    expect(fetches.filter((name) => !FETCHES.has(name))).toEqual([]);
    expect(converters.filter((name) => !CONVERTERS.has(name))).toEqual([]);
  });

  it("has rows with a sentence, known kinds and stages", () => {
    for (const { doc, args, name } of [...FETCHES.values(), ...CONVERTERS.values()]) {
      expect([name, doc.length > 0 && !doc.endsWith(".")]).toEqual([name, true]);
      expect(args.filter(({ kind }) => !ARGUMENT_KINDS.includes(kind))).toEqual([]);
      const optional = args.map((arg) => arg.optional);
      expect([name, optional]).toEqual([name, optional.toSorted()]);
    }
    for (const { stage } of FETCHES.values()) expect(STAGES).toContain(stage);
  });
});

describe("explainUnknown", () => {
  it("names the nearest, or says why it is not there", () => {
    expect(explainUnknown("scr", FETCHES)).toBe('; did you mean "src"?');
    expect(explainUnknown("req.hdr", FETCHES)).toContain("HTTP");
    expect(explainUnknown("lua.mine", FETCHES)).toContain("extension");
    expect(explainUnknown("status", FETCHES)).toContain("HTTP");
    expect(explainUnknown("sc0_http_req_rate", FETCHES)).toContain("HTTP");
    expect(explainUnknown("xxh3", CONVERTERS)).toContain("not built in");
    expect(explainUnknown("qqqqqqqq", FETCHES)).toBe("");
  });
});
