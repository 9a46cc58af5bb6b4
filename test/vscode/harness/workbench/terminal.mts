/** Integrated terminals. */
import type { Page } from 'playwright-core';
import { until } from './wait.mts';

/** The part of xterm that the text is read from. */
interface TerminalElement extends HTMLElement {
  readonly xterm?: { readonly buffer: { readonly active: { readonly length: number; getLine(y: number): { readonly isWrapped: boolean; translateToString(trim: boolean): string } | undefined } } };
}

/** The text of the active terminal, read from the buffer of its xterm: exact, whatever is scrolled out of view. */
export async function terminalText(page: Page): Promise<string> {
  return page.evaluate(() => {
    // Every group has an active terminal; only that of the group in front is visible.
    const visible = [...document.querySelectorAll<TerminalElement>('.terminal-wrapper.active')].find((element) => element.offsetParent !== null);
    const buffer = visible?.xterm?.buffer.active;
    let text = '';
    for (let y = 0; y < (buffer?.length ?? 0); y++) {
      const line = buffer?.getLine(y);
      if (line) text += (line.isWrapped || y === 0 ? '' : '\n') + line.translateToString(true);
    }
    return text.trimEnd();
  });
}

/** Waits until the active terminal's text matches. @returns the whole text */
export async function waitForTerminalText(page: Page, pattern: RegExp, limitMs?: number): Promise<string> {
  let text = '';
  try {
    await until(`${pattern} in the terminal`, async () => pattern.test((text = await terminalText(page))), limitMs);
  } catch (error) {
    throw new Error(`${(error as Error).message}; its text is\n${text}`, { cause: error });
  }
  return text;
}

/** Types into the active terminal as a user would. */
export async function typeInTerminal(page: Page, text: string): Promise<void> {
  await page.locator('.terminal-wrapper.active .xterm-screen:visible').click();
  await page.keyboard.type(text);
}

/** Names of the terminals of the panel, as its tabs show them; one terminal shows its name in the panel's title instead. */
export async function terminalNames(page: Page): Promise<readonly string[]> {
  const tabs = page.locator('.terminal-tabs-entry .label-name');
  if ((await tabs.count()) > 0) return tabs.allInnerTexts();
  const single = page.locator('.single-terminal-tab');
  return (await single.count()) > 0 ? [((await single.first().innerText()) ?? '').trim()] : [];
}
