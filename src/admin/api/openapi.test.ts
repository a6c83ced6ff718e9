import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { AdminScene } from "../../../tests/fixtures/admin.ts";

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly responses: Record<string, { readonly content: Record<string, unknown> }>;
}

const STREAMS = ["GET /api/v1/events", "GET /api/v1/traces"];

let scene: AdminScene;
let document: Document;

beforeAll(async () => {
  scene = await AdminScene.start();
  document = (await scene.get("/api/v1/openapi.json")).body as unknown as Document;
});

afterAll(() => scene.stop());

describe("writeOpenApi", () => {
  it("describes every operation of the list once, and the stream of events", async () => {
    const list = (await scene.get("/api/v1")).body as unknown as { method: string; path: string }[];
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const listed = list.map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual([...listed, ...STREAMS].sort());
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("names every parameter of a path, and only schemas that are there", () => {
    expect(document.openapi).toBe("3.1.0");
    for (const [path, methods] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [], responses } of Object.values(methods)) {
        const named = parameters.filter((each) => each.in === "path").map(({ name }) => name);
        expect(named, path).toEqual(inPath);
        expect(Object.keys(responses)).toContain("200");
      }
    }
    for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(document.components.schemas).toHaveProperty(name!);
    }
  });

  it("says of a body what the validator says", () => {
    const { patch } = document.paths["/api/v1/pools/{pool}/servers/{server}"]!;
    expect(patch?.requestBody?.content["application/json"]).toMatchObject({
      schema: {
        properties: { state: { enum: ["ready", "drain", "maintenance"] } },
        additionalProperties: false,
      },
    });
  });
});

test("docs/api.md names every operation", () => {
  const page = readFileSync(new URL("../../../docs/api.md", import.meta.url), "utf8");
  const missing = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .map((method) => `${method.toUpperCase()} ${path}`)
      .filter((line) => !page.includes(`\`${line}\``)),
  );
  expect(missing).toEqual([]);
});
