/** A headless Chromium with always the same font, and the workbench in it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { artefactDir, root } from './paths.mts';
import type { Server } from './server.mts';

export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  return chromium.launch({
    executablePath,
    env,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

export interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Device pixels per CSS pixel; 2 for pictures that people look at. */
  readonly scale?: number;
  /** Runs on the page before it loads anything. */
  beforeLoad?(page: Page): Promise<unknown>;
}

/** Opens the workbench and waits until it is restored and the extensions are known. Nothing in it reaches beyond this machine. */
export async function openWorkbench(browser: Browser, server: Server, options: PageOptions = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: options.viewport ?? { width: 1280, height: 800 }, deviceScaleFactor: options.scale ?? 1, permissions: ['clipboard-read', 'clipboard-write'] });
  page.setDefaultTimeout(20_000);
  await page.route((url) => url.hostname !== '127.0.0.1', (route) => route.abort());
  await options.beforeLoad?.(page);
  await page.goto(server.url);
  await workbenchReady(page);
  return page;
}

/** Also to be awaited after a reload. VS Code leaves its startup marks in the performance timeline. */
export async function workbenchReady(page: Page): Promise<void> {
  const marks = ['code/LifecyclePhase/Restored', 'code/didHandleExtensionPoints'];
  await page.waitForFunction((names) => names.every((name) => performance.getEntriesByName(name).length > 0), marks, { timeout: 60_000 });
}

/** CHROMIUM_PATH, or the one inside the npm package @sparticuz/chromium (Linux x64). */
async function findChromium(): Promise<{ executablePath: string; env: Record<string, string> }> {
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const named = process.env['CHROMIUM_PATH'];
  if (named) return { executablePath: named, env };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`npm has no Chromium for ${process.platform}-${process.arch}; set CHROMIUM_PATH to an installed Chromium, Chrome or Edge`);
  }
  const cache = await unpackChromium();
  const libraries = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
  if (!libraries.includes('libnss3.so')) env['LD_LIBRARY_PATH'] = join(cache, 'al2023', 'lib');
  env['FONTCONFIG_FILE'] ??= writeFontConfiguration(cache);
  return { executablePath: join(cache, 'chromium'), env };
}

async function unpackChromium(): Promise<string> {
  const packed = await import('@sparticuz/chromium');
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const { version } = JSON.parse(readFileSync(resolve(entry, '../../package.json'), 'utf8')) as { version: string };
  const cache = join(artefactDir, `chromium-${version}`);
  if (existsSync(cache)) return cache;

  const partial = `${cache}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const before = process.env['TMPDIR']; // the package unpacks to os.tmpdir() and reuses whatever lies there
  process.env['TMPDIR'] = partial;
  try {
    await packed.default.executablePath();
    await packed.inflate(resolve(entry, '../../bin/al2023.tar.br')); // libnss3 and friends, for machines without them
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
  try {
    renameSync(partial, cache);
  } catch {
    rmSync(partial, { recursive: true, force: true }); // another process was first
  }
  return cache;
}

/** This Chromium ends without any font; with always the same one, pictures look the same everywhere. */
function writeFontConfiguration(cache: string): string {
  const file = join(cache, 'fonts.conf');
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${join(root, 'node_modules', 'dejavu-fonts-ttf', 'ttf')}</dir><dir>/usr/share/fonts</dir><cachedir>${join(cache, 'fonts-cache')}</cachedir>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
<match target="pattern"><edit name="family" mode="append_last"><string>DejaVu Sans</string></edit></match>
</fontconfig>
`,
  );
  return file;
}
