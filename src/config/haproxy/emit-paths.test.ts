import { expect, test } from "vitest";
import { writePath } from "./emit-paths.ts";

const bases = {
  workingDirectory: "/srv",
  file: "conf/haproxy.cfg",
  authorities: "",
  certificates: "",
};

test("paths start at the file's folder, where HAProxy's start at the working directory", () => {
  expect(writePath("certs/a.pem", "certificates", bases)).toBe("../certs/a.pem");
  expect(writePath("conf/a.pem", "certificates", bases)).toBe("a.pem");
  expect(writePath("conf", "certificates", bases)).toBe(".");
  expect(writePath("/etc/a.pem", "certificates", bases)).toBe("/etc/a.pem");
});

test("a base counts for paths of its kind that do not start at the root", () => {
  const based = { ...bases, certificates: "/etc/ssl", authorities: "/etc/ca" };
  expect(writePath("a.pem", "certificates", based)).toBe("/etc/ssl/a.pem");
  expect(writePath("a.pem", "authorities", based)).toBe("/etc/ca/a.pem");
  expect(writePath("/x/a.pem", "certificates", based)).toBe("/x/a.pem");
});

test("@system-ca is no path", () => {
  expect(writePath("@system-ca", "authorities", bases)).toBe("system");
});
