// Debian's chromium looking at a Fairlead's page, and what it had to complain about.

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { findProgram } from "./peer-program.ts";

export interface SeenPage {
  readonly page: Page;
  /** Errors of scripts, and errors and warnings of the console: policies broken, too. */
  readonly complaints: string[];
  /** Addresses that were asked for. */
  readonly requests: string[];
}

/** Nothing but a hang takes that long. */
const TIMEOUT_MS = 300_000;

let browser: Browser;

/** One for all tests of the file that asks: started before the first, closed behind the last. */
export function shareBrowser(): void {
  beforeAll(async () => {
    const executablePath = findProgram("chromium");
    // Tests may run as root, where chromium's sandbox does not work.
    const args = ["--no-sandbox"];
    browser = await chromium.launch({ executablePath, args, timeout: TIMEOUT_MS });
  });
  afterAll(() => browser.close());
}

/** Opens the page and waits until it is live; what it remembers ends with the test. */
export async function openPage(
  adminPort: number,
  options: BrowserContextOptions = {},
): Promise<SeenPage> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  const seen: SeenPage = { page, complaints: [], requests: [] };
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  page.on("console", (line) => {
    if (/error|warning/.test(line.type())) seen.complaints.push(line.text());
  });
  page.on("request", (request) => seen.requests.push(request.url()));
  await page.goto(`http://127.0.0.1:${adminPort}/stats`);
  await page.locator(".link.live").waitFor();
  return seen;
}
