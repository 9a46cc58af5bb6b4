import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessResult } from '../../../src/core/ports.ts';
import { rememberRuns } from '../../../src/platform/remembered-runs.ts';
import { FakeClock, FakeFiles, FakeProcesses } from '../fakes.ts';

const options = { timeoutMs: 1000 };
const day = 24 * 60 * 60 * 1000;

describe('remembered runs', () => {
  let folder: string;
  let tool: string;
  const version = (stdout: string, code = 0): ProcessResult => ({ code, stdout, stderr: '' });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'operator-runs-'));
    tool = join(folder, 'tool');
    await writeFile(tool, 'one');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A new process of the command line: nothing in memory, the file still there. */
  function start(files: FakeFiles, clock: FakeClock, processes: FakeProcesses, mode: 'use' | 'refresh' = 'use'): ReturnType<typeof rememberRuns> {
    return rememberRuns(processes, { files, clock, file: '/home/user/.operator/state/versions.json', mode });
  }

  function setup(): { readonly files: FakeFiles; readonly clock: FakeClock; readonly processes: FakeProcesses } {
    const processes = new FakeProcesses();
    processes.answers.set(tool, version('1.0.0'));
    return { files: new FakeFiles(), clock: new FakeClock(), processes };
  }

  it('ask a program once and answer the next time from memory', async () => {
    const { files, clock, processes } = setup();
    assert.equal((await start(files, clock, processes).run([tool, '--version'], options)).stdout, '1.0.0');
    assert.deepEqual(await start(files, clock, processes).run([tool, '--version'], options), version('1.0.0'));
    assert.equal(processes.calls.length, 1);
  });

  it('ask again when the file was replaced, even by one of the same size and time', async () => {
    const { files, clock, processes } = setup();
    const old = new Date('1985-10-26');
    await utimes(tool, old, old);
    await start(files, clock, processes).run([tool, '--version'], options);
    await rm(tool);
    await writeFile(tool, 'two');
    await utimes(tool, old, old);
    processes.answers.set(tool, version('2.0.0'));
    assert.equal((await start(files, clock, processes).run([tool, '--version'], options)).stdout, '2.0.0');
  });

  it('ask again after a day, and when asked to', async () => {
    const { files, clock, processes } = setup();
    await start(files, clock, processes).run([tool], options);
    await start(files, clock, processes, 'refresh').run([tool], options);
    assert.equal(processes.calls.length, 2);
    await clock.advance(day - 1);
    await start(files, clock, processes).run([tool], options);
    assert.equal(processes.calls.length, 2);
    await clock.advance(1);
    await start(files, clock, processes).run([tool], options);
    assert.equal(processes.calls.length, 3);
  });

  it('do not remember a failure', async () => {
    const { files, clock, processes } = setup();
    processes.answers.set(tool, version('', 1));
    await start(files, clock, processes).run([tool], options);
    await start(files, clock, processes).run([tool], options);
    assert.equal(processes.calls.length, 2);
  });

  it('work without a readable or writable memory', async () => {
    const { clock, processes } = setup();
    const files = new FakeFiles({ '/home/user/.operator/state/versions.json': '{"broken' });
    files.writePrivate = () => Promise.reject(new Error('read-only'));
    assert.equal((await start(files, clock, processes).run([tool], options)).stdout, '1.0.0');
  });
});
