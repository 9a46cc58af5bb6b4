/** Tools on this machine: found by name, believed by their own word. */
import assert from 'node:assert/strict';
import { OperatorError } from '../../../src/core/errors.ts';
import type { ProcessResult, ProcessRunner } from '../../../src/core/ports.ts';
import { customTool, findTool } from '../../../src/core/tools/catalogue/index.ts';
import { detectTool, findVersion, locateTool } from '../../../src/core/tools/detect.ts';
import type { Detection } from '../../../src/core/tools/model.ts';
import { userOrigin, workspaceOrigin } from '../launch/support.ts';

const claude = findTool('claude') ?? assert.fail();

function runner(result: Partial<ProcessResult> | Error, path: string | undefined = '/bin/claude'): ProcessRunner & { readonly calls: (readonly string[])[] } {
  const calls: (readonly string[])[] = [];
  return {
    calls,
    which: () => Promise.resolve(path),
    start: () => Promise.reject(new Error('nothing is started here')),
    run: (argv) => {
      calls.push(argv);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve({ code: 0, stdout: '', stderr: '', ...result });
    },
  };
}

const detect = (result: Partial<ProcessResult> | Error, path?: string): Promise<Detection> => detectTool(claude, { processes: runner(result, path) });

describe('detectTool', () => {
  it('reads the version out of what the tools print', () => {
    const printed = { '2.1.329 (Claude Code)\n': '2.1.329', 'codex-cli 0.169.0': '0.169.0', '0.61.0\n': '0.61.0', 'GitHub Copilot CLI 1.0.102.\nRun \'copilot update\' to check for updates.': '1.0.102', 'v1.2.3-beta.4+build': '1.2.3-beta.4', 'node 24.1 at 10.0.0.1:80': undefined, 'no version': undefined };
    for (const [text, version] of Object.entries(printed)) assert.equal(findVersion(text), version, text);
  });

  it('tells found, outdated and missing apart', async () => {
    assert.deepEqual(await detect({ stdout: '2.1.329 (Claude Code)' }), { state: 'found', path: '/bin/claude', version: '2.1.329', outdated: false });
    assert.deepEqual(await detectTool(claude, { processes: { ...runner({}), which: () => Promise.resolve(undefined) } }), { state: 'missing' });
    const old = await detect({ stdout: '1.9.0' });
    assert.ok(old.state === 'found' && old.outdated);
    assert.match(old.problem ?? '', /1\.9\.0 is older than 2\.1\.200/);
  });

  it('takes a pre-release of the lowest version for older than it', async () => {
    const found = await detect({ stdout: '2.1.200-beta.1' });
    assert.ok(found.state === 'found' && found.outdated);
  });

  it('reads it from standard error too', async () => {
    assert.equal((await detect({ stderr: 'claude 2.2.0' }) as { version?: string }).version, '2.2.0');
  });

  it('does not believe a file that is there and does not run', async () => {
    assert.deepEqual(await detect({ code: 1, stderr: '\nError: claude native binary not installed.\nat x' }), { state: 'found', path: '/bin/claude', version: undefined, outdated: false, problem: 'claude --version ended with exit code 1: Error: claude native binary not installed.' });
    assert.match((await detect({ stdout: 'hello' }) as { problem?: string }).problem ?? '', /printed no version/);
    assert.match((await detect(new OperatorError('process', '/bin/claude did not answer within 10 s')) as { problem?: string }).problem ?? '', /did not answer within 10 s/);
  });

  it('passes on that it was cancelled', async () => {
    const cancelled = new OperatorError('cancelled', 'stopped');
    await assert.rejects(detectTool(claude, { processes: runner(cancelled), signal: AbortSignal.abort() }), cancelled);
  });

  it('runs what stands behind a command shim', async () => {
    const processes = { ...runner({ stdout: '2.1.329' }), startWith: () => Promise.resolve(['node.exe', 'claude.js']) };
    assert.deepEqual((await detectTool(claude, { processes }) as { startWith?: unknown }).startWith, ['node.exe', 'claude.js']);
    assert.deepEqual(processes.calls, [['node.exe', 'claude.js', '--version']]);
  });

  it('looks for a relative command of the user beside what names it', async () => {
    const asked: string[] = [];
    const processes = { ...runner({}), which: (command: string) => Promise.resolve(void asked.push(command)) };
    const base = { name: 'own', displayName: 'Own', protocol: 'openai-chat' as const, args: [], env: {} };
    for (const [command, origin] of [['./bin/own', workspaceOrigin], ['tools/own', userOrigin], ['own', userOrigin], ['/opt/own', userOrigin], ['~/own', userOrigin]] as const) await locateTool(customTool({ ...base, command, origin }), { processes });
    assert.deepEqual(asked, ['/home/dev/shop/./bin/own', '/home/me/.operator/tools/own', 'own', '/opt/own', '~/own']);
  });

  it('locates without running anything', async () => {
    const processes = runner({});
    assert.deepEqual(await locateTool(claude, { processes }), { state: 'found', path: '/bin/claude', outdated: false });
    assert.deepEqual(processes.calls, []);
  });
});
