// Debian's chromium looking at a Fairlead's page, and what it had to complain about.

import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { findProgram } from "./peer-program.ts";

export interface SeenPage {
  readonly page: Page;
  /** Errors of scripts, and errors and warnings of the console: policies broken, too. */
  readonly complaints: string[];
  /** Addresses that were asked for. */
  readonly requests: string[];
}

/** Opens the page and waits until it is live; the browser ends with the test. */
export async function openPage(
  adminPort: number,
  options: BrowserContextOptions = {},
): Promise<SeenPage> {
  const executablePath = findProgram("chromium");
  // Tests may run as root, where chromium's sandbox does not work.
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  onTestFinished(() => browser.close());
  const page = await browser.newPage(options);
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
