/** What commands, wizards and terminals stand on: the extension's long-lived parts, and the scope of one running Operator. */
import type * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import type { ConfigWriter, Operator } from '../core/operator.ts';
import type { Log, Ports } from '../core/ports.ts';
import type { PlanDocuments } from './plan-documents.ts';
import type { Settings } from './settings.ts';
import type { Sessions } from './terminal/sessions.ts';
import type { StatusView } from './tree/view.ts';
import type { Ui } from './ui/ui.ts';

/** Lives as long as the extension is active. */
export interface Host {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly channel: vscode.LogOutputChannel;
  readonly view: StatusView;
  readonly plans: PlanDocuments;
  readonly settings: Settings;
  /** Suites put a scripted person here. */
  ui: Ui;
  /** The running Operator with everything that belongs to it, once its first rows are there. @throws what starting it threw */
  scope(): Promise<Scope>;
  /** Ends the scope and starts a new one. */
  restart(): Promise<Scope>;
}

/** Lives from one start of Operator to the next: whatever it listens to or holds ends with it. */
export interface Scope extends Disposable {
  readonly operator: Operator;
  readonly ports: Ports;
  readonly sessions: Sessions;
  readonly writer: ConfigWriter;
  /** Ends `item` with the scope. */
  own(item: Disposable): void;
  /** Resolves when the LLM tools were looked for once. Starts nothing in an untrusted workspace. */
  detected(): Promise<void>;
  /** Looks for the tools again. */
  detectAgain(): Promise<void>;
}
