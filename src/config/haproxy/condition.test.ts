import { describe, expect, test } from "vitest";
import { evaluateCondition } from "./condition.ts";
import { Variables } from "./variables.ts";
import { parseVersion } from "./version.ts";

const context = {
  variables: new Variables({ HOME: "/root" }),
  version: parseVersion("3.2.1")!,
  opensslVersion: "3.0.13",
};
const evaluate = (text: string) => evaluateCondition(text, context);

describe("evaluateCondition", () => {
  test.each([
    ["1", true],
    ["0", false],
    ["", false],
    ["!0", true],
    ["defined(HOME)", true],
    ["defined( HOME )", false],
    ["defined(NONE)", false],
    ["feature(OPENSSL)", true],
    ["feature(LUA)", false],
    ["enabled(SPLICE)", false],
    ["fips_mode()", false],
    ["streq(a,a)", true],
    ["streq(a, a)", false],
    ["strneq(a,b)", true],
    ["strstr(abc,b)", true],
    ["version_atleast(2.6)", true],
    ["version_atleast(3)", true],
    ["version_atleast(3.3-dev1)", false],
    ["version_before(3.3)", true],
    ["openssl_version_atleast(3.0.0)", true],
    ["openssl_version_before(1.1.1)", false],
    ["ssllib_name_startswith(OpenSSL)", true],
    ["awslc_api_atleast(35)", false],
    ["0 || 1 && 1", true],
    ["(0 || 1) && !(1 && 0)", true],
    ["1 && 0 || 0", false],
  ])("%s is %s", (text, holds) => expect(evaluate(text)).toEqual({ holds, mistake: null }));

  test.each([
    ["definde(HOME)", 0, "defined"],
    ["1 && ", 5, "no predicate"],
    ["1 1", 2, "behind"],
    ["(1", 0, "no end"],
    ["streq(a", 5, "no end"],
    ["streq(a)", 0, "arguments"],
    ["version_atleast(x)", 0, "version"],
  ])("%s has a mistake at %i", (text, offset, word) => {
    const { mistake } = evaluate(text);
    expect(mistake?.offset).toBe(offset);
    expect(`${mistake?.message} ${mistake?.expected}`).toContain(word);
  });
});
