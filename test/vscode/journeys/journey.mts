/** What every journey shares: the packaged extension, a browser, a window, and pictures of what happened. */
import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { type DemoServer, type DemoServerOptions, startDemoServer } from '../../support/demo-server.ts';
import { launchBrowser, openWorkbench, type PageOptions } from '../harness/browser.mts';
import { packageExtension } from '../harness/build.mts';
import { type Server, type ServerOptions, readLogs, startServer } from '../harness/server.mts';
import { makesDocsImages, screenshot } from '../harness/workbench/window.mts';

let vsix: string | undefined;
let browser: Browser | undefined;

/** The .vsix, built once for all journeys of this process. */
export function packagedExtension(): string {
  vsix ??= packageExtension(undefined, `journeys-${process.pid}`);
  return vsix;
}

/** The browser of this process; each journey has its own page in it. */
export async function sharedBrowser(): Promise<Browser> {
  browser ??= await launchBrowser();
  return browser;
}

// A hook of mocha's root suite: runs after the last journey.
after(async () => {
  await browser?.close();
  browser = undefined;
  if (vsix) rmSync(vsix, { force: true });
  vsix = undefined;
});

/**
 * Starts a demo model server before the first test of the surrounding `describe`, and stops it after the last. To be called
 * before {@link useWindow}, whose files name its address.
 */
export function useDemoServer(options: DemoServerOptions = {}): Pick<DemoServer, 'url' | 'port'> {
  let demo: DemoServer | undefined;
  const started = (): DemoServer => {
    if (!demo) throw new Error('the demo server is not started yet');
    return demo;
  };
  before(async () => {
    demo = await startDemoServer(options);
  });
  after(() => demo?.stop());
  return {
    get url() {
      return started().url;
    },
    get port() {
      return started().port;
    },
  };
}

export interface Journey {
  readonly page: Page;
  readonly server: Server;
  /** Warnings and errors of the page's console, in order. */
  readonly console: readonly string[];
}

/**
 * Opens a window before the first test of the surrounding `describe`, and closes it after the last. A failed test leaves a
 * picture and the extension's log.
 * @param options `otherVsix`: what is installed beside it; all of it made when the window opens, so that it can hold the addresses of servers that were started before
 */
export function useWindow(options: () => Omit<ServerOptions, 'vsix'> & { readonly page?: PageOptions; readonly otherVsix?: readonly string[] }): Journey {
  let page: Page | undefined;
  let server: Server | undefined;
  const messages: string[] = [];

  before(async function () {
    this.timeout(120_000);
    const { page: pageOptions, otherVsix = [], ...serverOptions } = options();
    server = await startServer({ ...serverOptions, vsix: [packagedExtension(), ...otherVsix] });
    page = await openWorkbench(await sharedBrowser(), server, {
      ...(makesDocsImages ? { scale: 2 } : {}), // people look at these on any screen
      ...pageOptions,
      async beforeLoad(opened) {
        opened.on('console', (message) => {
          if (message.type() === 'error' || message.type() === 'warning') messages.push(message.text());
        });
        await pageOptions?.beforeLoad?.(opened);
      },
    });
  });

  afterEach(async function () {
    const test = this.currentTest;
    if (test?.state !== 'failed' || !page || !server) return;
    console.error(`    picture: ${await screenshot(page, `${test.fullTitle().replaceAll(/\W+/g, '-')}-FAILED`)}`);
    for (const [name, text] of Object.entries(readLogs(server))) if (/operator-dev\.operator/.test(name)) console.error(`    --- ${name}\n${text.slice(-3_000)}`);
  });

  after(async () => {
    await page?.close();
    await server?.stop();
  });

  return {
    get page() {
      if (!page) throw new Error('the window is not open yet');
      return page;
    },
    get server() {
      if (!server) throw new Error('the window is not open yet');
      return server;
    },
    console: messages,
  };
}
