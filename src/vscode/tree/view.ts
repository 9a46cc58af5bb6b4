/** The view: its tree, badge, message and welcome text, and whether it is visible. */
import * as vscode from 'vscode';
import { describeError } from '../../core/errors.ts';
import type { Snapshot } from '../../core/operator.ts';
import type { StatusTree } from '../../core/status/node.ts';
import { contextKeys, hostCommandIds, viewId } from '../ids.ts';
import type { Row } from './item.ts';
import { StatusTreeProvider } from './provider.ts';

/** Which welcome text an empty view shows. */
export type WelcomeKind = 'folder' | 'no-folder' | 'virtual' | 'untrusted';

export interface StatusView extends vscode.Disposable {
  readonly provider: StatusTreeProvider;
  readonly visible: boolean;
  readonly onDidChangeVisibility: vscode.Event<boolean>;
  readonly badge: vscode.ViewBadge | undefined;
  readonly message: string | undefined;
  show(tree: StatusTree, snapshot: Snapshot): void;
  /** A transient state worth a line above the rows. */
  setNotice(notice: string | undefined): void;
  /** Nothing can be shown: says why. */
  showFailure(error: unknown): void;
  /** Shows the view's own progress until `task` settles. */
  whileBusy<T>(task: Promise<T>): Promise<T>;
  /** Back to waiting for the first rows. */
  clear(): void;
  /** Scrolls to a row if the view is visible; never opens the view by itself. */
  reveal(id: string): Promise<void>;
  /** Expands a row if the view is visible, and leaves the selection alone. */
  open(id: string): Promise<void>;
}

/** At most this many things are named in the badge's tooltip. */
const badgeLines = 8;

export function createStatusView(): StatusView {
  const provider = new StatusTreeProvider();
  const view = vscode.window.createTreeView<Row>(viewId, { treeDataProvider: provider, showCollapseAll: true });
  const visibility = new vscode.EventEmitter<boolean>();
  const listener = view.onDidChangeVisibility(({ visible }) => visibility.fire(visible));
  let welcome: WelcomeKind | undefined;
  let failure: string | undefined;
  let notice: string | undefined;
  let empty = true;

  /** A notice in an empty view would hide its welcome text. */
  function showMessage(isEmpty: boolean): void {
    empty = isEmpty;
    const message = failure ?? (empty ? undefined : notice);
    if (message !== view.message) view.message = message;
  }

  async function bringUp(id: string, options: { readonly select: boolean; readonly focus: boolean; readonly expand?: boolean }): Promise<void> {
    const row = provider.row(id);
    if (!row || !view.visible) return;
    try {
      await view.reveal(row, options);
    } catch {
      // The row went away meanwhile; there is nothing left to scroll to.
    }
  }

  const busy = createBusySign();

  function setWelcome(next: WelcomeKind | undefined): void {
    if (next === welcome) return;
    welcome = next;
    void vscode.commands.executeCommand(hostCommandIds.setContext, contextKeys.welcome, next);
  }

  return {
    provider,
    get visible() {
      return view.visible;
    },
    onDidChangeVisibility: visibility.event,
    get badge() {
      return view.badge;
    },
    get message() {
      return view.message;
    },
    show(tree, snapshot) {
      const badge = toBadge(tree.attention);
      if (badge?.value !== view.badge?.value || badge?.tooltip !== view.badge?.tooltip) view.badge = badge;
      failure = undefined;
      showMessage(tree.empty);
      setWelcome(tree.empty ? welcomeKind(snapshot) : undefined);
      busy.set(isLookingFirst(snapshot));
      provider.update(tree);
    },
    whileBusy: (task) => Promise.resolve(vscode.window.withProgress({ location: { viewId } }, () => task)),
    setNotice(next) {
      notice = next;
      showMessage(empty);
    },
    showFailure(error) {
      busy.set(false);
      view.badge = undefined;
      failure = vscode.l10n.t('Operator could not start: {0}. Refresh to try again; the log has the details.', describeError(error));
      showMessage(true);
      setWelcome(undefined);
      provider.update({ sections: [], attention: [], empty: true });
    },
    clear() {
      busy.set(false);
      view.badge = undefined;
      failure = undefined;
      showMessage(true);
      setWelcome(undefined);
      provider.update(undefined);
    },
    reveal: (id) => bringUp(id, { select: true, focus: false }),
    open: (id) => bringUp(id, { select: false, focus: false, expand: true }),
    dispose() {
      busy.set(false);
      listener.dispose();
      visibility.dispose();
      view.dispose();
      provider.dispose();
    },
  };
}

/** Something is looked at for the first time; a round that only looks again is not worth a moving bar every minute. */
function isLookingFirst({ servers, tools }: Snapshot): boolean {
  return servers.some(({ probing, health }) => probing && health.checkedAt === undefined) || tools.some(({ detection }) => detection.state === 'detecting');
}

function createBusySign(): { set(busy: boolean): void } {
  let end: (() => void) | undefined;
  return {
    set(busy) {
      if (busy === (end !== undefined)) return;
      if (end) {
        end();
        end = undefined;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      end = resolve;
      void vscode.window.withProgress({ location: { viewId } }, () => promise);
    },
  };
}

function toBadge(attention: readonly string[]): vscode.ViewBadge | undefined {
  if (attention.length === 0) return undefined;
  const named = attention.slice(0, badgeLines);
  const more = attention.length - named.length;
  const heading = attention.length === 1 ? vscode.l10n.t('1 thing needs attention') : vscode.l10n.t('{0} things need attention', attention.length);
  return { value: attention.length, tooltip: [heading, ...named, ...(more > 0 ? [vscode.l10n.t('and {0} more', more)] : [])].join('\n') };
}

function welcomeKind(snapshot: Snapshot): WelcomeKind {
  if (!snapshot.trusted) return 'untrusted';
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) return 'no-folder';
  return folders.some(({ uri }) => uri.scheme === 'file') ? 'folder' : 'virtual';
}
