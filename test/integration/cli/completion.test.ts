import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCli } from '../../support/build.ts';
import { createPlace } from '../../support/cli.ts';

const toml = '[[model_servers]]\nname = "lab"\nkind = "ollama"\n\n[[delegators]]\nname = "codex-lab"\nllm_tool = "codex"\nmodel = "m"\nmodel_server = "lab"\n';

describe('operator completion', function () {
  this.timeout(60_000);

  it('prints a script for each shell', async () => {
    using place = createPlace();
    for (const [shell, says] of [['bash', 'complete -F'], ['zsh', '#compdef operator'], ['fish', 'complete -c operator']] as const) {
      const { code, stdout, stderr } = await place.run(['completion', shell]);
      assert.deepEqual([code, stderr], [0, '']);
      assert.ok(stdout.includes(says) && stdout.includes('__complete'));
    }
  });

  it('knows the names in operator.toml, and is silent about a broken one', async () => {
    using place = createPlace({ 'operator.toml': toml });
    assert.equal((await place.run(['__complete', '--', 'launch', '--delegator', 'c'])).stdout, 'codex-lab\n');
    assert.equal((await place.run(['__complete', '--', 'probe', 'l'])).stdout, 'lab\n');
    place.write('operator.toml', 'broken');
    const { code, stderr } = await place.run(['__complete', '--', 'launch', '--delegator', '']);
    assert.deepEqual([code, stderr], [0, '']);
  });

  if (process.platform === 'linux') {
    it('completes in a real bash', async () => {
      using place = createPlace({ 'operator.toml': toml });
      const operator = join(place.bin, 'operator');
      writeFileSync(operator, `#!/bin/sh\nexec '${process.execPath}' '${await buildCli()}' "$@"\n`);
      chmodSync(operator, 0o755);
      const complete = (...words: readonly string[]): string[] => {
        const list = words.map((word) => `'${word}'`).join(' ');
        const script = `source <(operator completion bash); COMP_WORDS=(operator ${list}); COMP_CWORD=${words.length}; _operator_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;
        return execFileSync('bash', ['--norc', '-c', script], { cwd: place.workspace, env: place.env, encoding: 'utf8' }).split('\n').filter(Boolean);
      };
      assert.deepEqual(complete('la'), ['launch']);
      assert.deepEqual(complete('launch', '--delegator', ''), ['codex-lab']);
      assert.deepEqual(complete('launch', '--d'), ['--delegator', '--dry-run']);
    });
  }
});
