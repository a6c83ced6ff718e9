import { expect, it } from "vitest";
import { html } from "./html.ts";

it("escapes text in elements and in attributes", () => {
  const name = `<script>alert("x & 'y'")</script>`;
  expect(html`<b title="${name}">${name}</b>`.text).toBe(
    '<b title="&lt;script&gt;alert(&quot;x &amp; &#39;y&#39;&quot;)&lt;/script&gt;">' +
      "&lt;script&gt;alert(&quot;x &amp; &#39;y&#39;&quot;)&lt;/script&gt;</b>",
  );
});

it("takes HTML as it is, alone and in lists, and shows nothing for null", () => {
  const items = ["<1>", "2"].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>${html`<hr>`}${null}${7}`.text).toBe(
    "<ul><li>&lt;1&gt;</li><li>2</li></ul><hr>7",
  );
});
