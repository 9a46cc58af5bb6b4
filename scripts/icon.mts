/** Draws media/icon.png (256 × 256, for the marketplace) from media/icon.svg: `node scripts/icon.mts`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser } from '../test/vscode/harness/browser.mts';

const media = join(import.meta.dirname, '..', 'media');
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
  await page.setContent(`<style>*{margin:0}svg{display:block}</style>${readFileSync(join(media, 'icon.svg'), 'utf8')}`);
  await page.screenshot({ path: join(media, 'icon.png'), omitBackground: true });
} finally {
  await browser.close();
}
