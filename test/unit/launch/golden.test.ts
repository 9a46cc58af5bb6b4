/**
 * Every cell of tool × kind: the plan that starts, or the refusal that a person reads. The expected texts are in
 * test/fixtures/launch; `UPDATE_FIXTURES=1` writes them anew, for a review of the difference.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ModelServer } from '../../../src/core/config/model.ts';
import { resolveDelegator } from '../../../src/core/delegators/resolve.ts';
import { gatewayPlaceholder } from '../../../src/core/gateway/model.ts';
import { planLaunch } from '../../../src/core/launch/plan.ts';
import { renderPlan, renderRefusals } from '../../../src/core/launch/render.ts';
import { allServerKinds } from '../../../src/core/servers/kinds.ts';
import { inferPlacement } from '../../../src/core/servers/placement.ts';
import { catalogueTools } from '../../../src/core/tools/catalogue/index.ts';
import { aDelegator, aServer, launchFacts, resolveFacts } from './support.ts';

const folder = resolve(import.meta.dirname, '../../fixtures/launch');

/** A cell as text: the tool on a declared server of the kind at its default address, with a key where the kind takes one. */
function cell(tool: string, kindId: string): string {
  const kind = allServerKinds().find(({ id }) => id === kindId);
  assert.ok(kind);
  const baseUrl = kind.defaultBaseUrl ?? 'https://models.example.com';
  const server = aServer({
    name: `my-${kind.id}`,
    displayName: `My ${kind.displayName}`,
    kind: kind.id,
    baseUrl,
    placement: inferPlacement(baseUrl),
    ...(kind.auth.type !== 'none' && { credential: { store: 'env', name: kind.defaultApiKeyEnv ?? 'MY_KEY' } }),
  });
  return render(tool, { modelServer: server.name }, [server]);
}

function render(tool: string, delegator: { readonly modelServer?: string }, servers: readonly ModelServer[]): string {
  const facts = resolveFacts({ servers, delegators: [aDelegator({ llmTool: tool, model: 'some-model', ...delegator })], gateway: true });
  const result = resolveDelegator({ type: 'delegator', delegator: 'mine' }, facts);
  if (!result.ok) return `Refused: ${result.error.map(({ code }) => code).join(', ')}\n${renderRefusals(result.error)}\n`;
  const plan = planLaunch(result.value, { prompt: 'say "hi"' }, launchFacts({ gateway: { baseUrl: gatewayPlaceholder, token: { type: 'session-token' } }, inheritedEnv: { HOME: '/home/me', HTTP_PROXY: 'http://proxy.corp:3128', NO_PROXY: '.corp', ANTHROPIC_API_KEY: 'x', OPENAI_API_KEY: 'x', GOOGLE_API_KEY: 'x', OPENAI_BASE_URL: 'x' } }));
  return plan.ok ? renderPlan(plan.value) : `Refused: ${plan.error.map(({ code }) => code).join(', ')}\n${renderRefusals(plan.error)}\n`;
}

describe('launch plans of every tool on every kind of server', () => {
  for (const { record } of catalogueTools()) {
    it(`${record.name}`, () => {
      const parts = [`# ${record.name} without model_server\n\n${render(record.name, {}, [])}`, ...allServerKinds().map(({ id }) => `# ${record.name} on ${id}\n\n${cell(record.name, id)}`)];
      const actual = parts.join('\n---\n\n');
      const file = join(folder, `${record.name}.md`);
      if (process.env['UPDATE_FIXTURES'] === '1') {
        mkdirSync(folder, { recursive: true });
        writeFileSync(file, actual);
      }
      assert.equal(actual, readFileSync(file, 'utf8'));
    });
  }

  it('is either a plan or a refusal with what would help, never both and never silent', () => {
    for (const { record } of catalogueTools()) {
      for (const { id } of allServerKinds()) {
        const text = cell(record.name, id);
        if (!text.startsWith('Refused: ')) continue;
        const lines = text.trim().split('\n').slice(1);
        assert.ok(lines.length >= 2 && lines.length % 2 === 0, `${record.name} on ${id}: ${text}`);
        for (const hint of lines.filter((_, index) => index % 2 === 1)) assert.match(hint, /^ {2}\S/);
      }
    }
  });
});
