/** A desktop VS Code, where there is one: found, and started with folders of its own so that the user's is not touched. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import which from 'which';
import { onExit } from '../../test/vscode/harness/cleanup.mts';
import { quietSettings } from '../../test/vscode/harness/settings.mts';

/** Path of a `code` command that can open a window on this machine's screen, or undefined. */
export async function findDesktopCode(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  // In a terminal of a remote window, and in WSL, `code` belongs to a VS Code on another system.
  if (env['VSCODE_IPC_HOOK_CLI'] || env['WSL_DISTRO_NAME']) return undefined;
  if (process.platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return undefined;
  return (await which('code', { nothrow: true, path: env['PATH'] ?? '' })) ?? undefined;
}

export interface DesktopOptions {
  readonly code: string;
  /** Scratch folder for user data and extensions. */
  readonly dir: string;
  readonly folder: string;
  readonly vsix: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
}

/** Installs the packages and opens the folder. @returns a promise that ends when the window was closed @throws Error when `code` fails */
export async function openDesktop(options: DesktopOptions): Promise<void> {
  const data = join(options.dir, 'data');
  mkdirSync(join(data, 'User'), { recursive: true });
  writeFileSync(join(data, 'User', 'settings.json'), JSON.stringify({ ...quietSettings, ...options.settings }, null, 2));
  const folders = ['--user-data-dir', data, '--extensions-dir', join(options.dir, 'extensions')];
  // VS Code refuses to run as root on Linux without this.
  if (process.platform === 'linux' && process.getuid?.() === 0) folders.push('--no-sandbox');
  const spawnOptions = { env: options.env, shell: process.platform === 'win32' }; // code is code.cmd there

  for (const vsix of options.vsix) {
    const { status, stdout, stderr } = spawnSync(options.code, [...folders, '--install-extension', vsix, '--force'], { ...spawnOptions, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${options.code} could not install ${vsix}\n${stdout ?? ''}${stderr ?? ''}`);
  }

  const child = spawn(options.code, [...folders, '--new-window', '--wait', options.folder], { ...spawnOptions, stdio: 'ignore' });
  const end = onExit(() => endDesktop(child, data));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  end();
  if (code !== 0) throw new Error(`${options.code} ended with ${code}`);
}

/** The `code` command only waits; the window belongs to another process, whose id VS Code writes into its user data. */
function endDesktop(child: ChildProcess, data: string): void {
  child.kill();
  try {
    process.kill(Number(readFileSync(join(data, 'code.lock'), 'utf8')));
  } catch {
    // no window, or it is closed already
  }
}
