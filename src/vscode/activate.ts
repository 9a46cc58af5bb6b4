/**
 * Activation: registers the view, the commands and the terminal profile and returns; Operator itself is loaded after that.
 * No process and no network before the first rows are there.
 */
import * as vscode from 'vscode';
import { createRedactor } from '../platform/redact.ts';
import { registerCommands } from './commands/register.ts';
import type { Host, Scope } from './host.ts';
import { logName, testPanelType } from './ids.ts';
import { createPlanDocuments } from './plan-documents.ts';
import { createLog } from './ports.ts';
import { currentSettings, onDidChangeSettings } from './settings-watch.ts';
import { registerTerminalProfile } from './terminal/profile.ts';
import { createStatusView } from './tree/view.ts';
import { createUi } from './ui/vscode-ui.ts';

/** For Operator's own suites; not an interface for other extensions. */
export interface OperatorApi {
  readonly internal: Host;
}

export interface Activation {
  readonly api: OperatorApi;
  deactivate(): Promise<void>;
}

export function activateOperator(context: vscode.ExtensionContext): Activation {
  const started = performance.now();
  const redactor = createRedactor();
  const channel = vscode.window.createOutputChannel(logName, { log: true });
  const log = createLog(channel, redactor);
  const view = createStatusView();
  const plans = createPlanDocuments();
  let settings = currentSettings();
  let starting: Promise<Scope> | undefined;
  let ended = false;

  async function start(): Promise<Scope> {
    const { startScope } = await import('./scope.ts');
    const scope = await startScope(host, redactor);
    if (!ended) return scope;
    scope.dispose();
    throw new vscode.CancellationError();
  }

  function scope(): Promise<Scope> {
    if (starting) return starting;
    const attempt = start();
    starting = attempt;
    attempt.catch((error: unknown) => {
      if (starting === attempt) starting = undefined; // so that the next command tries again
      if (ended) return;
      log.error('starting failed', error);
      view.showFailure(error);
    });
    return attempt;
  }

  async function stop(): Promise<void> {
    const current = starting;
    starting = undefined;
    await current?.then((running) => running.dispose(), () => undefined); // a failed start left nothing to stop
  }

  const host: Host = {
    context,
    log,
    channel,
    view,
    plans,
    get settings() {
      return settings;
    },
    ui: createUi(),
    scope,
    async restart() {
      await stop();
      view.clear();
      return scope();
    },
  };

  context.subscriptions.push(
    channel,
    view,
    plans,
    onDidChangeSettings((next) => {
      settings = next;
    }),
    registerCommands(host),
    registerTerminalProfile(host),
    vscode.window.registerWebviewPanelSerializer(testPanelType, { deserializeWebviewPanel: async (panel, state: unknown) => (await import('./proving/panel.ts')).reviveTestPanel(host, panel, state) }),
  );
  const first = setImmediate(() => void scope().catch(() => undefined)); // shown and logged by scope()
  context.subscriptions.push({ dispose: () => clearImmediate(first) });
  log.debug(`activated in ${Math.round(performance.now() - started)} ms`);

  return {
    api: { internal: host },
    async deactivate() {
      ended = true;
      await stop();
    },
  };
}
