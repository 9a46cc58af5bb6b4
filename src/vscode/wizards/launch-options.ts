/** Launch With Options: prompt, extra flags, folder. */
import * as vscode from 'vscode';
import type { DelegatorStatus, LaunchOptions } from '../../core/operator.ts';
import type { Host, Scope } from '../host.ts';
import { runFlow } from '../ui/flow.ts';
import { rememberInput } from '../ui/remembered-input.ts';
import type { Answer, ChoiceRow } from '../ui/ui.ts';
import { splitArguments } from '../words.ts';

interface Draft {
  readonly prompt: string;
  readonly flags: string;
  readonly cwd?: string;
}

/** Undefined when the person left. */
export async function askLaunchOptions(host: Host, scope: Scope, { id, delegator }: DelegatorStatus): Promise<LaunchOptions | undefined> {
  const [promptInput, flagsInput] = [rememberInput(host.ui), rememberInput(host.ui)];
  const draft = await runFlow<Draft>(
    vscode.l10n.t('Launch {0} With Options', delegator.displayName),
    [
      {
        ask: async (state, frame) =>
          withText(await promptInput(frame, '', { prompt: vscode.l10n.t('First prompt for the agent; empty for none'), placeholder: vscode.l10n.t('Explain this repository'), value: state.prompt }), (prompt) => ({ ...state, prompt })),
      },
      {
        ask: async (state, frame) =>
          withText(
            await flagsInput(frame, '', {
              prompt: vscode.l10n.t('Extra flags for {0}; empty for none', delegator.llmTool),
              placeholder: '--flag "a value"',
              value: state.flags,
              validate: flagsProblem,
            }),
            (flags) => ({ ...state, flags }),
          ),
      },
      {
        ask: async (state, frame) => {
          const answer = await host.ui.pick<string>(frame, { placeholder: vscode.l10n.t('Folder to start in'), rows: folderRows(scope, id) });
          if (answer.type !== 'value') return answer;
          const cwd = answer.value === 'browse' ? await host.ui.pickFolder(vscode.l10n.t('Folder to start in'), undefined) : answer.value;
          return cwd === undefined ? { type: 'cancel' } : { type: 'value', value: { ...state, cwd } };
        },
      },
    ],
    { prompt: '', flags: '' },
  );
  if (!draft) return undefined;
  const flags = splitArguments(draft.flags);
  return { prompt: draft.prompt.trim() === '' ? undefined : draft.prompt, flags: flags.ok ? flags.value : [], cwd: draft.cwd };
}

function flagsProblem(text: string): string | undefined {
  const flags = splitArguments(text);
  return flags.ok ? undefined : vscode.l10n.t('The flags cannot be read: {0}', flags.error);
}

/** The delegator's own folder first, then the workspace's, then any other. */
function folderRows({ operator }: Scope, id: string): readonly ChoiceRow<string>[] {
  const plan = operator.plan({ type: 'delegator', delegator: id });
  const own = plan.ok ? plan.value.cwd : undefined;
  const roots = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file' && uri.fsPath !== own);
  return [
    ...(own === undefined ? [] : [{ label: own, description: vscode.l10n.t("the delegator's own"), icon: 'folder', value: own }]),
    ...roots.map(({ name, uri }) => ({ label: uri.fsPath, description: name, icon: 'folder', value: uri.fsPath })),
    { label: vscode.l10n.t('Browse…'), icon: 'folder-opened', value: 'browse' },
  ];
}

function withText<S>(answer: Answer<string>, next: (text: string) => S): Answer<S> {
  return answer.type === 'value' ? { type: 'value', value: next(answer.value) } : answer;
}
