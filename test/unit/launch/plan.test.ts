/** What holds for the plan of every tool: order of arguments, precedence of variables, contradictions, the folder. */
import assert from 'node:assert/strict';
import { aServer, aDelegator, pairing, planned, planRefusals, valueAfter, workspaceOrigin } from './support.ts';

const literal = (value: string): { readonly type: 'literal'; readonly value: string } => ({ type: 'literal', value });

describe('planLaunch', () => {
  describe('arguments', () => {
    it("puts the user's flags behind ours and before the prompt, which no flag can swallow", () => {
      const plan = planned(pairing('claude', { kind: 'anthropic-api' }, { launchConfig: { flags: ['--allowedTools', 'Bash'] } }), { prompt: '--help', flags: ['--verbose'] });
      assert.deepEqual(plan.argv.slice(-5), ['--allowedTools', 'Bash', '--verbose', '--', '--help']);
    });

    it('wraps the prompt, and only a prompt', () => {
      const world = pairing('codex', { kind: 'ollama' }, { launchConfig: { promptPrefix: 'Be brief.', promptSuffix: 'Thanks.' } });
      assert.equal(planned(world, { prompt: 'Fix it' }).argv.at(-1), 'Be brief.\n\nFix it\n\nThanks.');
      assert.ok(!planned(world).argv.includes('--'));
      assert.ok(!planned(world, { prompt: '  ' }).argv.includes('--'));
    });

    it('leaves the session to flags that choose another one', () => {
      for (const [tool, kind] of [['claude', 'anthropic-api'], ['gemini', 'google-api'], ['qwen', 'ollama'], ['copilot', 'ollama']] as const) {
        assert.ok(planned(pairing(tool, { kind })).argv.includes('--session-id'), tool);
        for (const flag of ['--resume', '--resume=abc', '-c', '--session-id']) assert.equal(planned(pairing(tool, { kind }), { flags: [flag] }).argv.filter((arg) => arg.startsWith('--session-id')).length, flag === '--session-id' ? 1 : 0, `${tool} ${flag}`);
      }
    });

    it('starts what stands behind a Windows command shim, with argv as it is', () => {
      const world = { ...pairing('codex', { kind: 'ollama' as const }), detections: { codex: { state: 'found' as const, path: 'C:\\npm\\codex.cmd', startWith: ['C:\\node.exe', 'C:\\npm\\codex.js'], outdated: false } } };
      assert.deepEqual(planned(world, {}, { platform: 'win32' }).argv.slice(0, 2), ['C:\\node.exe', 'C:\\npm\\codex.js']);
    });

    it('refuses a batch file on Windows, whose arguments cmd.exe would read as commands', () => {
      const world = { ...pairing('codex', { kind: 'ollama' as const }), detections: { codex: { state: 'found' as const, path: 'C:\\tools\\codex.bat', outdated: false } } };
      assert.deepEqual(planRefusals(world, {}, { platform: 'win32' }).map(({ code }) => code), ['invalid']);
      assert.equal(planned(world).argv[0], 'C:\\tools\\codex.bat');
    });

    it("starts chat with Operator's own command line and its variables", () => {
      const plan = planned(pairing('chat', { kind: 'ollama' }));
      assert.deepEqual(plan.argv.slice(0, 3), ['/opt/node', '/opt/operator/cli.js', 'chat']);
      assert.deepEqual(plan.env['ELECTRON_RUN_AS_NODE'], literal('1'));
    });

    it('refuses what no operating system takes: a NUL, and a prompt longer than a command line', () => {
      const world = pairing('claude', { kind: 'anthropic-api' });
      assert.deepEqual(planRefusals(world, { prompt: 'a\0b' }).map(({ code }) => code), ['invalid']);
      assert.deepEqual(planRefusals(world, { prompt: 'é'.repeat(140_000) }).map(({ code }) => code), ['invalid']);
      assert.deepEqual(planRefusals(world, { prompt: 'x'.repeat(33_000) }, { platform: 'win32' }).map(({ code }) => code), ['invalid']);
      assert.equal(planned(world, { prompt: 'x'.repeat(33_000) }).argv.at(-1)?.length, 33_000);
    });
  });

  describe('variables', () => {
    it("lets the server's extra_env beat derived variables, and the delegator's env beat both, and says so", () => {
      const plan = planned(pairing('claude', { kind: 'anthropic-api', extraEnv: { ANTHROPIC_MODEL: 'from-server', A: '1', B: '1' } }, { launchConfig: { env: { B: '2' } } }));
      assert.deepEqual([plan.env['ANTHROPIC_MODEL'], plan.env['A'], plan.env['B']], [literal('from-server'), literal('1'), literal('2')]);
      assert.deepEqual(plan.notes.filter(({ message }) => /in place of/.test(message)).map(({ message }) => message), ['extra_env sets ANTHROPIC_MODEL in place of what Operator would set', 'env sets B in place of what Operator would set']);
    });

    it('lists what it leaves out of the inherited environment, and only what is there', () => {
      const plan = planned(pairing('claude', { kind: 'anthropic-api' }), {}, { inheritedEnv: { ANTHROPIC_API_KEY: 'x', CLAUDE_CODE_USE_BEDROCK: '1', PATH: '/bin' } });
      assert.deepEqual(plan.unset.map(({ name }) => name), ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_USE_BEDROCK']);
      assert.ok(plan.unset.every(({ reason }) => reason.length > 0));
      assert.ok(plan.mustNotInherit?.includes('ANTHROPIC_API_KEY') && plan.mustNotInherit.includes('CLAUDE_CODE_USE_VERTEX') && !plan.mustNotInherit.includes('ANTHROPIC_AUTH_TOKEN'));
    });

    it('does not unset what it sets, and finds names in any case on Windows', () => {
      const inheritedEnv = { anthropic_api_key: 'x', Anthropic_Auth_Token: 'y' };
      const plan = planned(pairing('claude', { kind: 'anthropic-api' }, { launchConfig: { env: { anthropic_api_key: 'mine' } } }), {}, { platform: 'win32', inheritedEnv });
      assert.deepEqual(plan.unset, []);
      assert.equal(Object.keys(plan.env).filter((name) => name.toLowerCase() === 'no_proxy').length, 1);
      assert.deepEqual(planned(pairing('claude', { kind: 'anthropic-api' }), {}, { inheritedEnv }).unset, []);
    });

    it('names the key by reference, the default variable of a builtin server included', () => {
      const ref = { store: 'secret', name: 'work' } as const;
      assert.deepEqual(planned(pairing('claude', { kind: 'litellm', credential: ref })).env['ANTHROPIC_AUTH_TOKEN'], { type: 'secret', ref });
      const builtin = planned({ delegators: [aDelegator({ llmTool: 'qwen', modelServer: 'openai-api' })] });
      assert.deepEqual(builtin.env['OPERATOR_API_KEY'], { type: 'secret', ref: { store: 'env', name: 'OPENAI_API_KEY' } });
    });

    it('leaves a tool on its own vendor as the user has it', () => {
      for (const llmTool of ['claude', 'codex', 'gemini', 'opencode', 'qwen', 'copilot', 'agy']) {
        const plan = planned({ delegators: [aDelegator({ llmTool })] }, {}, { inheritedEnv: { ANTHROPIC_API_KEY: 'x', GOOGLE_API_KEY: 'x', HTTP_PROXY: 'x' } });
        assert.deepEqual([plan.env, plan.unset, plan.files], [{}, [], []], llmTool);
        assert.deepEqual(plan.route, { type: 'direct', vendor: true });
        assert.ok(plan.argv.includes('some-model'), llmTool);
      }
    });

    it('warns when a key would go unencrypted to a third party', () => {
      const credential = { store: 'env', name: 'K' } as const;
      const notes = (baseUrl: string, placement: 'local' | 'third-party'): number => planned(pairing('claude', { kind: 'litellm', baseUrl, placement, credential })).notes.filter(({ message }) => /unencrypted/.test(message)).length;
      assert.deepEqual([notes('http://models.example.com', 'third-party'), notes('https://models.example.com', 'third-party'), notes('http://127.0.0.1:1', 'local')], [1, 0, 0]);
    });
  });

  describe('folder', () => {
    it('takes the one asked for, else the one of the delegator, else where launches start', () => {
      const world = pairing('claude', { kind: 'ollama' }, { launchConfig: { cwd: 'packages/api' } });
      assert.equal(planned(world).cwd, '/home/dev/shop/packages/api');
      assert.equal(planned(world, { cwd: '/elsewhere' }).cwd, '/elsewhere');
      assert.equal(planned(pairing('claude', { kind: 'ollama' })).cwd, '/home/dev/shop');
    });
  });

  describe('contradictions', () => {
    const codes = (...args: Parameters<typeof planRefusals>): readonly string[] => planRefusals(...args).map(({ code, message, hint }) => `${code}: ${message} → ${hint}`);

    it('names the modes of the tool when it has none of that name', () => {
      assert.deepEqual(codes(pairing('claude', { kind: 'ollama' }, { launchConfig: { permissionMode: 'workspace-write' } })), ['invalid: claude has no permission_mode "workspace-write" → Use manual, default, acceptEdits, plan, auto or dontAsk']);
      assert.deepEqual(codes(pairing('gemini', { kind: 'google-api' }, { launchConfig: { permissionMode: 'yolo' } })), ['invalid: gemini has no permission_mode "yolo" → Set yolo = true instead']);
      assert.deepEqual(codes(pairing('chat', { kind: 'ollama' }, { launchConfig: { permissionMode: 'plan' } })), ['invalid: chat has no permission_mode "plan" → Leave permission_mode out, or pass what the tool understands with flags']);
    });

    it('passes a mode on, to a vendor as well', () => {
      assert.equal(valueAfter(planned({ delegators: [aDelegator({ llmTool: 'claude', launchConfig: { permissionMode: 'plan' } })] }).argv, '--permission-mode'), 'plan');
      assert.equal(valueAfter(planned(pairing('codex', { kind: 'ollama' }, { launchConfig: { permissionMode: 'read-only' } })).argv, '--sandbox'), 'read-only');
      assert.equal(valueAfter(planned(pairing('gemini', { kind: 'google-api' }, { launchConfig: { permissionMode: 'auto_edit' } })).argv, '--approval-mode'), 'auto_edit');
    });

    it('knows that claude\'s mode auto needs Anthropic\'s servers, and never leaves claude in it elsewhere', () => {
      assert.deepEqual(planRefusals(pairing('claude', { kind: 'ollama' }, { launchConfig: { permissionMode: 'auto' } })).map(({ code }) => code), ['invalid']);
      assert.equal(valueAfter(planned(pairing('claude', { kind: 'ollama' })).argv, '--permission-mode'), 'manual');
      assert.equal(valueAfter(planned({ delegators: [aDelegator({ llmTool: 'claude' })] }).argv, '--permission-mode'), undefined);
    });

    it('refuses yolo beside a mode, and where there is no such thing', () => {
      assert.deepEqual(codes(pairing('claude', { kind: 'ollama' }, { launchConfig: { yolo: true, permissionMode: 'plan' } })), ['invalid: yolo and permission_mode "plan" contradict each other → Keep one of the two']);
      assert.deepEqual(codes(pairing('chat', { kind: 'ollama' }, { launchConfig: { yolo: true } })), ['invalid: chat cannot be told to ask for no permission → Leave yolo out']);
    });

    it('passes yolo in the words of each tool', () => {
      const flag = (tool: string, kind: 'ollama' | 'google-api'): string | undefined => planned(pairing(tool, { kind }, { launchConfig: { yolo: true } })).argv.find((arg) => /yolo|dangerously|^--auto$|allow-all/.test(arg));
      assert.deepEqual(
        [flag('claude', 'ollama'), flag('codex', 'ollama'), flag('gemini', 'google-api'), flag('opencode', 'ollama'), flag('qwen', 'ollama'), flag('copilot', 'ollama')],
        ['--dangerously-skip-permissions', '--dangerously-bypass-approvals-and-sandbox', '--yolo', '--auto', '--yolo', '--allow-all'],
      );
    });

    it('makes a worktree where the tool can, and refuses instead of working in the wrong folder', () => {
      assert.ok(planned(pairing('claude', { kind: 'ollama' }, { launchConfig: { useWorktrees: true } })).argv.includes('--worktree'));
      assert.match(codes(pairing('opencode', { kind: 'ollama' }, { launchConfig: { useWorktrees: true } })).join(), /^invalid: opencode makes no worktrees of its own.*git worktree add/);
    });

    it('needs a prompt to print an answer', () => {
      assert.deepEqual(planRefusals(pairing('claude', { kind: 'ollama' }), { headless: true }).map(({ code }) => code), ['invalid']);
      assert.ok(planned(pairing('claude', { kind: 'ollama' }), { headless: true, prompt: 'hi' }).argv.includes('--print'));
    });

    it('says all of them together', () => {
      const found = planRefusals(pairing('opencode', { kind: 'ollama' }, { launchConfig: { useWorktrees: true, permissionMode: 'nonsense' } }), { headless: true });
      assert.equal(found.length, 3);
    });

    it('prints gemini\'s answer only in a trusted folder, since gemini refuses otherwise', () => {
      const world = pairing('gemini', { kind: 'google-api' });
      assert.deepEqual(planRefusals(world, { headless: true, prompt: 'hi' }, { trusted: false }).map(({ code }) => code), ['untrusted']);
      assert.deepEqual(planned(world, { headless: true, prompt: 'hi' }).env['GEMINI_CLI_TRUST_WORKSPACE'], literal('true'));
      assert.equal(planned(world, { prompt: 'hi' }).env['GEMINI_CLI_TRUST_WORKSPACE'], undefined);
    });
  });

  describe('model properties', () => {
    it('says which ones the tool has no setting for', () => {
      const plan = planned(pairing('codex', { kind: 'ollama' }, { modelProperties: { reasoning_effort: 'high', temperature: 0.2 } }));
      assert.ok(plan.argv.includes('model_reasoning_effort="high"'));
      assert.deepEqual(plan.notes.filter(({ severity }) => severity === 'warning').map(({ message }) => message), ['codex has no setting for temperature of model_properties; it has reasoning_effort, reasoning_summary, verbosity and context_window']);
    });

    it('takes the context window from the delegator before the probe', () => {
      const world = { ...pairing('codex', { kind: 'ollama' as const }, { modelProperties: { context_window: 50_000 } }), health: { here: { models: [{ id: 'some-model', contextWindow: 131_072 }] } } };
      assert.ok(planned(world).argv.includes('model_context_window=50000'));
      assert.ok(planned({ ...world, delegators: [aDelegator({ llmTool: 'codex', modelServer: 'here' })] }).argv.includes('model_context_window=131072'));
    });
  });

  describe('server in between', () => {
    it('refuses a SOCKS proxy, which agents would ignore or misuse, and lets chat have it', () => {
      const proxy = 'socks5://127.0.0.1:1080';
      assert.deepEqual(planRefusals(pairing('codex', { kind: 'ollama', proxy })).map(({ code }) => code), ['needs-gateway']);
      assert.deepEqual(planned(pairing('chat', { kind: 'ollama', proxy })).env['OPERATOR_CHAT_PROXY'], literal(proxy));
    });

    it('hands the agent the gateway\'s address and the session\'s token once there is one', () => {
      const world = { servers: [aServer({ kind: 'openai-compat', headers: { 'X-Team': 'a' }, proxy: 'http://p:1' })], delegators: [aDelegator({ llmTool: 'claude', modelServer: 'here' })], gateway: true };
      const token = { type: 'secret', ref: { store: 'secret', name: 'session' } } as const;
      const plan = planned(world, {}, { gateway: { baseUrl: 'http://127.0.0.1:4141', token } });
      assert.deepEqual(plan.route, { type: 'gateway', protocol: 'anthropic-messages' });
      assert.deepEqual([plan.env['ANTHROPIC_BASE_URL'], plan.env['ANTHROPIC_AUTH_TOKEN'], plan.env['ANTHROPIC_CUSTOM_HEADERS'], plan.env['HTTP_PROXY']], [literal('http://127.0.0.1:4141'), token, undefined, undefined]);
      assert.deepEqual(planRefusals(world).map(({ code }) => code), ['needs-gateway']);
    });
  });

  it('carries who and where for lists of sessions', () => {
    const world = { servers: [aServer({ kind: 'ollama', name: 'box', origin: workspaceOrigin })], delegators: [aDelegator({ llmTool: 'chat', modelServer: 'box', name: 'talk', displayName: 'Talk', origin: workspaceOrigin })] };
    const plan = planned(world, {}, {}, { type: 'delegator', delegator: 'talk' });
    assert.deepEqual([plan.delegator, plan.displayName, plan.llmTool, plan.model, plan.modelServer], ['talk', 'Talk', 'chat', 'some-model', 'box']);
    const adHoc = planned(world, {}, {}, { type: 'ad-hoc', llmTool: 'chat', model: 'm', modelServer: 'box' });
    assert.deepEqual([adHoc.delegator, adHoc.displayName], [undefined, 'Operator chat · m']);
  });
});
