import type { Page, Response } from 'playwright-core';

const TRIES = 5;

/** Opens an address. Again when Chromium breaks off since a network interface came or went, as it does with any container on this host. */
export async function go(
  page: Page,
  address: string,
): Promise<Response | null> {
  for (let tried = 1; ; tried += 1)
    try {
      return await page.goto(address);
    } catch (error) {
      if (
        tried === TRIES ||
        !/ERR_NETWORK_CHANGED|chrome-error:/.test(String(error))
      )
        throw error;
    }
}
