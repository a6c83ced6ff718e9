import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";

let scene: AdminScene;

beforeAll(async () => {
  scene = await AdminScene.start();
});

afterAll(() => scene.stop());

const HEAD = "Host: localhost\r\nConnection: close\r\n";

describe("gates", () => {
  it.each([
    ["no HTTP at all", "\x16\x03\x01\x00\xa5\x01", 400],
    ["a path that goes out of everything", `GET ../../etc/passwd HTTP/1.1\r\n${HEAD}\r\n`, 400],
    ["bytes that are no characters", `GET /%c0%ae%c0%ae/x HTTP/1.1\r\n${HEAD}\r\n`, 400],
    ["half an escape", `GET /stats%2 HTTP/1.1\r\n${HEAD}\r\n`, 400],
    [
      "two lengths",
      `GET /a HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      400,
    ],
    ["headers without end", `GET /b HTTP/1.1\r\n${HEAD}X: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    ["nothing that is there", `GET /stats/../../c HTTP/1.1\r\n${HEAD}\r\n`, 404],
    ["a body that nobody reads", `GET /d HTTP/1.1\r\n${HEAD}Content-Length: 9\r\n\r\n`, 413],
  ])("refuse %s, with a problem and a line of the log", async (_name, text, status) => {
    const isTold = () => {
      const of = (line: Record<string, unknown>) =>
        line["event"] === "admin-refused" && line["status"] === status;
      return scene.lines.filter(of).length;
    };
    const before = isTold();
    // Ten refusals a second are told: others may have been this second's.
    await waitUntil("it is logged", async () => {
      const answer = await scene.say(text);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toContain("application/problem+json");
      expect(answer).toContain("x-content-type-options: nosniff");
      return isTold() > before;
    });
  });

  it("count what they refuse", async () => {
    const { body } = await scene.get("/metrics");
    for (const status of [400, 404, 413, 431]) {
      expect(body["text"]).toMatch(
        new RegExp(`^fairlead_admin_requests_refused_total\\{status="${status}"\\} [1-9]`, "m"),
      );
    }
  });
});
