/** Cold starts of the command line, against the cost of starting Node at all. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createScratchFolder } from '../../test/vscode/harness/cleanup.mts';
import { root } from '../../test/vscode/harness/paths.mts';
import { type Measurement, median, timing } from './measurement.mts';

const runs = 15;

const toml = `[[model_servers]]
name = "ollama-local"
kind = "ollama"
base_url = "http://127.0.0.1:61111"

[[delegators]]
name = "try-local"
llm_tool = "chat"
model = "qwen2.5-coder"
model_server = "ollama-local"
`;

export async function measureCommandLine(): Promise<readonly Measurement[]> {
  const build = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`the build failed\n${build.stderr}`);
  const scratch = createScratchFolder();
  try {
    const project = join(scratch.path, 'project');
    mkdirSync(project);
    // As it is for everybody who has called Operator before: it keeps its compiled code there.
    mkdirSync(join(scratch.path, '.operator'));
    writeFileSync(join(project, 'operator.toml'), toml);
    const env = { PATH: join(scratch.path, 'no-tools'), HOME: scratch.path, OPERATOR_HOME: join(scratch.path, '.operator'), LANG: 'C.UTF-8' };
    const cli = join(root, 'dist', 'cli.js');
    const commands: Readonly<Record<string, readonly string[]>> = {
      bare: ['-e', '0'],
      status: [cli, 'status'],
      first: [cli, 'status'],
      plan: [cli, 'launch', '--delegator', 'try-local', '--dry-run'],
    };
    const times: Record<string, number[]> = {};
    // Interleaved, so that what else the machine does hits all of them alike; the first round warms the file cache and leaves the compiled code that any call leaves.
    for (let round = 0; round <= runs; round++) {
      for (const [name, argv] of Object.entries(commands)) {
        const started = performance.now();
        const { status, stderr } = spawnSync(process.execPath, argv, { cwd: project, env: name === 'first' ? { ...env, NODE_DISABLE_COMPILE_CACHE: '1' } : env, encoding: 'utf8' });
        const took = performance.now() - started;
        if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}\n${stderr}`);
        if (round > 0) (times[name] ??= []).push(took);
      }
    }
    const bare = median(times['bare'] ?? []);
    const line = (what: string, name: string, boundMs?: number): Measurement => {
      const value = median(times[name] ?? []);
      const measured = boundMs === undefined ? { what, value: `${Math.round(value)} ms` } : timing(what, value, boundMs);
      return { ...measured, value: `${measured.value} (${(value / bare).toFixed(1)} × bare Node)` };
    };
    return [
      { what: `Bare \`node -e 0\` (median of ${runs}, as below)`, value: `${Math.round(bare)} ms` },
      line('`operator status`, cold', 'status', 150),
      line('`operator launch --dry-run`, cold', 'plan', 150),
      line('`operator status`, cold, without compiled code of an earlier call', 'first'),
    ];
  } finally {
    scratch.remove();
  }
}
