import type { Page } from 'playwright-core';

/** Presses a button of exactly this name. */
export const press = (page: Page, name: string) =>
  page.getByRole('button', { name, exact: true }).click();
/** Opens a part of a sandbox's page. */
export const tab = (page: Page, name: string) =>
  page.getByRole('tab', { name }).click();

/** Replaces what is in the editor. */
export async function write(
  page: Page,
  path: string,
  text: string,
): Promise<void> {
  const editor = page.getByLabel(`Text of ${path}`);
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}
