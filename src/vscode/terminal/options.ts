/** A launch plan as a terminal: argv, the difference of environment, folder, name and icon. Nothing is quoted, nothing is typed. */
import * as vscode from 'vscode';
import type { LaunchPlan, SpawnRequest } from '../../core/launch/model.ts';
import { sessionVariable } from '../ids.ts';
import type { TerminalLocationSetting } from '../settings.ts';
import { environmentChanges } from './environment.ts';

export function terminalOptions(input: {
  readonly plan: LaunchPlan;
  readonly request: SpawnRequest;
  /** What a terminal has by itself. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Codicon id. */
  readonly icon: string;
  readonly location: TerminalLocationSetting;
  readonly caseInsensitive: boolean;
}): vscode.TerminalOptions {
  const { plan, request, inherited, icon, location, caseInsensitive } = input;
  const [shellPath, ...shellArgs] = request.argv;
  return {
    name: plan.displayName,
    shellPath,
    shellArgs,
    env: {
      ...environmentChanges(inherited, request.env, { unset: plan.mustNotInherit ?? plan.unset.map(({ name }) => name), caseInsensitive }),
      [sessionVariable]: plan.sessionId,
    },
    cwd: vscode.Uri.file(request.cwd),
    iconPath: new vscode.ThemeIcon(icon),
    location: toLocation(location),
    // VS Code writes the environment of terminals that it restores into its own storage. A key must not get there,
    // so a session with one ends with its window. The token of a gateway session is worth nothing once that ends.
    isTransient: Object.values(plan.env).some(({ type }) => type === 'secret'),
  };
}

function toLocation(location: TerminalLocationSetting): vscode.TerminalOptions['location'] {
  switch (location) {
    case 'panel':
      return vscode.TerminalLocation.Panel;
    case 'editor':
      return vscode.TerminalLocation.Editor;
    case 'beside':
      return { viewColumn: vscode.ViewColumn.Beside };
  }
}
