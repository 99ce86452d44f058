import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** Why tests in a browser cannot run here; false where they can. */
export const withoutBrowser = existsSync(executablePath) ? false : "needs Debian's package chromium";

export interface TestBrowser extends AsyncDisposable {
  /** What its pages complained of: errors, and what the content security policy stopped. */
  readonly complaints: readonly string[];
  /** `prepare` may listen to what the page does from its beginning. */
  open(url: string, prepare?: (page: Page) => Promise<void> | void): Promise<Page>;
}

export async function startBrowser(): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const complaints: string[] = [];
  return {
    complaints,
    async open(url, prepare) {
      const page = await browser.newPage();
      page.setDefaultTimeout(60_000);
      page.on('pageerror', ({ message }) => complaints.push(message));
      page.on('console', (message) => {
        if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text()))
          complaints.push(message.text());
      });
      await prepare?.(page);
      await page.goto(url);
      return page;
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
