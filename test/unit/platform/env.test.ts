/** The environment as the core sees it, on both kinds of platform. */
import assert from 'node:assert/strict';
import { createEnv } from '../../../src/platform/env.ts';
import { parseCommandShim } from '../../../src/platform/command-shim.ts';
import { readLoginPath } from '../../../src/platform/login-path.ts';

describe('createEnv', () => {
  it('reads names exactly, and in any case on Windows', () => {
    const variables = { Path: 'C:\\a', FOO: '1' };
    assert.deepEqual([createEnv({ variables, platform: 'linux' }).get('PATH'), createEnv({ variables, platform: 'win32' }).get('PATH'), createEnv({ variables, platform: 'win32' }).get('foo')], [undefined, 'C:\\a', '1']);
  });

  it('sees changes, and leaves out what is not set', () => {
    const variables: Record<string, string | undefined> = { A: '1', B: undefined };
    const env = createEnv({ variables, platform: 'linux' });
    assert.deepEqual(env.all(), { A: '1' });
    variables['A'] = '2';
    assert.equal(env.get('A'), '2');
  });

  it('adds folders to the PATH that agents inherit, each once and last', () => {
    const variables = { PATH: '/usr/bin:/bin' };
    const env = createEnv({ variables, platform: 'linux' });
    env.appendPath(['/bin', '/home/me/.local/bin', '']);
    env.appendPath(['/home/me/.local/bin']);
    assert.deepEqual([env.get('PATH'), env.all()['PATH'], variables.PATH], ['/usr/bin:/bin:/home/me/.local/bin', '/usr/bin:/bin:/home/me/.local/bin', '/usr/bin:/bin']);
  });

  it('knows where Operator keeps its own', () => {
    const home = (value?: string): string => createEnv({ variables: { OPERATOR_HOME: value }, platform: 'linux', homeDir: '/home/me' }).operatorHome;
    assert.deepEqual([home(), home(' '), home('/opt/op'), home('~/op'), home('op')], ['/home/me/.operator', '/home/me/.operator', '/opt/op', '/home/me/op', '/home/me/op']);
  });

  it('names platforms that it does not know "other"', () => {
    assert.deepEqual([createEnv({ variables: {}, platform: 'freebsd' }).platform, createEnv({ variables: {}, platform: 'darwin' }).platform], ['other', 'darwin']);
  });
});

describe('parseCommandShim', () => {
  const npm = (target: string, program = '%_prog%'): string => `@ECHO off\r\nGOTO start\r\n:find_dp0\r\nSET dp0=%~dp0\r\nEXIT /b\r\n:start\r\nSETLOCAL\r\nCALL :find_dp0\r\n\r\nIF EXIST "%dp0%\\node.exe" (\r\n  SET "_prog=%dp0%\\node.exe"\r\n) ELSE (\r\n  SET "_prog=node"\r\n  SET PATHEXT=%PATHEXT:;.JS;=;%\r\n)\r\n\r\nendLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "${program}"  "%dp0%\\${target}" %*\r\n`;

  it('understands npm\'s shims of scripts', () => {
    assert.deepEqual(parseCommandShim(npm('node_modules\\@openai\\codex\\bin\\codex.js')), { type: 'node-script', file: 'node_modules\\@openai\\codex\\bin\\codex.js' });
  });

  it('understands shims of programs', () => {
    assert.deepEqual(parseCommandShim('@ECHO off\r\nSETLOCAL\r\nCALL :find_dp0\r\n"%dp0%\\node_modules\\@anthropic-ai\\claude-code\\bin\\claude.exe"   %*\r\n'), { type: 'program', file: 'node_modules\\@anthropic-ai\\claude-code\\bin\\claude.exe' });
  });

  it('understands pnpm\'s', () => {
    assert.deepEqual(parseCommandShim('@IF EXIST "%~dp0\\node.exe" (\r\n  "%~dp0\\node.exe"  "%~dp0\\..\\x\\cli.mjs" %*\r\n) ELSE (\r\n  node  "%~dp0\\..\\x\\cli.mjs" %*\r\n)\r\n'), { type: 'node-script', file: '..\\x\\cli.mjs' });
  });

  it('leaves alone what it does not understand', () => {
    for (const text of ['', '@echo off\r\npython "%~dp0\\x.py" %*', '"%dp0%\\x.sh" %*', '@start notepad %*']) assert.equal(parseCommandShim(text), undefined, text);
  });
});

describe('readLoginPath', () => {
  const read = (stdout: string | Error): Promise<readonly string[]> => readLoginPath('/bin/zsh', { run: () => (stdout instanceof Error ? Promise.reject(stdout) : Promise.resolve({ code: 0, stdout, stderr: '' })) });

  it('finds the PATH among what start-up files print', async () => {
    assert.deepEqual(await read('Welcome!\nPATH=/not/this:\nHOME=/home/me\nPATH=/opt/homebrew/bin:/usr/bin:relative:\n'), ['/opt/homebrew/bin', '/usr/bin']);
  });

  it('is empty when the shell hangs or says nothing', async () => {
    assert.deepEqual([await read(new Error('timeout')), await read('')], [[], []]);
  });
});
