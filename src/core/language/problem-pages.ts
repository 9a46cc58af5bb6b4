/** What each problem of operator.toml means and what to do about it: the page that its code links to. */
import type { DiagnosticCode } from './model.ts';

export interface ProblemPage {
  readonly code: DiagnosticCode;
  /** Markdown. */
  readonly text: string;
}

const pages: Readonly<Record<DiagnosticCode, string>> = {
  syntax: 'The file is not TOML at this place. Nothing that stands in it now is in force; the entries of the last text that was TOML are. Operator never writes to such a file.',
  unreadable: 'The file cannot be read at all: no permission, a folder of that name, larger than allowed, or not UTF-8.',
  'invalid-value': 'A value has the wrong type or form, such as a number in quotes. Of harmless keys (names for display, timeouts, lists of models) the value is ignored; any other one keeps its entry from being used, so that nothing is sent elsewhere than it is written.',
  'missing-key': 'The entry lacks a key that it cannot do without: `name` everywhere, `kind` of a model server (and `base_url` where the kind has no usual address), `llm_tool` and `model` of a delegator, `command` and `protocol` of a tool.',
  'unknown-key': 'Operator has no such key and ignores it. It is kept, since the file may be shared with another tool; often it is a slip of the pen.',
  'not-used-yet': 'The table belongs to a later version of Operator. It is kept as it is and has no effect yet.',
  'duplicate-name': 'Two entries of one list have the same name. The first one counts; rename or remove the other. For tools of your own there is one list for all folders of the workspace.',
  'invalid-name': 'Names hold letters (a-z), digits and `.` `_` `-`, begin with a letter, a digit or `_`, and have at most 100 characters: they appear in ids and on command lines.',
  'unknown-kind': 'There is no such [kind of model server](#kinds). For any server with an OpenAI-shaped API write `kind = "openai-compat"`. Other spellings of a kind are understood and reported as information.',
  'unknown-tool': 'No LLM tool has this name: neither one that Operator knows (`operator tools` lists them) nor one in `[[llm_tools.custom]]`.',
  'unknown-server': "No model server has this name where the delegator can see it: its own file, then the user's, then the builtin ones. An entry of the user's file cannot refer to a workspace, nor one folder of a workspace to another.",
  'shadows-builtin': '`anthropic-api`, `openai-api` and `google-api` are always there and cannot be declared. A server of your own of that kind needs another name.',
  'bad-url': 'This is not the address of a web server. Write it like `http://localhost:11434` or `https://host.example/v1`; a query or a fragment cannot be part of it. A proxy is an http, https or socks5 URL.',
  'url-credentials': 'User and password in an address end up in logs and messages. Take them out and name the key with `api_key`.',
  'literal-key': 'A key stands in the file itself, where it is shared, synchronised and committed with it. It is not used from here. Store it and name it: `api_key = "secret:NAME"` or `"env:NAME"`; see [Keys](#keys). If the file was shared, replace the key at its vendor.',
  'unset-api-key-env': 'The variable that is named is not set where Operator runs. Set it and restart, or store the key as a secret. VS Code sees the variables of the shell that it was started from.',
  'bad-reference': 'A key is named as `env:NAME`, `secret:NAME` or `file:PATH`; this is none of them.',
  'conflicting-keys': 'Two keys of the entry contradict each other or say the same: `api_key` beside `api_key_env`, or a key beside `auth = "none"`.',
  'unused-server': 'No delegator runs on this model server. Nothing is wrong: it can be chosen for a launch without a delegator.',
  'unserved-pairing': 'The tool and the server have no protocol in common, and `route = "direct"` rules out a translation. Remove `route`, or set it to `"gateway"`.',
  'unlisted-model': 'The server listed its models when it was last probed, and this one is not among them. It may have to be downloaded or loaded first.',
};

/** In the order in which they are documented. */
export function problemPages(): readonly ProblemPage[] {
  return Object.entries(pages).map(([code, text]) => ({ code: code as DiagnosticCode, text }));
}

/** Page and anchor, from the root of the repository. */
export function documentationOf(code: DiagnosticCode): string {
  return `docs/CONFIGURATION.md#${code}`;
}
