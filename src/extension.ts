/** Entry point of the extension. */
import type * as vscode from 'vscode';
import { type Activation, activateOperator, type OperatorApi } from './vscode/activate.ts';

let activation: Activation | undefined;

export function activate(context: vscode.ExtensionContext): OperatorApi {
  activation = activateOperator(context);
  return activation.api;
}

export async function deactivate(): Promise<void> {
  await activation?.deactivate();
  activation = undefined;
}
