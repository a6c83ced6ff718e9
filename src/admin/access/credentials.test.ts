import { describe, expect, it } from "vitest";
import { parsePasswordHash, parseTokenHash } from "../../config/credential.ts";
import { CredentialJudge, drawToken, hashPassword } from "./credentials.ts";

describe("hashPassword", () => {
  it("salts, so that equal passwords are not seen to be equal", async () => {
    const [one, other] = await Promise.all([hashPassword("a"), hashPassword("a")]);
    expect(one).not.toBe(other);
    expect(parsePasswordHash(one)).toMatchObject({ log2Cost: 15, blockSize: 8 });
  });
});

describe("drawToken", () => {
  it("draws a token and keeps only its hash", () => {
    const { token, hash } = drawToken();
    expect(token).toMatch(/^fl_[\w-]{43}$/);
    expect(parseTokenHash(hash)).toHaveLength(32);
    expect(drawToken().token).not.toBe(token);
  });
});

describe("CredentialJudge", () => {
  it("forgets what it remembered once the file has another password", async () => {
    const judge = new CredentialJudge();
    const user = (password: string) => ({
      name: "a",
      role: "operator" as const,
      password,
      token: null,
    });
    const before = [user(await hashPassword("old"))];
    const after = [user(await hashPassword("new"))];
    expect(await judge.findByPassword(before, "a", "old")).toBe(before[0]);
    expect(await judge.findByPassword(after, "a", "old")).toBe(null);
    expect(await judge.findByPassword(after, "a", "new")).toBe(after[0]);
  });
});
