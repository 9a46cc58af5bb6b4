/** Choosing tool, server, model and route; and all that stands in the way, at once. */
import assert from 'node:assert/strict';
import type { ConfigProblem } from '../../../src/core/config/model.ts';
import { resolveDelegator } from '../../../src/core/delegators/resolve.ts';
import type { Refusal } from '../../../src/core/launch/model.ts';
import { aDelegator, aServer, pairing, refusals, resolved, resolveFacts, userFile, workspaceOrigin, type World } from '../launch/support.ts';

const codes = (found: readonly Refusal[]): readonly string[] => found.map(({ code }) => code);

describe('resolveDelegator', () => {
  describe('target', () => {
    it('is found by name or by entity id, the workspace before the user', () => {
      const world: World = { delegators: [aDelegator({ llmTool: 'claude', model: 'user' }), aDelegator({ llmTool: 'claude', model: 'work', origin: workspaceOrigin })] };
      assert.equal(resolved(world).model, 'work');
      assert.equal(resolved(world, { type: 'delegator', delegator: 'user:mine' }).model, 'user');
      assert.equal(resolved(world, { type: 'delegator', delegator: 'workspace:/home/dev/shop:mine' }).model, 'work');
    });

    it('is guessed at when the name is nearly right', () => {
      const world: World = { delegators: [aDelegator({ llmTool: 'claude', name: 'codex-local' })] };
      assert.deepEqual(refusals(world, { type: 'delegator', delegator: 'codex-locl' }), [{ code: 'unknown-delegator', message: 'No delegator is named "codex-locl"', hint: 'Did you mean "codex-local"?' }]);
      assert.deepEqual(refusals({}, { type: 'delegator', delegator: 'x' })[0]?.hint, 'There are no delegators yet');
    });

    it('may be the parts of an ad hoc launch, with the defaults for what is left out', () => {
      const world: World = { configuration: { defaultTool: 'claude', defaultModel: 'opus' } };
      const found = resolved(world, { type: 'ad-hoc', llmTool: 'claude' });
      assert.deepEqual([found.model, found.server.name, found.route], ['opus', 'anthropic-api', { type: 'direct', vendor: true }]);
      assert.deepEqual(refusals(world, { type: 'ad-hoc', llmTool: 'codex' }), [{ code: 'missing-model', message: 'No model is named', hint: 'Name the model that the server shall run' }]);
      assert.match(refusals({}, { type: 'ad-hoc', llmTool: 'claude' })[0]?.hint ?? '', /^Name one, such as opus, sonnet, haiku or fable$/);
    });

    it('takes the only model of a server that serves one', () => {
      const world: World = { servers: [aServer({ kind: 'llamacpp' })], health: { here: { models: [{ id: 'qwen3' }, { id: 'embed', type: 'embedding' }] } } };
      assert.equal(resolved(world, { type: 'ad-hoc', llmTool: 'chat', modelServer: 'here' }).model, 'qwen3');
    });
  });

  describe('reasons', () => {
    it('are all told, not only the first', () => {
      const world: World = { delegators: [aDelegator({ llmTool: 'cluade', model: '', modelServer: 'ollma', origin: workspaceOrigin })], servers: [aServer({ kind: 'ollama', name: 'ollama' })], trusted: false };
      assert.deepEqual(refusals(world), [
        { code: 'untrusted', message: 'Nothing is run from an untrusted workspace, and the delegator mine comes from it', hint: 'Trust the workspace to launch it' },
        { code: 'unknown-tool', message: 'No LLM tool is named "cluade"', hint: 'Did you mean "claude"?' },
        { code: 'unknown-server', message: 'No model server is named "ollma"', hint: 'Did you mean "ollama"?' },
      ]);
    });

    it('tell a missing tool and an impossible pairing together', () => {
      const world = { ...pairing('gemini', { kind: 'ollama' as const }), detections: { gemini: { state: 'missing' as const } } };
      assert.deepEqual(codes(refusals(world)), ['tool-missing', 'needs-gateway']);
      assert.equal(refusals(world)[0]?.hint, 'Install it with: npm install -g @google/gemini-cli');
    });

    it('do not call a tool missing that nobody has looked for yet', () => {
      assert.deepEqual(refusals({ ...pairing('claude', { kind: 'ollama' }), detections: { claude: { state: 'detecting' } } }), []);
    });

    it('name the server that chat and custom tools need', () => {
      const world: World = { delegators: [aDelegator({ llmTool: 'chat' })], servers: [aServer({ kind: 'ollama', name: 'a' }), aServer({ kind: 'ollama', name: 'b' })] };
      assert.deepEqual(refusals(world), [{ code: 'missing-server', message: 'chat needs a model server and none is named', hint: 'Name one: a or b' }]);
    });

    it('repeat what is wrong with a broken entry instead of calling it unknown', () => {
      const problem = (subject: ConfigProblem['subject'], code: ConfigProblem['code'] = 'bad-url'): ConfigProblem => ({ code, severity: 'error', message: `${code} here`, hint: 'mend it', where: { file: userFile }, subject });
      const broken: World = { delegators: [aDelegator({ llmTool: 'claude', modelServer: 'gone' })], configuration: { problems: [problem({ type: 'model_server', name: 'gone' })] } };
      assert.deepEqual(refusals(broken), [{ code: 'config', message: 'bad-url here', hint: 'mend it' }]);
      const present = { ...pairing('claude', { kind: 'ollama' as const }), configuration: { problems: [problem({ type: 'delegator', name: 'mine' }, 'invalid-value')] } };
      assert.deepEqual(codes(refusals(present)), ['config']);
      const elsewhere = { ...present, configuration: { problems: [{ ...problem({ type: 'delegator', name: 'mine' }, 'invalid-value'), where: { file: '/other/operator.toml' } }] } };
      assert.deepEqual(refusals(elsewhere), []);
      const warning = { ...present, configuration: { problems: [{ ...problem({ type: 'delegator', name: 'mine' }, 'invalid-value'), severity: 'warning' as const }] } };
      assert.deepEqual(refusals(warning), []);
    });

    it('always say what would help', () => {
      const worlds: readonly World[] = [pairing('gemini', { kind: 'ollama' }), pairing('agy', { kind: 'ollama' }), { delegators: [aDelegator({ llmTool: 'x', modelServer: 'y' })] }, { delegators: [aDelegator({ llmTool: 'chat', model: ' ' })] }];
      for (const world of worlds) for (const refusal of refusals(world)) assert.ok(refusal.hint !== undefined && refusal.hint !== '', JSON.stringify(refusal));
    });
  });

  describe('trust', () => {
    it('keeps everything of an untrusted workspace from running, and nothing else', () => {
      const server = aServer({ kind: 'ollama', name: 'ws', origin: workspaceOrigin });
      assert.deepEqual(codes(refusals({ servers: [server], trusted: false }, { type: 'ad-hoc', llmTool: 'chat', model: 'm', modelServer: 'ws' })), ['untrusted']);
      assert.deepEqual(refusals({ delegators: [aDelegator({ llmTool: 'claude' })], trusted: false }), []);
      const tool = { name: 'own', displayName: 'Own', origin: workspaceOrigin, command: 'own', protocol: 'openai-chat' as const, args: [], env: {} };
      assert.deepEqual(codes(refusals({ servers: [aServer({ kind: 'ollama' })], customTools: [tool], trusted: false }, { type: 'ad-hoc', llmTool: 'own', model: 'm', modelServer: 'here' })), ['untrusted']);
    });

    it('never lets a user entry reach into a workspace', () => {
      const world: World = { servers: [aServer({ kind: 'ollama', name: 'ws', origin: workspaceOrigin })], delegators: [aDelegator({ llmTool: 'chat', modelServer: 'ws' })] };
      assert.deepEqual(codes(refusals(world)), ['unknown-server']);
    });
  });

  describe('protocol', () => {
    const protocol = (world: World): string | undefined => {
      const { route } = resolved(world);
      return route.type === 'direct' && !route.vendor ? route.protocol : undefined;
    };

    it("is the tool's first choice among what the server speaks", () => {
      assert.equal(protocol(pairing('chat', { kind: 'ollama' })), 'ollama');
      assert.equal(protocol(pairing('opencode', { kind: 'litellm' })), 'openai-chat');
      assert.equal(protocol(pairing('opencode', { kind: 'anthropic-api' })), 'anthropic-messages');
    });

    it('prefers what is certain to what depends on the version', () => {
      assert.equal(protocol(pairing('copilot', { kind: 'vllm', protocols: ['openai-responses', 'openai-chat'] })), 'openai-chat');
    });

    it('says when it depends on the version and nobody has asked', () => {
      assert.deepEqual(resolved(pairing('claude', { kind: 'ollama' })).notes, [{ severity: 'information', message: 'Whether here speaks anthropic-messages depends on its version and is not verified yet; probe it to know' }]);
      assert.equal(resolved({ ...pairing('claude', { kind: 'ollama' }), health: { here: { state: 'healthy', speaks: ['ollama', 'openai-chat', 'anthropic-messages'] } } }).notes, undefined);
    });

    it('believes a probe that says no, and one that says more', () => {
      const old = { ...pairing('claude', { kind: 'ollama' as const }), health: { here: { state: 'healthy' as const, speaks: ['ollama' as const, 'openai-chat' as const] } } };
      assert.deepEqual(refusals(old), [
        {
          code: 'needs-gateway',
          message: 'claude speaks anthropic-messages, here speaks ollama and openai-chat, and there is no gateway here that would translate',
          hint: 'A newer version of Ollama may speak anthropic-messages: update it and probe again. Use opencode, qwen, copilot or chat with this server, or a server that speaks anthropic-messages',
        },
      ]);
      const more = { ...pairing('claude', { kind: 'openai-compat' as const }), health: { here: { state: 'healthy' as const, speaks: ['openai-chat' as const, 'anthropic-messages' as const] } } };
      assert.equal(protocol(more), 'anthropic-messages');
    });
  });

  describe('route', () => {
    it('is the vendor\'s own for a builtin server, by name or by leaving it out', () => {
      for (const modelServer of [undefined, 'anthropic-api']) assert.deepEqual(resolved({ delegators: [aDelegator({ llmTool: 'claude', modelServer })] }).route, { type: 'direct', vendor: true });
      assert.equal(resolved({ delegators: [aDelegator({ llmTool: 'copilot' })] }).server.name, 'github-copilot');
    });

    it('is a server like any other for another vendor\'s builtin', () => {
      assert.deepEqual(resolved({ delegators: [aDelegator({ llmTool: 'opencode', modelServer: 'anthropic-api' })] }).route, { type: 'direct', vendor: false, protocol: 'anthropic-messages', baseUrl: 'https://api.anthropic.com' });
    });

    it('honours what the delegator asks for', () => {
      const gateway = pairing('claude', { kind: 'ollama' }, { route: 'gateway' });
      assert.deepEqual(refusals(gateway), [{ code: 'needs-gateway', message: 'route = "gateway" is asked for, and there is no gateway here', hint: 'Set route = "auto" or "direct"' }]);
      assert.deepEqual(resolved({ ...gateway, gateway: true }).route, { type: 'gateway', protocol: 'anthropic-messages' });
      const direct = pairing('gemini', { kind: 'ollama' }, { route: 'direct' });
      const [refusal] = refusals({ ...direct, gateway: true });
      assert.match(refusal?.message ?? '', /route = "direct" rules out a translation$/);
      assert.equal(refusal?.hint, 'Set route = "auto", so that Operator’s gateway translates');
    });

    it('goes through the gateway where there is one and no other way', () => {
      assert.deepEqual(resolved({ ...pairing('gemini', { kind: 'ollama' }), gateway: true }).route, { type: 'gateway', protocol: 'gemini' });
      assert.equal(resolved({ ...pairing('claude', { kind: 'ollama' }), gateway: true }).route.type, 'direct');
      assert.deepEqual(codes(refusals({ ...pairing('agy', { kind: 'ollama' }), gateway: true })), ['not-repointable']);
    });

    it('goes through the gateway where the tool cannot reach the server by itself', () => {
      const throughProxy = pairing('claude', { kind: 'anthropic-api', baseUrl: 'http://10.0.0.1', proxy: 'socks5://10.0.0.2:1080' });
      assert.deepEqual(resolved({ ...throughProxy, gateway: true }).route, { type: 'gateway', protocol: 'anthropic-messages' });
      assert.equal(resolved({ ...pairing('chat', { kind: 'ollama', proxy: 'socks5://10.0.0.2:1080' }), gateway: true }).route.type, 'direct');
      const keyInQuery = pairing('codex', { kind: 'litellm', auth: { type: 'query', name: 'key' }, credential: { store: 'env', name: 'MY_KEY' } });
      assert.equal(resolved({ ...keyInQuery, gateway: true }).route.type, 'gateway');
      assert.equal(resolved({ ...keyInQuery, delegators: keyInQuery.delegators?.map((entry) => ({ ...entry, route: 'direct' as const })) ?? [], gateway: true }).route.type, 'direct');
    });

    it('goes through the gateway where the server was asked what it speaks and could not say', () => {
      const world = { ...pairing('claude', { kind: 'ollama' }), gateway: true };
      assert.equal(resolved(world).route.type, 'direct', 'not asked yet');
      assert.equal(resolved({ ...world, health: { here: { state: 'offline', checkedAt: 1 } } }).route.type, 'gateway');
      assert.equal(resolved({ ...world, health: { here: { state: 'healthy', checkedAt: 1, speaks: ['ollama', 'anthropic-messages'] } } }).route.type, 'direct');
      assert.equal(resolved({ ...world, health: { here: { state: 'healthy', checkedAt: 1, speaks: ['ollama'] } } }).route.type, 'gateway');
    });
  });

  describe('key', () => {
    const credential = { store: 'env', name: 'MY_KEY' } as const;

    it('that is named and cannot be found stops the launch', () => {
      assert.deepEqual(refusals({ ...pairing('claude', { kind: 'litellm', credential }), keys: { here: 'unset' } }), [{ code: 'credential', message: 'The key of here is not set (env:MY_KEY)', hint: 'Set the environment variable MY_KEY' }]);
      assert.deepEqual(refusals({ ...pairing('claude', { kind: 'litellm', credential }), keys: { here: 'unknown' } }), []);
    });

    it('is asked for where a vendor insists and none is named, but not from a server of one\'s own', () => {
      assert.deepEqual(refusals(pairing('claude', { kind: 'openrouter', placement: 'third-party' })), [{ code: 'credential', message: 'here needs a key and names none', hint: 'Set api_key_env = "OPENROUTER_API_KEY", or api_key' }]);
      assert.deepEqual(refusals(pairing('claude', { kind: 'anthropic-api', baseUrl: 'http://127.0.0.1:4000' })), []);
      assert.deepEqual(refusals(pairing('claude', { kind: 'openrouter', placement: 'third-party', auth: { type: 'none' } })), []);
    });

    it('of a builtin server is in its vendor\'s variable, and of no interest to its own tool', () => {
      const on = (llmTool: string): World => ({ delegators: [aDelegator({ llmTool, modelServer: 'openai-api' })], keys: { 'openai-api': 'unset' } });
      assert.deepEqual(refusals(on('qwen')), [{ code: 'credential', message: 'openai-api needs a key and OPENAI_API_KEY is not set', hint: 'Set the environment variable OPENAI_API_KEY' }]);
      assert.deepEqual(refusals(on('codex')), []);
    });
  });

  describe('notes', () => {
    const notes = (world: World): readonly string[] => (resolved(world).notes ?? []).filter(({ severity }) => severity === 'warning').map(({ message }) => message);

    it('tell that the server does not answer, without stopping the launch', () => {
      assert.deepEqual(notes({ ...pairing('chat', { kind: 'ollama' }), health: { here: { state: 'offline', cause: 'connection-refused', message: 'Nothing listens on localhost:11434', hint: 'Start it with `ollama serve`' } } }), ['here: Nothing listens on localhost:11434. Start it with `ollama serve`']);
    });

    it('tell that the server does not list the model, with the nearest it has', () => {
      const health = { here: { state: 'healthy' as const, models: [{ id: 'qwen2.5-coder:latest', contextWindow: 131_072 }, { id: 'llama3.3' }] } };
      assert.deepEqual(notes({ ...pairing('chat', { kind: 'ollama' }, { model: 'llama3.2' }), health }), ['here does not list the model "llama3.2"; did you mean "llama3.3"?']);
      assert.deepEqual(notes({ ...pairing('chat', { kind: 'ollama' }, { model: 'qwen2.5-coder' }), health }), []);
      assert.equal(resolved({ ...pairing('chat', { kind: 'ollama' }, { model: 'qwen2.5-coder' }), health }).contextWindow, 131_072);
    });

    it('tell an agent, not a chat, that the model is loaded with too little context', () => {
      const health = { here: { state: 'healthy' as const, models: [{ id: 'some-model', contextWindow: 131_072, loadedContext: 4096 }] } };
      assert.deepEqual(notes({ ...pairing('chat', { kind: 'ollama' }), health }), []);
      assert.deepEqual(notes({ ...pairing('opencode', { kind: 'ollama' }), health }), ['"some-model" is loaded with 4096 tokens, less than coding agents usually need; raise it with OLLAMA_CONTEXT_LENGTH or num_ctx']);
      assert.equal(resolved({ ...pairing('chat', { kind: 'ollama' }), health }).contextWindow, 4096);
    });

    it('tell that the tool is too old', () => {
      assert.deepEqual(notes({ ...pairing('claude', { kind: 'anthropic-api' }), detections: { claude: { state: 'found', path: '/x', version: '1.0.0', outdated: true, problem: 'too old' } } }), ['too old']);
    });

    it('say nothing about servers that a vendor\'s own tool does not ask us for', () => {
      assert.deepEqual(notes({ delegators: [aDelegator({ llmTool: 'claude' })], health: { 'anthropic-api': { state: 'unauthorized', cause: 'key-missing', message: 'No key' } } }), []);
    });
  });

  it('resolves a thousand delegators on a thousand servers at once', () => {
    const servers = Array.from({ length: 1000 }, (_, index) => aServer({ kind: 'ollama', name: `s${index}` }));
    const delegators = Array.from({ length: 1000 }, (_, index) => aDelegator({ llmTool: 'codex', name: `d${index}`, modelServer: `s${999 - index}` }));
    const facts = resolveFacts({ servers, delegators });
    const started = performance.now();
    for (const { name } of delegators) assert.ok(resolveDelegator({ type: 'delegator', delegator: `user:${name}` }, facts).ok);
    assert.ok(performance.now() - started < 500, `${Math.round(performance.now() - started)} ms`);
  });

  describe('a server with extra_body', () => {
    const world = (route: 'auto' | 'direct' | 'gateway', gateway: boolean, llmTool = 'claude'): World => ({ ...pairing(llmTool, { kind: 'openrouter', extraBody: { top_k: 20 }, credential: { store: 'env', name: 'K' } }, { route }), gateway });

    it('is reached through the gateway, which adds it; by a chat too', () => {
      assert.deepEqual(resolved(world('auto', true)).route, { type: 'gateway', protocol: 'anthropic-messages' });
      assert.deepEqual(resolved(world('auto', true)).notes?.map(({ message }) => message), ['Goes through Operator’s gateway, which adds extra_body of here to each request']);
      assert.equal(resolved(world('auto', true, 'chat')).route.type, 'gateway');
    });

    it('says so where it is not sent', () => {
      assert.deepEqual(resolved(world('direct', true)).notes, [{ severity: 'warning', message: 'extra_body of here is not sent: only the gateway adds it, and route = "direct" goes around it' }]);
      assert.deepEqual(resolved(world('auto', false)).notes, [{ severity: 'warning', message: 'extra_body of here is not sent: only the gateway adds it, and there is none here' }]);
    });
  });
});
