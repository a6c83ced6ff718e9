// The reference page and the JSON Schema are what the schema says; run with -u to write them again.
import { describe, expect, test } from "vitest";
import { writeJsonSchema, writeReferencePage } from "../../scripts/config-reference.ts";
import { documentSchema } from "../../src/config/schema.ts";
import { listKeys } from "../../src/config/schema-walk.ts";

describe("the reference", () => {
  test("docs/configuration.md is what the schema says", async () => {
    await expect(writeReferencePage()).toMatchFileSnapshot("../../docs/configuration.md");
  });

  test("docs/fairlead.schema.json is what the schema says", async () => {
    await expect(writeJsonSchema()).toMatchFileSnapshot("../../docs/fairlead.schema.json");
  });

  test("the page names every key of the schema, with its doc", () => {
    const page = writeReferencePage();
    for (const { path, row } of listKeys(documentSchema)) {
      expect(page).toContain(`| \`${path.at(-1)}\` |`);
      expect(row.doc).toMatch(/[.]$/);
      expect(page).toContain(row.doc);
    }
  });

  test("every key of the JSON Schema has a description", () => {
    const schema = JSON.parse(writeJsonSchema());
    const undescribed: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== "object" || node === null) return;
      const { properties } = node as { properties?: Record<string, { description?: string }> };
      for (const [key, child] of Object.entries(properties ?? {})) {
        if (child.description === undefined) undescribed.push(`${path}.${key}`);
      }
      for (const [key, child] of Object.entries(node)) visit(child, `${path}.${key}`);
    };
    visit(schema, "");
    expect(undescribed).toEqual([]);
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema.required).toEqual(["listeners", "pools"]);
  });
});
