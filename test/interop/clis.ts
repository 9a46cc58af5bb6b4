/** How each agent is told to do what a case needs. */
import { join } from 'node:path';
import type { Delegator, LaunchConfig } from '../../src/core/config/model.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import type { ScriptedToolCall } from '../support/dialects/index.ts';

export interface InteropCli {
  readonly name: 'claude' | 'codex' | 'gemini';
  readonly protocol: Protocol;
  /** What lets it write files without asking. */
  readonly launchConfig: Partial<LaunchConfig>;
  /** What makes it ask for thoughts, where it has a setting for that. */
  readonly thinking: Delegator['modelProperties'];
  readonly environment: Readonly<Record<string, string>>;
  write(project: string, name: string, content: string): ScriptedToolCall;
  /** The agent's tool that looks at a picture. */
  view(project: string, name: string): ScriptedToolCall;
  /** How a picture comes with the prompt. */
  show(project: string, name: string): { readonly flags: readonly string[]; readonly mention: string };
}

export function cliNamed(name: InteropCli['name']): InteropCli {
  const found = clis.find((cli) => cli.name === name);
  if (!found) throw new Error(`no agent ${name}`);
  return found;
}

export const clis: readonly InteropCli[] = [
  {
    name: 'claude',
    protocol: 'anthropic-messages',
    launchConfig: { permissionMode: 'acceptEdits' },
    thinking: {},
    environment: {},
    write: (project, name, content) => ({ name: 'Write', arguments: { file_path: join(project, name), content } }),
    view: (project, name) => ({ name: 'Read', arguments: { file_path: join(project, name) } }),
    show: (_project, name) => ({ flags: [], mention: `@${name}` }),
  },
  {
    name: 'codex',
    protocol: 'openai-responses',
    launchConfig: { permissionMode: 'danger-full-access' },
    thinking: { reasoning_effort: 'high' },
    environment: {},
    write: (_project, name, content) => ({ name: 'exec_command', arguments: { cmd: `printf %s '${content}' > ${name}` } }),
    view: (project, name) => ({ name: 'view_image', arguments: { path: join(project, name) } }),
    show: (project, name) => ({ flags: ['--image', join(project, name)], mention: '' }),
  },
  {
    name: 'gemini',
    protocol: 'gemini',
    launchConfig: { permissionMode: 'auto_edit' },
    thinking: { reasoning_effort: 'high' },
    environment: { GEMINI_CLI_NO_RELAUNCH: 'true' }, // starts in half the time
    write: (project, name, content) => ({ name: 'write_file', arguments: { file_path: join(project, name), content } }),
    view: (project, name) => ({ name: 'read_file', arguments: { file_path: join(project, name) } }),
    show: (_project, name) => ({ flags: [], mention: `@${name}` }),
  },
];
