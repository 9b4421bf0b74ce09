import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { z } from 'zod';

const foundSchema = z.array(
  z.object({ id: z.string(), nodes: z.array(z.string()) }),
);

/** How a page is looked at. */
interface Look {
  readonly colorScheme?: 'light' | 'dark';
  /** In CSS pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** Chromium with the console in it; whatever a page complains of is kept. */
export interface ConsoleBrowser {
  /** Opens the console in a browser of its own, signed in with the token if there is one. */
  open(hash?: string, token?: string, look?: Look): Promise<Page>;
  /** What pages asked of elsewhere, did against their policy, or threw; empty if all is well. Forgets it. */
  complaints(): readonly string[];
  /** Keeps a picture of the page in the directory that `CONSOLE_PICTURES` names, where somebody wants to look at it; else none is taken. */
  picture(page: Page, name: string): Promise<void>;
  /** Closes the pages. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

/** `origin` is the API's. Previews may be elsewhere: requests of frames are not complained of. */
export async function consoleBrowser(origin: string): Promise<ConsoleBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const contexts: BrowserContext[] = [];
  let complaints: string[] = [];

  function listen(page: Page): void {
    page.on('request', (request) => {
      const url = new URL(request.url());
      const isHere =
        url.origin === origin || ['data:', 'blob:'].includes(url.protocol);
      if (!isHere && request.frame() === page.mainFrame())
        complaints.push(`asked for ${request.url()}`);
    });
    page.on('pageerror', (error) => complaints.push(`threw ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      // A refused or broken call is the page's business, and tried by the tests.
      if (
        message.type() === 'error' &&
        !text.startsWith('Failed to load resource')
      )
        complaints.push(`said ${text}`);
    });
    page.on('dialog', (dialog) => {
      complaints.push(`opened ${dialog.type()}: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  return {
    async open(
      hash = '/',
      token,
      {
        colorScheme = 'light',
        width = 1280,
        height = width < 600 ? 740 : 900,
      } = {},
    ) {
      const context = await browser.newContext({
        colorScheme,
        viewport: { width, height },
        reducedMotion: 'reduce',
      });
      contexts.push(context);
      await context.addInitScript(
        (given: { readonly token: string | undefined }) => {
          document.addEventListener('securitypolicyviolation', (event) => {
            console.error(
              `policy: ${event.violatedDirective} ${event.blockedURI}`,
            );
          });
          if (
            given.token !== undefined &&
            sessionStorage.getItem('test') === null
          ) {
            sessionStorage.setItem('test', 'signed in once');
            sessionStorage.setItem('sandboxed.token', given.token);
          }
        },
        { token },
      );
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      listen(page);
      await page.goto(`${origin}/#${hash}`);
      return page;
    },
    complaints() {
      const found = complaints;
      complaints = [];
      return found;
    },
    async picture(page, name) {
      const directory = process.env['CONSOLE_PICTURES'];
      if (directory !== undefined)
        await page.screenshot({
          path: join(directory, `${name}.png`),
          fullPage: true,
        });
    },
    async closePages() {
      for (const context of contexts.splice(0)) await context.close();
    },
    close: () => browser.close(),
  };
}

/** What axe finds wrong with a page as it is shown: WCAG 2.2 to AA and what it calls best practice. */
export async function barriers(page: Page): Promise<readonly unknown[]> {
  await page.evaluate(axe.source);
  return foundSchema.parse(
    await page.evaluate(`axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      iframes: false,
    }).then(({ violations }) => violations.map(({ id, nodes }) => ({
      id, nodes: nodes.slice(0, 5).map(({ html, any }) => html.slice(0, 300) + ' ' + any.map(({ message }) => message).join('; ')),
    })))`),
  );
}

/** By how many pixels a page is wider than its window: then one has to scroll sideways. */
export async function overhang(page: Page): Promise<number> {
  return z
    .number()
    .parse(
      await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      ),
    );
}
