import { describe, expect, it } from "vitest";
import { formatAddress, makeEndpoint } from "../bytes/endpoint.ts";
import { applyMask, embeddedIpv4, NetworkLookup, parseMask, parseNetwork } from "./network.ts";

const address = (text: string) => makeEndpoint(text, 0)!.slice(0, 16);

describe("parseNetwork", () => {
  it.each([
    ["10.1.2.3/8", "10.0.0.0", 104],
    ["10.1/16", "10.0.0.0", 112],
    ["127.1", "127.0.0.1", 128],
    ["192.168.7.9/255.255.255.0", "192.168.7.0", 120],
    ["2001:db8::1/32", "2001:db8::", 32],
    ["::/0", "::", 0],
    ["10.1.2.3/255.0.255.0", "10.0.2.0", -1],
  ])("%s", (text, network, prefixBits) => {
    const parsed = parseNetwork(text)!;
    expect([formatAddress(parsed.address, 0), parsed.prefixBits]).toEqual([network, prefixBits]);
  });

  it.each(["", "10.0.0.0/33", "host", "10.0.0.0/8/8", "::1/129", "10.0.0.256", "1.2.3.4/"])(
    "refuses %s",
    (text) => {
      expect(parseNetwork(text)).toBeNull();
    },
  );
});

describe("NetworkLookup", () => {
  const lookup = new NetworkLookup<string>();
  for (const text of ["10.0.0.0/8", "10.1.0.0/16", "::/0", "2001:db8::/32", "10.1.0.0/16"]) {
    lookup.add(parseNetwork(text)!, text);
  }
  lookup.add(parseNetwork("0.9.0.9/0.255.0.255")!, "holed");

  it.each([
    ["10.1.2.3", "10.1.0.0/16"],
    ["10.2.2.3", "10.0.0.0/8"],
    ["2001:db8::5", "2001:db8::/32"],
    ["2001:db9::5", "::/0"],
    ["11.1.1.1", "::/0"],
  ])("%s is in %s", (text, found) => {
    expect(lookup.find(address(text))).toBe(found);
  });

  it("finds IPv4 in IPv6 clothing, and masks with holes last", () => {
    const ipv4 = new NetworkLookup<string>();
    ipv4.add(parseNetwork("10.0.0.0/8")!, "ten");
    ipv4.add(parseNetwork("0.9.0.9/0.255.0.255")!, "holed");
    const found = ["2002:a01:203::1", "::10.9.8.7", "1.9.7.9", "2001:db8::1"].map((text) => {
      return ipv4.find(address(text));
    });
    expect(found).toEqual(["ten", "ten", "holed", undefined]);
  });
});

describe("masks", () => {
  it("are counts of bits, or octets for IPv4", () => {
    expect(parseMask("24", true)).toEqual(parseMask("255.255.255.0", true));
    expect(parseMask("64", true)).toBeNull();
    expect(parseMask("64", false)).toHaveLength(16);
    const masked = applyMask(address("192.0.2.77"), 0, parseMask("24", true)!);
    expect(formatAddress(masked, 0)).toBe("192.0.2.0");
  });

  it("embeddedIpv4 knows three ways of wearing IPv6", () => {
    const texts = ["10.0.0.1", "2002:0a00:0001::", "::10.0.0.1"];
    for (const text of texts) {
      expect(formatAddress(embeddedIpv4(address(text))!, 0)).toBe("10.0.0.1");
    }
    expect(embeddedIpv4(address("2001:db8::1"))).toBeNull();
  });
});
