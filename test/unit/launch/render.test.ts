/** A plan as people and programs read it. */
import assert from 'node:assert/strict';
import { renderPlan, renderRefusals, reportPlan } from '../../../src/core/launch/render.ts';
import { aDelegator, pairing, planned } from './support.ts';

describe('a rendered plan', () => {
  it('has the names of operator.toml in JSON, and secrets by reference', () => {
    const report = reportPlan(planned(pairing('claude', { kind: 'litellm', credential: { store: 'file', name: '/run/key' }, auth: { type: 'x-api-key' } }), {}, { inheritedEnv: { ANTHROPIC_API_KEY: 'x' } }));
    assert.deepEqual(
      [report.delegator, report.llm_tool, report.model, report.model_server, report.route, report.protocol, report.base_url, report.cwd, report.unset],
      ['mine', 'claude', 'some-model', 'here', 'direct', 'anthropic-messages', 'http://localhost:4000', '/home/dev/shop', ['ANTHROPIC_API_KEY']],
    );
    assert.equal(report.env['ANTHROPIC_CUSTOM_HEADERS'], 'x-api-key: ‹file:/run/key›');
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  });

  it('says null where there is nothing: ad hoc, on the vendor\'s own service', () => {
    const report = reportPlan(planned({}, {}, {}, { type: 'ad-hoc', llmTool: 'claude', model: 'opus' }));
    assert.deepEqual([report.delegator, report.protocol, report.base_url, report.route], [null, null, null, 'direct']);
  });

  it('masks keys that people put where they do not belong', () => {
    const world = pairing('claude', { kind: 'litellm', extraEnv: { MY_TOKEN: 'plain' }, proxy: 'http://me:pw@proxy:1', baseUrl: 'http://models.corp:4000' }, { launchConfig: { flags: ['--append-system-prompt', 'use sk-live-abcdefgh'], env: { NOTE: 'sk-live-abcdefgh' } } });
    const text = renderPlan(planned(world));
    for (const secret of ['plain', 'me:pw', 'sk-live']) assert.ok(!text.includes(secret), secret);
    assert.match(text, /MY_TOKEN=‹hidden›/);
    assert.match(text, /HTTP_PROXY=http:\/\/‹hidden›@proxy:1/);
  });

  it('quotes what a shell would split, and fences what holds a fence', () => {
    const text = renderPlan(planned({ delegators: [aDelegator({ llmTool: 'claude' })] }, { prompt: "it's ```code```" }));
    assert.match(text, /'it'\\''s ```code```'/);
    assert.match(text, /^````sh$/m);
  });

  it('names the user\'s file below a private one', () => {
    assert.match(renderPlan(planned(pairing('gemini', { kind: 'google-api' }), {}, { stateDir: '/home/me/.operator/state' })), /## Private file: \/home\/me\/\.operator\/state\/gemini-home\/\.gemini\/settings\.json\n\nOn top of what \/home\/me\/\.gemini\/settings\.json says:/);
  });

  it('gives every refusal its line and its help', () => {
    assert.equal(renderRefusals([{ code: 'invalid', message: 'A', hint: 'do B' }, { code: 'config', message: 'C' }]), 'A\n  do B\nC');
  });
});
