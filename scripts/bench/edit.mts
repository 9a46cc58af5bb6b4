/** Changing a large operator.toml, from its text to the checked new text. */
import { applyEdit, type EditChange } from '../../src/core/config/edit.ts';
import { type Measurement, median, timing } from './measurement.mts';

const runs = 15;
const half = 2_500;

export async function measureEdits(): Promise<readonly Measurement[]> {
  const text = largeFile();
  const changes: readonly (readonly [what: string, change: EditChange])[] = [
    ['one key', { type: 'set', table: 'model_servers', name: 'server-1200', values: { kind: 'ollama' } }],
    ['a key of a sub-table', { type: 'set-in', table: 'delegators', name: 'delegator-1200', path: ['launch_config', 'env', 'A'], value: '1' }],
    ['a new entry', { type: 'add', table: 'model_servers', entry: { name: 'new', kind: 'ollama' } }],
    ['an entry moved', { type: 'move', table: 'delegators', name: 'delegator-9', to: { after: 'delegator-2000' } }],
    ['a server renamed with its 250 delegators', { type: 'rename', table: 'model_servers', name: 'server-3', to: 'renamed' }],
  ];
  const rows: Measurement[] = [];
  for (const [what, change] of changes) {
    const times: number[] = [];
    for (let round = 0; round <= runs; round++) {
      const started = performance.now();
      const result = await applyEdit(text, change);
      const took = performance.now() - started;
      if (result === text) throw new Error(`${what}: nothing was changed`);
      if (round > 0) times.push(took);
    }
    rows.push(timing(`Edit of a file with 5,000 entries: ${what} (median of ${runs})`, median(times), 200));
  }
  return rows;
}

function largeFile(): string {
  const servers = Array.from({ length: half }, (_, index) => `# server ${index}\n[[model_servers]]\nname = "server-${index}"\nkind = "vllm"\nbase_url = "http://10.0.${index >> 8}.${index & 255}:8000"\napi_key = "env:KEY_${index}"\n`);
  const delegators = Array.from({ length: half }, (_, index) => `# delegator ${index}\n[[delegators]]\nname = "delegator-${index}"\nllm_tool = "codex"\nmodel = "qwen2.5-coder"\nmodel_server = "server-${index % 10}"\n[delegators.launch_config]\nyolo = true\n`);
  return [...servers, ...delegators].join('\n');
}
