// The document of the page: a frame that page/page.ts fills, and what is said where it cannot.
//
// The policy lets it load its own style and modules and ask its own origin: nothing inline, nothing
// from elsewhere, and no text that becomes HTML.

/** Addresses are relative, so that a proxy may serve the page below a path of its own. */
export const PAGE_DOCUMENT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Fairlead</title>
<link rel="icon" href="stats/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="stats/page.css">
<script type="module" src="stats/page.js"></script>
</head>
<body>
<a class="skip" href="#page">Skip to the numbers</a>
<p id="notice" role="status"></p>
<main id="page" tabindex="-1">
<h1>Fairlead</h1>
<noscript><p>This page needs JavaScript. Without it: <a href="metrics">metrics</a>,
<a href="api/v1/servers">servers</a>, <a href="stats;csv">HAProxy's CSV</a>.</p></noscript>
</main>
<dialog aria-labelledby="question"></dialog>
<footer><nav aria-label="For programs"><a href="metrics">metrics</a>
<a href="api/v1/openapi.json">API</a> <a href="stats;csv">CSV</a></nav></footer>
</body>
</html>
`;

export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "require-trusted-types-for 'script'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** A fairlead: the eye that a line runs through. */
export const PAGE_ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<circle cx="16" cy="16" r="9" fill="none" stroke="#0f766e" stroke-width="5"/>
<path d="M2 26C10 26 12 18 16 16S24 6 30 6" fill="none" stroke="#d97706" stroke-width="3"/></svg>
`;
