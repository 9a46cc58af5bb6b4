/** `npm start` on a machine with a desktop VS Code, played by a stand-in that notes how it was called. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findDesktopCode, openDesktop } from '../../scripts/start/desktop.mts';
import { waitUntil } from '../support/scripted-server.ts';

/** Like the real one: installs at once; for a folder a separate process is the window and leaves its id in the user data, and the command waits. */
const standIn = `#!/usr/bin/env node
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { spawn } = require('node:child_process');
const argv = process.argv.slice(2);
appendFileSync(process.env.CALLS, JSON.stringify(argv) + '\\n');
if (argv.includes('--wait') && process.env.STAYS_OPEN) {
  const data = argv[argv.indexOf('--user-data-dir') + 1];
  const window = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  writeFileSync(data + '/code.lock', String(window.pid));
  setInterval(() => {}, 1000);
}
`;

// The stand-in is a script with a shebang, which Windows does not know.
const describeOnUnix = process.platform === 'win32' ? () => {} : describe;

describeOnUnix('npm start with a desktop VS Code', () => {
  let dir: string;
  let calls: () => string[][];
  let env: Record<string, string>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'operator-desktop-'));
    mkdirSync(join(dir, 'bin'));
    writeFileSync(join(dir, 'bin', 'code'), standIn);
    chmodSync(join(dir, 'bin', 'code'), 0o755);
    const log = join(dir, 'calls');
    calls = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as string[]) : []);
    env = { PATH: `${join(dir, 'bin')}:${resolve(process.execPath, '..')}`, CALLS: log };
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is used only where it can open a window on this screen', async () => {
    const found = join(dir, 'bin', 'code');
    assert.equal(await findDesktopCode({ ...env, DISPLAY: ':0' }), found);
    assert.equal(await findDesktopCode({ ...env, DISPLAY: ':0', VSCODE_IPC_HOOK_CLI: '/tmp/x.sock' }), undefined, "a remote window's code");
    assert.equal(await findDesktopCode({ ...env, DISPLAY: ':0', WSL_DISTRO_NAME: 'Debian' }), undefined, 'the code of Windows');
    assert.equal(await findDesktopCode({ PATH: join(dir, 'nothing'), DISPLAY: ':0' }), undefined, 'none installed');
    if (process.platform === 'linux') assert.equal(await findDesktopCode(env), undefined, 'no display');
  });

  it('installs and opens in folders of its own, and returns when the window is closed', async () => {
    const scratch = join(dir, 'scratch');
    await openDesktop({ code: join(dir, 'bin', 'code'), dir: scratch, folder: '/sample', vsix: ['/a.vsix', '/b.vsix'], settings: { 'workbench.startupEditor': 'readme' }, env });
    const all = calls();
    assert.deepEqual(all.map((argv) => argv.slice(-3)), [['--install-extension', '/a.vsix', '--force'], ['--install-extension', '/b.vsix', '--force'], ['--new-window', '--wait', '/sample']]);
    for (const argv of all) {
      assert.equal(argv[argv.indexOf('--user-data-dir') + 1], join(scratch, 'data'));
      assert.equal(argv[argv.indexOf('--extensions-dir') + 1], join(scratch, 'extensions'));
    }
    const settings = JSON.parse(readFileSync(join(scratch, 'data', 'User', 'settings.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(settings['workbench.startupEditor'], 'readme');
  });

  it('closes the window when it is told to end', async () => {
    const options = { code: join(dir, 'bin', 'code'), dir: join(dir, 'scratch'), folder: '/sample', vsix: [], settings: {}, env: { ...env, STAYS_OPEN: '1' } };
    const script = `import(${JSON.stringify(resolve(import.meta.dirname, '../../scripts/start/desktop.mts'))}).then(({ openDesktop }) => openDesktop(${JSON.stringify(options)}))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    const ended = new Promise((done) => child.once('close', done));
    const lock = join(dir, 'scratch', 'data', 'code.lock');
    await waitUntil(() => existsSync(lock) && readFileSync(lock, 'utf8') !== '', 'the window', 20_000);
    const window = Number(readFileSync(lock, 'utf8'));
    child.kill('SIGTERM');
    await ended;
    await waitUntil(() => !isAlive(window), 'the window to close');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that ended and was not waited for by its parent still has an id.
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
