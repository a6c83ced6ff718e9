import { describe, expect, it } from "vitest";
import { endedConnection, type Wishes } from "../../tests/fixtures/ended-connection.ts";
import { compileNginxTemplate, type Escape } from "./nginx-template.ts";

const sender = { host: "gate", tag: "nginx", pid: 7 };

function line(template: string, wishes: Wishes = {}, escaping: Escape = "default"): string {
  const compiled = compileNginxTemplate(template, escaping);
  if (compiled.problem !== null) throw new Error(compiled.problem.message);
  return compiled.make(endedConnection(wishes), sender);
}

describe("compileNginxTemplate", () => {
  it("writes what nginx's documentation shows", () => {
    const format =
      "$remote_addr $protocol $status $bytes_sent $bytes_received $session_time " +
      '"$upstream_addr" "$upstream_bytes_sent" "$upstream_bytes_received" ' +
      '"$upstream_connect_time"';
    expect(line(format)).toBe(
      '198.51.100.7 TCP 200 212 100 1.500 "10.0.0.1:1883" "100" "212" "0.003"',
    );
  });

  it("has a dash for what was never there, but with escape=json and none", () => {
    const wishes = { dialMs: -1, lastServer: -1 };
    expect(line("[$upstream_addr]", wishes)).toBe("[-]");
    expect(line("[$upstream_addr]", wishes, "json")).toBe("[]");
    expect(line(["[$", "{upstream_connect_time}s]"].join(""), wishes, "none")).toBe("[s]");
  });

  it("escapes values in three ways", () => {
    const wishes = { clientId: 'a"\\\né' };
    expect(line("$mqtt_preread_clientid", wishes)).toBe("a\\x22\\x5C\\x0A\\xC3\\xA9");
    expect(line("$mqtt_preread_clientid", wishes, "json")).toBe('a\\"\\\\\\né');
    expect(line("$mqtt_preread_clientid", wishes, "none")).toBe('a"\\\né');
  });

  it("says where a variable is that nobody knows", () => {
    const { problem } = compileNginxTemplate("$remote_addr $http_host", "default");
    expect(problem).toMatchObject({ index: 13, message: expect.stringContaining("$http_host") });
    expect(compileNginxTemplate("$constructor", "default").problem).not.toBeNull();
  });
});
