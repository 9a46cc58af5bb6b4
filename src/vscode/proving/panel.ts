/** The editor tab that shows a model test as it runs, and what it came to. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { describeError } from '../../core/errors.ts';
import type { TestReport, TestTarget } from '../../core/proving/model.ts';
import { runSideBySide } from '../../core/proving/side-by-side.ts';
import type { Host } from '../host.ts';
import { testPanelType } from '../ids.ts';
import { agreeToTest, type PlannedTest, planTests } from './agree.ts';
import { renderPage, renderTable, statusText } from './html.ts';
import { type Column, columnOfReport, newColumn, type TestTable, withError, withProgress, withReport } from './state.ts';

/** What the page remembers across a reload of the window. */
interface Saved {
  readonly targets: readonly TestTarget[];
}

export interface TestPanel {
  /** Runs the tests and shows them; resolves with what they came to. */
  run(tests: readonly PlannedTest[]): Promise<readonly TestReport[]>;
  readonly running: boolean;
}

/** Where a test is shown next, as long as nothing runs there. */
let current: TestPanel | undefined;

/** An idle tab is used again. */
export function openTestPanel(host: Host): TestPanel {
  if (current && !current.running) return current;
  const panel = vscode.window.createWebviewPanel(testPanelType, vscode.l10n.t('Model Test'), { viewColumn: vscode.ViewColumn.Active, preserveFocus: false }, optionsOf(host));
  return (current = show(host, panel));
}

/** After a reload of the window: what was found before stands there again, and nothing runs. */
export async function reviveTestPanel(host: Host, panel: vscode.WebviewPanel, saved: unknown): Promise<void> {
  panel.webview.options = optionsOf(host);
  const targets = targetsOf(saved);
  const { operator } = await host.scope();
  await operator.tests.load();
  const columns = targets.flatMap((target): readonly Column[] => {
    const plan = operator.tests.plan(target);
    const report = plan.ok ? operator.tests.last(plan.value.serverId, plan.value.model) : undefined;
    if (!plan.ok) return [];
    return [report ? columnOfReport(target, report) : { ...newColumn(target, { ...plan.value, levels: [] }), error: vscode.l10n.t('Its test did not end; run it again') }];
  });
  current = show(host, panel, { columns, running: false });
}

function optionsOf(host: Host): vscode.WebviewPanelOptions & vscode.WebviewOptions {
  return { enableScripts: true, enableFindWidget: true, localResourceRoots: [vscode.Uri.joinPath(host.context.extensionUri, 'media')] };
}

function show(host: Host, panel: vscode.WebviewPanel, initial: TestTable = { columns: [], running: false }): TestPanel {
  let table = initial;
  let status = '';
  let cancelling: AbortController | undefined;
  let disposed = false;

  function draw(next: TestTable): void {
    table = next;
    if (disposed) return;
    panel.title = titleOf(next);
    const saved: Saved = { targets: next.columns.map(({ target }) => target) };
    status = statusText(next, status);
    void panel.webview.postMessage({ type: 'render', html: renderTable(next), status, running: next.running, saved });
  }

  function update(index: number, change: (column: Column) => Column): void {
    draw({ ...table, columns: table.columns.map((column, at) => (at === index ? change(column) : column)) });
  }

  async function run(tests: readonly PlannedTest[]): Promise<readonly TestReport[]> {
    const { operator } = await host.scope();
    const running = (cancelling = new AbortController());
    draw({ columns: tests.map(({ target, plan }) => newColumn(target, plan)), running: true });
    // Whoever pressed a button on it is there already, and keeps the keyboard on it.
    if (!panel.active) panel.reveal(undefined, false);
    try {
      const reports = await runSideBySide(
        tests,
        ({ plan }) => plan.serverId,
        async ({ target }, index) => {
          try {
            const report = await operator.tests.run(target, { allowPaid: true, signal: running.signal, onLevel: (progress) => update(index, (column) => withProgress(column, progress)) });
            update(index, (column) => withReport(column, report));
            return report;
          } catch (error) {
            // One that cannot be tested any more must not keep the others from it.
            host.log.error('testing a model failed', error);
            update(index, (column) => withError(column, describeError(error)));
            return undefined;
          }
        },
      );
      return reports.filter((report) => report !== undefined);
    } finally {
      cancelling = undefined;
      draw({ ...table, running: false });
    }
  }

  async function again(): Promise<void> {
    if (cancelling) return;
    const tests = await planTests(host, table.columns.map(({ target }) => target));
    if (tests.length > 0 && (await agreeToTest(host, tests))) await run(tests);
  }

  const own: TestPanel = {
    run,
    get running() {
      return cancelling !== undefined;
    },
  };
  panel.webview.onDidReceiveMessage((message: unknown) => {
    const { type, action } = (message ?? {}) as { readonly type?: unknown; readonly action?: unknown };
    if (type === 'ready') draw(table);
    else if (type === 'action' && action === 'cancel') cancelling?.abort();
    else if (type === 'action' && action === 'again') again().catch((error: unknown) => host.log.error('testing a model again failed', error));
  });
  panel.onDidDispose(() => {
    disposed = true;
    cancelling?.abort();
    if (current === own) current = undefined;
  });
  const { webview } = panel;
  const media = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(host.context.extensionUri, 'media', name)).toString();
  webview.html = renderPage({ cspSource: webview.cspSource, nonce: randomBytes(16).toString('base64url'), scriptUri: media('model-tests.js'), styleUri: media('model-tests.css'), title: vscode.l10n.t('Model Test') });
  return own;
}

function titleOf({ columns }: TestTable): string {
  const [only] = columns;
  if (!only) return vscode.l10n.t('Model Test');
  return columns.length === 1 ? vscode.l10n.t('Test: {0}', only.model) : vscode.l10n.t('Test: {0} models', columns.length);
}

/** What a page of ours remembered, if it is still in that form. */
function targetsOf(saved: unknown): readonly TestTarget[] {
  const targets = typeof saved === 'object' && saved !== null && 'targets' in saved && Array.isArray(saved.targets) ? (saved.targets as readonly unknown[]) : [];
  return targets.filter((target): target is TestTarget => {
    const { type, delegator, model } = (target ?? {}) as Readonly<Record<string, unknown>>;
    return (type === 'delegator' && typeof delegator === 'string') || (type === 'model' && typeof model === 'string');
  });
}
