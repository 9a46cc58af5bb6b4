/** Starts one Operator and ties it to the window: rows, trust, folders, probes, sessions, problems. Loaded after activation. */
import * as vscode from 'vscode';
import { createOperator } from '../app/operator.ts';
import { DisposableStore } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { LaunchPlan } from '../core/launch/model.ts';
import type { Operator } from '../core/operator.ts';
import type { Clock } from '../core/ports.ts';
import { buildTree } from '../core/status/build.ts';
import { createNodePorts } from '../platform/ports.ts';
import type { Redactor } from '../platform/redact.ts';
import { createConfigWriter } from './config-writer.ts';
import { createDetection } from './detection.ts';
import { watchEditors } from './editors.ts';
import { createFollowUp } from './follow-up.ts';
import type { Host, Scope } from './host.ts';
import { startLanguage } from './language/start.ts';
import { createPolling, type PollingState } from './polling.ts';
import { createRedraw } from './redraw.ts';
import { createSecrets, withTerminalVariables } from './ports.ts';
import { onDidChangeSettings } from './settings-watch.ts';
import { createSessions } from './terminal/sessions.ts';

/** Resolves when operator.toml was read and its rows are shown. Detection and probes come after, and only while someone looks. */
export async function startScope(host: Host, redactor: Redactor): Promise<Scope> {
  const store = new DisposableStore();
  try {
    const { context, log, view } = host;
    const ports = createNodePorts({ log, redactor, secrets: createSecrets(context.secrets), env: withTerminalVariables, rememberVersions: 'refresh' });
    store.add(ports.http);
    const writer = store.add(createConfigWriter(ports.files));
    const operator = store.add(
      createOperator({
        ports,
        roots: folderPaths(),
        cwd: folderPaths()[0] ?? ports.env.homeDir,
        trusted: vscode.workspace.isTrusted,
        version: String(context.extension.packageJSON.version),
        operatorCommand: operatorCommand(context, 'dist/cli.js'),
        gatewayCommand: operatorCommand(context, 'dist/gateway.js'),
        redact: redactor.redact,
        writer,
        watch: true,
      }),
    );
    const redraw = store.add(createRedraw(() => view.show(buildTree(operator.snapshot, ports.clock.now()), operator.snapshot), ports.clock));
    store.add(operator.onDidChange(redraw.request));
    await operator.reload();
    redraw.request();
    void operator.tests.load();

    const reload = (): void => void operator.reload().catch((error: unknown) => log.error('reading operator.toml failed', error));
    const sessions = store.add(createSessions({ operator, memento: context.workspaceState, clock: ports.clock, log, onDidFind: (plan) => void openAgain(host, plan) }));
    const detection = store.add(createDetection({ operator, isTrusted: () => vscode.workspace.isTrusted, log }));
    store.add(startLanguage({ host, operator, ports, detected: detection.detected }));
    store.add(watchEditors({ view, writer, onDidSave: reload }));
    store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void operator.setRoots(folderPaths()).catch((error: unknown) => log.error('reading operator.toml failed', error))));
    store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => operator.setTrusted(true)));
    store.add(context.secrets.onDidChange(reload)); // a key that another window stored or removed
    lookWhileVisible(store, host, operator, ports.clock, detection.detected);
    return { operator, ports, sessions, writer, own: (item) => void store.add(item), detected: detection.detected, detectAgain: detection.again, dispose: () => store.dispose() };
  } catch (error) {
    store.dispose();
    throw error;
  }
}

/** A program of Operator's own, run by the Node that this is; inside Electron that is one only with the variable. */
function operatorCommand(context: vscode.ExtensionContext, file: string): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  return { argv: [process.execPath, context.asAbsolutePath(file)], env: process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {} };
}

/** Workspace roots that are folders on this machine. */
function folderPaths(): readonly string[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}

/** VS Code drew the row of its delegator before the terminal was back, and keeps rows closed that were drawn closed. */
async function openAgain({ view }: Host, { sessionId }: LaunchPlan): Promise<void> {
  const row = await view.provider.rowOf((subject) => subject.type === 'session' && subject.sessionId === sessionId);
  const parent = row && view.provider.getParent(row);
  if (parent) await view.open(parent.id);
}

/** Tools are looked for, the gateway found and servers probed once somebody looks at the view. */
function lookWhileVisible(store: DisposableStore, host: Host, operator: Operator, clock: Clock, detected: () => Promise<void>): void {
  const { view, log } = host;
  const changed = store.add(new Emitter<void>());
  const read = (): PollingState => ({
    visible: view.visible,
    trusted: vscode.workspace.isTrusted,
    intervalMs: host.settings.probeIntervalSeconds * 1000,
    whenVisible: host.settings.probeWhenViewOpens,
    discover: host.settings.discovery,
  });
  const lookOnce = (): void => {
    if (!view.visible) return;
    void detected();
    operator.findGateway().catch((error: unknown) => log.error('looking for the gateway failed', error));
  };
  const look = (): void => {
    lookOnce();
    changed.fire();
  };
  const onError = (error: unknown): void => log.error('probing failed', error);
  store.add(view.onDidChangeVisibility(look));
  store.add(vscode.workspace.onDidGrantWorkspaceTrust(look));
  store.add(onDidChangeSettings(() => changed.fire()));
  lookOnce();
  store.add(createPolling({ operator, clock, read, onDidChange: changed.event, onError }));
  store.add(createFollowUp({ operator, read, onError }));
}
