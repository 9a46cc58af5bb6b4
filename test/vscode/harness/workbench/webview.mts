/** The page of an extension in an editor tab, which lies in a frame of a frame. */
import type { FrameLocator, Page } from 'playwright-core';

/** Of the only webview that is open. */
export function webview(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}
