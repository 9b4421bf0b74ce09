import type { Page, Response } from 'playwright-core';

const TRIES = 5;
const SETTLE_MS = 2_000;
const BROKEN_OFF =
  /ERR_NETWORK_CHANGED|chrome-error:|interrupted by another navigation/;

/**
 * Opens an address. Again when Chromium breaks off since a network interface came or went, as it does with any container on this host, or
 * when it then tries again by itself and so breaks off our own second try.
 */
export async function go(
  page: Page,
  address: string,
): Promise<Response | null> {
  for (let tried = 1; ; tried += 1)
    try {
      return await page.goto(address);
    } catch (error) {
      if (tried === TRIES || !BROKEN_OFF.test(String(error))) throw error;
      // Its own tries end with the page that they are of.
      await page.goto('about:blank').catch(() => undefined);
      // One of the two that is still under way would break off the other for ever.
      await page
        .waitForURL('about:blank', { timeout: SETTLE_MS })
        .catch(() => undefined);
    }
}
