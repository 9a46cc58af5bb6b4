/** The windows that suites and journeys open: which files they hold and how VS Code opens them. */

export const windowNames = ['single', 'empty', 'multi-root', 'untrusted', 'broken'] as const;
export type WindowName = (typeof windowNames)[number];

export interface WindowFiles {
  /** Content by path relative to the window's folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly open:
    | { readonly type: 'empty' }
    /** Relative to the window's folder; '' is that folder itself. */
    | { readonly type: 'folder'; readonly path: string }
    /** A `.code-workspace` file. */
    | { readonly type: 'workspace'; readonly path: string };
  /** 'untrusted': Workspace Trust is on and was not granted. 'off': everything is trusted, nobody is asked. */
  readonly trust: 'off' | 'untrusted';
}

/** One folder with these files. */
export function folderWindow(files: Readonly<Record<string, string>>, trust: WindowFiles['trust'] = 'off', name = 'project'): WindowFiles {
  return { files: Object.fromEntries(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text])), open: { type: 'folder', path: name }, trust };
}

/** A valid file with a server that nobody answers for (nothing listens on port 61111) and delegators of three kinds: ready, refused, dangling. */
const validToml = `# Servers and delegators of this project.
[[model_servers]]
name = "ollama-local"
kind = "ollama"
base_url = "http://127.0.0.1:61111"
display_name = "Ollama (local)"

[[delegators]]
name = "codex-local-qwen"
llm_tool = "codex"
model = "qwen2.5-coder"
model_server = "ollama-local"

[[delegators]]
name = "try-local"
llm_tool = "chat"
model = "qwen2.5-coder"
model_server = "ollama-local"
display_name = "Try the local model"

[[delegators]]
name = "dangling"
llm_tool = "claude"
model = "opus"
model_server = "nowhere"
`;

const secondToml = `[[model_servers]]
name = "vllm-lab"
kind = "vllm"
base_url = "http://127.0.0.1:61111/v1"

# The same name as in the other folder: each folder means its own.
[[delegators]]
name = "try-local"
llm_tool = "chat"
model = "llama3"
model_server = "vllm-lab"
`;

const brokenToml = `[[model_servers]]
name = "ollama-local"
kind = "ollama"
base_url = "http://127.0.0.1:61111

[[delegators]]
name = "try-local"
`;

export const windows: Readonly<Record<WindowName, WindowFiles>> = {
  single: folderWindow({ 'operator.toml': validToml, 'src/hello.txt': 'hello\n' }),
  empty: { files: {}, open: { type: 'empty' }, trust: 'off' },
  'multi-root': {
    files: {
      'both.code-workspace': JSON.stringify({ folders: [{ path: 'api' }, { path: 'web' }] }),
      'api/operator.toml': validToml,
      'web/operator.toml': secondToml,
    },
    open: { type: 'workspace', path: 'both.code-workspace' },
    trust: 'off',
  },
  untrusted: folderWindow({ 'operator.toml': validToml }, 'untrusted'),
  broken: folderWindow({ 'operator.toml': brokenToml }),
};
