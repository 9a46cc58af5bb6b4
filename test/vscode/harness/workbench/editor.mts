/** Editors and the Problems view. */
import type { Page } from 'playwright-core';

/** Name of the file in the active editor, '' for none. */
export async function activeEditor(page: Page): Promise<string> {
  const tab = page.locator('.editor-group-container.active .tab.active');
  return (await tab.count()) > 0 ? ((await tab.first().getAttribute('data-resource-name')) ?? '') : '';
}

/** The one-based line of the cursor, from the status bar. */
export async function cursorLine(page: Page): Promise<number> {
  const text = (await page.locator('.statusbar-item', { hasText: /^Ln \d+/ }).innerText()).trim();
  return Number(/Ln (\d+)/.exec(text)?.[1]);
}

/** Messages of the Problems view, which is opened. */
export async function problems(page: Page): Promise<readonly string[]> {
  const panel = page.locator('.markers-panel-container');
  if (!(await panel.isVisible())) await page.keyboard.press('Control+Shift+M');
  await panel.waitFor();
  return panel.locator('.marker-message-details-container, .message-box-container').allInnerTexts();
}
