/** Editors and the Problems view. */
import type { Page } from 'playwright-core';
import { until } from './wait.mts';

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

/** Puts the cursor of the active editor to a one-based place. */
export async function goTo(page: Page, line: number, column: number): Promise<void> {
  await page.keyboard.press('Control+G');
  const input = page.locator('.quick-input-widget:visible input.input');
  await input.waitFor();
  await input.fill(`:${line}:${column}`);
  await input.press('Enter');
  await page.locator('.quick-input-widget:visible').waitFor({ state: 'hidden' });
}

/** The text of the active editor as far as it is on screen, line by line. */
export async function visibleLines(page: Page): Promise<readonly string[]> {
  const lines = await page.locator('.editor-group-container.active .monaco-editor .view-lines > .view-line').evaluateAll((elements) => elements.map((element) => ({ top: Number.parseFloat((element as HTMLElement).style.top), text: element.textContent ?? '' })));
  return lines.sort((a, b) => a.top - b.top).map(({ text }) => text.replaceAll('\u00a0', ' '));
}

/** Titles of the code lenses on screen. */
export async function lenses(page: Page): Promise<readonly string[]> {
  return page.locator('.editor-group-container.active .codelens-decoration a').allInnerTexts();
}

/** Presses the first lens with this title. */
export async function clickLens(page: Page, title: string): Promise<void> {
  await page.locator('.editor-group-container.active .codelens-decoration a').filter({ hasText: title }).first().click();
}

/** Labels of the open completion list that are on screen. */
export async function suggestions(page: Page): Promise<readonly string[]> {
  return page.locator('.suggest-widget.visible .monaco-list-row .label-name').allInnerTexts();
}

/** Presses a key until it had its effect: a press is lost where the focus moves in the same moment. */
export async function pressUntil(page: Page, key: string, what: string, hasEffect: () => Promise<boolean>): Promise<void> {
  await until(what, async () => {
    await page.keyboard.press(key);
    return until(what, hasEffect, 3_000).catch(() => false as const);
  });
}

/** Titles of the open list of quick fixes. */
export async function offeredFixes(page: Page): Promise<readonly string[]> {
  return page.locator('.action-widget .monaco-list-row.action .title').allInnerTexts();
}

/** Whether the active editor has unsaved changes. */
export async function isDirty(page: Page): Promise<boolean> {
  return (await page.locator('.editor-group-container.active .tab.active.dirty').count()) > 0;
}
