/** The Operator view: its rows as a user reads them, and what can be done with them. */
import type { Locator, Page } from 'playwright-core';
import { until } from './wait.mts';

export interface Row {
  readonly label: string;
  readonly description: string;
  /** What a screen reader says. */
  readonly aria: string;
  /** 1 for the sections. */
  readonly level: number;
  readonly expanded: boolean | undefined;
  readonly selected: boolean;
  /** Codicon id of the icon, without `codicon-`; '' for none. */
  readonly icon: string;
}

const container = 'Operator';

/** Shows the Operator view container; the rows may still be empty. */
export async function openOperatorView(page: Page): Promise<void> {
  const tab = page.locator('.activitybar').getByRole('tab', { name: container });
  await tab.waitFor();
  // By force, because the badge lies over the icon; a click on it counts for the icon.
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.locator('a').click({ force: true });
  await page.locator('.sidebar .composite.title').filter({ hasText: container }).waitFor();
  await restMouse(page);
}

/** Moves the mouse to where it hovers over nothing: what it hovers over may cover rows. */
export async function restMouse(page: Page): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 800, height: 600 };
  await page.mouse.move(width - 40, height / 2);
}

/** The number on the activity bar icon, '' for none. */
export async function badge(page: Page): Promise<string> {
  const content = page.locator('.activitybar .action-item', { has: page.locator(`[aria-label^="${container}"]`) }).locator('.badge-content');
  return (await content.count()) > 0 ? ((await content.first().textContent()) ?? '').trim() : '';
}

function allRows(page: Page): Locator {
  return page.locator('.sidebar .tree-explorer-viewlet-tree-view').getByRole('treeitem');
}

/** The rows whose label is exactly `label`, top to bottom. */
export function rowsOf(page: Page, label: string): Locator {
  return allRows(page).filter({ has: page.locator('.label-name', { hasText: new RegExp(`^${escapeRegExp(label)}$`) }) });
}

/** The row whose label is exactly `label`; the first where several have it. */
export function row(page: Page, label: string): Locator {
  return rowsOf(page, label).first();
}

/** All rows that are rendered now, top to bottom. (A tree renders only what fits; the harness's windows are high enough.) */
export async function rows(page: Page): Promise<readonly Row[]> {
  const found = await allRows(page).evaluateAll((items) =>
    items.map((item) => ({
      top: item.getBoundingClientRect().top,
      label: item.querySelector('.label-name')?.textContent ?? '',
      description: item.querySelector('.label-description')?.textContent ?? '',
      aria: item.getAttribute('aria-label') ?? '',
      level: Number(item.getAttribute('aria-level') ?? 0),
      expanded: item.getAttribute('aria-expanded') === null ? undefined : item.getAttribute('aria-expanded') === 'true',
      selected: item.getAttribute('aria-selected') === 'true',
      icon: [...(item.querySelector('.custom-view-tree-node-item-icon')?.classList ?? [])].find((name) => name.startsWith('codicon-'))?.slice('codicon-'.length) ?? '',
    })),
  );
  return found.sort((a, b) => a.top - b.top).map(({ top: _top, ...rest }) => rest);
}

/** The row with this label, once it is there and `matches` it. */
export async function waitForRow(page: Page, label: string, matches: (row: Row) => boolean = () => true, limitMs?: number): Promise<Row> {
  let last: readonly Row[] = [];
  try {
    return await until(
      `the row "${label}"`,
      async () => {
        last = await rows(page);
        return last.find((candidate) => candidate.label === label && matches(candidate));
      },
      limitMs,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}; the rows are\n${renderRows(last)}`, { cause: error });
  }
}

/** The rows as indented text, for messages and comparisons. */
export function renderRows(list: readonly Row[]): string {
  return list.map((entry) => `${'  '.repeat(Math.max(0, entry.level - 1))}${entry.label}${entry.description ? ` · ${entry.description}` : ''}`).join('\n');
}

/** The rows below `label`, one level deeper or more. */
export async function rowsBelow(page: Page, label: string): Promise<readonly Row[]> {
  const list = await rows(page);
  const start = list.findIndex((entry) => entry.label === label);
  const parent = list[start];
  if (!parent) return [];
  const rest = list.slice(start + 1);
  const end = rest.findIndex((entry) => entry.level <= parent.level);
  return end < 0 ? rest : rest.slice(0, end);
}

export async function expand(page: Page, label: string): Promise<void> {
  await setExpanded(page, label, true);
}

export async function collapse(page: Page, label: string): Promise<void> {
  await setExpanded(page, label, false);
}

async function setExpanded(page: Page, label: string, expanded: boolean): Promise<void> {
  const current = await waitForRow(page, label, (entry) => entry.expanded !== undefined);
  if (current.expanded !== expanded) await row(page, label).locator('.monaco-tl-twistie').click();
  await waitForRow(page, label, (entry) => entry.expanded === expanded);
}

/** Right-clicks the row and picks an entry (by key: a menu ignores the mouse right after it opened). */
export async function pickFromContextMenu(page: Page, label: string, entry: string): Promise<void> {
  const item = page.getByRole('menuitem', { name: entry, exact: true });
  await until(`the menu entry "${entry}" of "${label}"`, async () => {
    await openContextMenu(page, label);
    return item.hover({ timeout: 2_000 }).then(() => true, () => false);
  });
  await page.keyboard.press('Enter');
  await item.waitFor({ state: 'hidden' });
}

/** The entries of the row's context menu, which is closed again. */
export async function contextMenuEntries(page: Page, label: string): Promise<readonly string[]> {
  await openContextMenu(page, label);
  const entries = await page.locator('.context-view .action-label:not(.separator)').evaluateAll((items) => items.map((item) => item.textContent ?? '').filter((text) => text !== ''));
  await page.keyboard.press('Escape');
  await page.locator('.context-view .monaco-menu').waitFor({ state: 'hidden' });
  return entries;
}

/** Tries again when the window took the menu away, as it does when its layout changes. */
export async function openContextMenu(page: Page, label: string): Promise<void> {
  await until(`the context menu of "${label}"`, async () => {
    await row(page, label).locator('.label-name').click({ button: 'right' });
    return page.locator('.context-view .monaco-menu').waitFor({ timeout: 2_000 }).then(() => true, () => false);
  });
}

/** The titles of the row's inline actions that can be used now; they appear when the mouse is over it. */
export async function inlineActions(page: Page, label: string): Promise<readonly string[]> {
  await row(page, label).hover();
  return row(page, label).locator('.actions .action-label:not(.disabled)').evaluateAll((items) => items.map((item) => item.getAttribute('aria-label') ?? ''));
}

export async function clickInlineAction(page: Page, label: string, action: string): Promise<void> {
  await row(page, label).hover();
  await row(page, label).locator(`.actions .action-label[aria-label="${action}"]`).click();
}

/** What the welcome view says, '' where there is none. */
export async function welcomeText(page: Page): Promise<string> {
  const welcome = page.locator('.sidebar .welcome-view-content');
  return (await welcome.count()) > 0 ? (await welcome.first().innerText()).trim() : '';
}

export async function clickWelcomeButton(page: Page, label: string): Promise<void> {
  await page.locator('.sidebar .welcome-view-content').getByRole('button', { name: label }).click();
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
