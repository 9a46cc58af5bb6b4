/** Quick picks, input boxes and the command palette. */
import type { Locator, Page } from 'playwright-core';
import { until } from './wait.mts';

function widget(page: Page): Locator {
  return page.locator('.quick-input-widget:visible');
}

/** How long the palette takes to filter. */
const filterMs = 3_000;

/** Runs a command by its full title through the command palette. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const input = widget(page).locator('input.input');
  await until(`the command "${title}"`, async () => {
    await page.keyboard.press('F1');
    await input.fill(`>${title}`);
    // The best match comes first; a similar title must not be taken for it.
    const isThere = await until('', async () => (await focusedItem(page))?.label === title, filterMs).then(() => true, () => false);
    // A palette that was opened while the window was still starting goes on without what was not enabled then.
    if (!isThere) await cancelInput(page);
    return isThere;
  });
  await input.press('Enter');
}

/** Titles that the palette offers for `text`. */
export async function paletteEntries(page: Page, text: string): Promise<readonly string[]> {
  await page.keyboard.press('F1');
  await widget(page).locator('input.input').fill(`>${text}`);
  await until('the palette to filter', async () => {
    const list = await items(page);
    return list.length > 0 && list.every((item) => item.label.toLowerCase().includes(text.toLowerCase()) || item.label.startsWith('No matching'));
  }).catch(() => undefined); // entries that match by another part of them stay in the list
  const labels = (await items(page)).map((item) => item.label);
  await page.keyboard.press('Escape');
  return labels;
}

export interface QuickItem {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** The entries of the open quick pick that are rendered, without separators. */
export async function items(page: Page): Promise<readonly QuickItem[]> {
  return readItems(widget(page).locator('.quick-input-list .monaco-list-row'));
}

async function focusedItem(page: Page): Promise<QuickItem | undefined> {
  return (await readItems(widget(page).locator('.quick-input-list .monaco-list-row.focused')))[0];
}

async function readItems(list: Locator): Promise<readonly QuickItem[]> {
  const found = await list.evaluateAll((elements) =>
    elements.map((element) => ({
      top: element.getBoundingClientRect().top,
      label: element.querySelector('.quick-input-list-rows > .quick-input-list-row:first-child .label-name')?.textContent ?? '',
      description: element.querySelector('.quick-input-list-rows > .quick-input-list-row:first-child .label-description')?.textContent ?? '',
      detail: element.querySelector('.quick-input-list-label-meta')?.textContent ?? '',
    })),
  );
  return found.filter((item) => item.label !== '').sort((a, b) => a.top - b.top).map(({ top: _top, ...item }) => item);
}

/** Waits until the open step has this title (a multi-step wizard writes its step behind it). */
export async function waitForStep(page: Page, title: string | RegExp): Promise<void> {
  await widget(page).locator('.quick-input-title').filter({ hasText: title }).waitFor();
}

/** The title line of the open step, such as "Add Model Server (1/4)". */
export async function stepTitle(page: Page): Promise<string> {
  return ((await widget(page).locator('.quick-input-titlebar').first().innerText()) ?? '').replaceAll(/\s+/g, ' ').trim();
}

/** Picks the entry with exactly this label. */
export async function pick(page: Page, label: string): Promise<void> {
  const input = widget(page).locator('input.input');
  await until(`the entry "${label}"`, async () => (await items(page)).some((item) => item.label === label));
  await input.fill(label);
  await until(`the entry "${label}" in the filtered list`, async () => (await focusedItem(page))?.label === label);
  await input.press('Enter');
}

/** Replaces the text of the open input box, without accepting it. */
export async function fillInput(page: Page, text: string): Promise<void> {
  await widget(page).locator('input.input').fill(text);
}

/** Replaces the text of the open input box and accepts it. */
export async function enterInput(page: Page, text: string): Promise<void> {
  await fillInput(page, text);
  await widget(page).locator('input.input').press('Enter');
}

/** The text that stands in the box now. */
export async function inputValue(page: Page): Promise<string> {
  return widget(page).locator('input.input').inputValue();
}

/** Waits for the line below the box (the prompt, or what is wrong with the input) to match. @returns it */
export async function waitForInputMessage(page: Page, pattern: RegExp): Promise<string> {
  const message = widget(page).locator('.quick-input-message');
  await message.filter({ hasText: pattern }).waitFor();
  return (await message.innerText()).trim();
}

/** The back button of a multi-step wizard. */
export async function back(page: Page): Promise<void> {
  await widget(page).locator('.quick-input-titlebar .codicon-quick-input-back').click();
}

export async function cancelInput(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}
