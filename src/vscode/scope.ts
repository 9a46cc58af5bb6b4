/** Starts one Operator and ties it to the window: rows, trust, folders, polling, sessions, problems. Loaded after activation. */
import * as vscode from 'vscode';
import { createOperator } from '../app/operator.ts';
import { Emitter } from '../base/event.ts';
import { DisposableStore } from '../base/disposable.ts';
import { configFileName } from '../core/config/find.ts';
import { buildTree } from '../core/status/build.ts';
import { createNodePorts } from '../platform/ports.ts';
import type { Redactor } from '../platform/redact.ts';
import { createConfigWriter } from './config-writer.ts';
import { createDiagnostics } from './diagnostics.ts';
import type { Host, Scope } from './host.ts';
import { createPolling } from './polling.ts';
import { createSecrets, withTerminalVariables } from './ports.ts';
import { onDidChangeSettings } from './settings-watch.ts';
import { reportEnd } from './terminal/report-end.ts';
import { createSessions } from './terminal/sessions.ts';

/** Resolves when operator.toml was read and its rows are shown. Detection and probes come after, and only while someone looks. */
export async function startScope(host: Host, redactor: Redactor): Promise<Scope> {
  const store = new DisposableStore();
  try {
    const ports = createNodePorts({ log: host.log, redactor, secrets: createSecrets(host.context.secrets), env: withTerminalVariables, rememberVersions: 'refresh' });
    store.add(ports.http);
    const writer = createConfigWriter(ports.files);
    const operator = store.add(
      createOperator({
        ports,
        roots: folderPaths(),
        cwd: folderPaths()[0] ?? ports.env.homeDir,
        trusted: vscode.workspace.isTrusted,
        version: String(host.context.extension.packageJSON.version),
        operatorCommand: { argv: [process.execPath, host.context.asAbsolutePath('dist/cli.js')], env: process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {} },
        writer,
        watch: true,
      }),
    );
    const report = (what: string) => (error: unknown): void => host.log.error(what, error);

    const redraw = (): void => host.view.show(buildTree(operator.snapshot, ports.clock.now()), operator.snapshot);
    store.add(operator.onDidChange(redraw));
    const diagnostics = store.add(createDiagnostics());
    store.add(operator.onDidChange((parts) => parts.has('configuration') && diagnostics.update(operator.snapshot.configuration)));

    let detection: Promise<void> | undefined;
    const ended = new AbortController();
    store.add({ dispose: () => ended.abort() });
    const detectAgain = (): Promise<void> => (detection = vscode.workspace.isTrusted ? operator.detect(ended.signal).catch(report('looking for LLM tools failed')) : Promise.resolve());
    const detected = (): Promise<void> => detection ?? detectAgain();

    await operator.reload();
    redraw();
    diagnostics.update(operator.snapshot.configuration);

    const sessions = store.add(createSessions({ operator, memento: host.context.workspaceState, clock: ports.clock, log: host.log, onDidEnd: (end) => void reportEnd(host, end).catch(report('reporting an end failed')) }));
    const scope: Scope = { operator, ports, sessions, writer, own: (item) => void store.add(item), detected, detectAgain, dispose: () => store.dispose() };

    const pollingChanged = store.add(new Emitter<void>());
    const visibilityChanged = (): void => {
      if (host.view.visible) void detected();
      pollingChanged.fire();
    };
    store.add(host.view.onDidChangeVisibility(visibilityChanged));
    store.add(onDidChangeSettings(() => pollingChanged.fire()));
    store.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        operator.setTrusted(true);
        detection = undefined;
        visibilityChanged();
      }),
    );
    store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void operator.setRoots(folderPaths()).catch(report('reading operator.toml failed'))));
    watchEditors(store, host, () => void operator.reload().catch(report('reading operator.toml failed')));
    if (host.view.visible) void detected();
    store.add(
      createPolling({
        operator,
        clock: ports.clock,
        onDidChange: pollingChanged.event,
        read: () => ({
          visible: host.view.visible,
          trusted: vscode.workspace.isTrusted,
          intervalMs: host.settings.probeIntervalSeconds * 1000,
          whenVisible: host.settings.probeWhenViewOpens,
          discover: host.settings.discovery,
        }),
        onError: report('probing failed'),
      }),
    );
    return scope;
  } catch (error) {
    store.dispose();
    throw error;
  }
}

/** Workspace roots that are folders on this machine. */
function folderPaths(): readonly string[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}

/** A saved file is read at once, also where no watcher tells; unsaved changes are mentioned, for the rows do not show them. */
function watchEditors(store: DisposableStore, host: Host, reload: () => void): void {
  const isConfig = (document: vscode.TextDocument): boolean => document.uri.scheme === 'file' && document.uri.path.endsWith(`/${configFileName}`);
  const mention = (): void => {
    const unsaved = vscode.workspace.textDocuments.some((document) => isConfig(document) && document.isDirty);
    host.view.setNotice(unsaved ? vscode.l10n.t('{0} has unsaved changes', configFileName) : undefined);
  };
  store.add(
    vscode.workspace.onDidSaveTextDocument((document) => {
      if (!isConfig(document)) return;
      mention();
      reload();
    }),
  );
  store.add(vscode.workspace.onDidChangeTextDocument(({ document }) => isConfig(document) && mention()));
  store.add(vscode.workspace.onDidCloseTextDocument((document) => isConfig(document) && mention()));
  mention();
}
