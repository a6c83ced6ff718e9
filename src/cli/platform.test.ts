import { describe, expect, it } from "vitest";
import { findPlatformProblem } from "./platform.ts";

const debian = { system: "linux", architecture: "x64", nodeVersion: "20.20.2" };

describe("findPlatformProblem", () => {
  it("is content with Linux on x64 and arm64 and Node 20 and later", () => {
    expect(findPlatformProblem(debian)).toBeNull();
    expect(findPlatformProblem({ ...debian, architecture: "arm64" })).toBeNull();
    expect(findPlatformProblem({ ...debian, nodeVersion: "24.1.0" })).toBeNull();
  });

  it("names the system, the processor or the version that does not do", () => {
    expect(findPlatformProblem({ ...debian, system: "darwin" })).toContain("darwin");
    expect(findPlatformProblem({ ...debian, architecture: "riscv64" })).toContain("riscv64");
    expect(findPlatformProblem({ ...debian, nodeVersion: "18.19.0" })).toContain("18.19.0");
  });
});
