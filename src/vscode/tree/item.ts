/** StatusNode → TreeItem: the only place where status becomes VS Code. */
import * as vscode from 'vscode';
import { assertNever } from '../../base/assert.ts';
import type { NodeAction, StatusNode, Tone } from '../../core/status/node.ts';
import { commandIds, hostCommandIds } from '../ids.ts';

/** An element of the tree. The same object for the same id as long as the row exists; what it shows is looked up. */
export interface Row {
  readonly id: string;
}

export function toTreeItem(node: StatusNode, row: Row): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label, collapsibleState(node));
  item.id = node.id;
  item.description = node.description || undefined;
  item.iconPath = new vscode.ThemeIcon(node.icon, toneColor(node.tone));
  item.contextValue = contextValue(node);
  item.accessibilityInformation = { label: node.accessibilityLabel };
  if (node.action) item.command = toCommand(node.action, row);
  return item;
}

/** `delegator;ready;local;`: every tag ends with a semicolon, so that a `when` clause can match one exactly. */
export function contextValue(node: StatusNode): string {
  return node.tags.map((tag) => `${tag};`).join('');
}

function collapsibleState(node: StatusNode): vscode.TreeItemCollapsibleState {
  // A section that is empty now stays expandable: VS Code would show its first entry collapsed away otherwise.
  if (node.children.length === 0 && node.kind !== 'section') return vscode.TreeItemCollapsibleState.None;
  return node.expanded ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}

function toneColor(tone: Tone): vscode.ThemeColor | undefined {
  switch (tone) {
    case 'ok':
      return new vscode.ThemeColor('testing.iconPassed');
    case 'warning':
      return new vscode.ThemeColor('list.warningForeground');
    case 'error':
      return new vscode.ThemeColor('list.errorForeground');
    case 'busy':
    case 'neutral':
      return undefined;
    default:
      return assertNever(tone);
  }
}

function toCommand(action: NodeAction, row: Row): vscode.Command {
  switch (action.type) {
    case 'open-location': {
      const position = new vscode.Position(action.line, action.column);
      return { command: hostCommandIds.open, title: vscode.l10n.t('Open'), arguments: [vscode.Uri.file(action.file), { selection: new vscode.Range(position, position) }] };
    }
    case 'reveal-session':
      return { command: commandIds.showSession, title: vscode.l10n.t('Show Terminal'), arguments: [row] };
    case 'add-offer':
      return { command: commandIds.addFoundServer, title: vscode.l10n.t('Add Model Server'), arguments: [row] };
    case 'set-key':
      return { command: commandIds.setApiKey, title: vscode.l10n.t('Set API Key'), arguments: [action.serverId] };
    case 'start-server':
      return { command: commandIds.startModelServer, title: vscode.l10n.t('Start Model Server'), arguments: [action.serverId] };
    case 'pull-model':
      return { command: commandIds.pullModel, title: vscode.l10n.t('Pull Model'), arguments: [action.serverId] };
    case 'install-tool':
      return { command: commandIds.installTool, title: vscode.l10n.t('Install in Terminal'), arguments: [action.tool] };
    case 'show-gateway-log':
      return { command: commandIds.showGatewayLog, title: vscode.l10n.t('Show Gateway Log') };
    case 'manage-trust':
      return { command: hostCommandIds.manageTrust, title: vscode.l10n.t('Manage Workspace Trust') };
    default:
      return assertNever(action);
  }
}
