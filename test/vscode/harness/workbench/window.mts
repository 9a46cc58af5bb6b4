/** The window as a whole. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { workbenchReady } from '../browser.mts';
import { root, screenshotDir } from '../paths.mts';
import { runCommand } from './quick-input.mts';

/** Whether this run makes the pictures of the documentation. */
export const makesDocsImages = Boolean(process.env['OPERATOR_DOCS_IMAGES']);

/** VS Code notes the layout of its terminals half a second after the last change and shows no sign of it; a person is never that quick. */
const terminalLayoutMs = 1_500;

/** Reloads the window as a user does; live terminals come back. */
export async function reloadWindow(page: Page): Promise<void> {
  await page.waitForTimeout(terminalLayoutMs);
  const loaded = page.waitForEvent('load');
  await runCommand(page, 'Developer: Reload Window');
  await loaded;
  await workbenchReady(page);
}

/** Drags the edge of the sidebar, in CSS pixels. */
export async function setSidebarWidth(page: Page, width: number): Promise<void> {
  const box = await page.locator('.part.sidebar').boundingBox();
  if (!box) throw new Error('there is no sidebar');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width + 2, y);
  await page.mouse.down();
  await page.mouse.move(box.x + width + 2, y, { steps: 4 });
  await page.mouse.up();
}

/**
 * Keeps a picture of the window in `.vscode-test/screenshots`. With `docs` and OPERATOR_DOCS_IMAGES set it also
 * becomes the picture of that name in `docs/images`; ordinary runs leave the repository as it is.
 */
export async function screenshot(page: Page, name: string, options: { readonly docs?: boolean; readonly clip?: { x: number; y: number; width: number; height: number } } = {}): Promise<string> {
  mkdirSync(screenshotDir, { recursive: true });
  const path = join(screenshotDir, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide', ...(options.clip ? { clip: options.clip } : {}) });
  if (options.docs && makesDocsImages) {
    const images = join(root, 'docs', 'images');
    mkdirSync(images, { recursive: true });
    copyFileSync(path, join(images, `${name}.png`));
  }
  return path;
}
