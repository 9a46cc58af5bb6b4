/** Where things are. */
import { join, resolve } from 'node:path';

/** The repository. */
export const root = resolve(import.meta.dirname, '..', '..', '..');
/** The npm project that holds VS Code. */
export const hostDir = resolve(import.meta.dirname, '..', 'host');
/** Everything that runs leave behind on purpose: packages, screenshots, the unpacked browser. Not in git. */
export const artefactDir = join(root, '.vscode-test');
export const screenshotDir = join(artefactDir, 'screenshots');
