/** The harness itself: what it starts ends with it, however it ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../harness/workbench/wait.mts';

describe('the harness', () => {
  for (const [how, signal] of [['a signal', 'SIGTERM'], ['an exception', undefined]] as const) {
    it(`leaves no process and no folder behind after ${how}`, async function () {
      this.timeout(60_000);
      const script = `
        const { startServer } = await import(${JSON.stringify(join(import.meta.dirname, '../harness/server.mts'))});
        const { windows } = await import(${JSON.stringify(join(import.meta.dirname, '../harness/windows.mts'))});
        const server = await startServer({ window: windows.empty });
        console.log(JSON.stringify({ pid: server.pid, dir: server.dir }));
        ${signal ? 'await new Promise(() => setInterval(() => {}, 1000));' : "throw new Error('on purpose');"}
      `;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const line = await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())));
      const { pid, dir } = JSON.parse(line) as { pid: number; dir: string };
      if (signal) child.kill(signal);
      assert.notEqual(await ended, 0);
      await until('the processes to end', () => processesOfGroup(pid).length === 0);
      assert.ok(!existsSync(dir), `${dir} is left`);
    });
  }
});

function processesOfGroup(group: number): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return Number(/\) \S \d+ (\d+)/.exec(readFileSync(join('/proc', name, 'stat'), 'utf8'))?.[1]) === group;
    } catch {
      return false; // it ended meanwhile
    }
  });
}
