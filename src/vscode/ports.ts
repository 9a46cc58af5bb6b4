/** The ports that VS Code owns: keys in SecretStorage, the log in its output channel, variables that its terminals add. */
import * as vscode from 'vscode';
import type { Env, Log, Secrets } from '../core/ports.ts';
import { redactLog } from '../platform/log.ts';
import type { Redactor } from '../platform/redact.ts';

export function createSecrets(storage: vscode.SecretStorage): Secrets {
  return {
    description: vscode.l10n.t("VS Code's secret storage"),
    async get(name) {
      return storage.get(name);
    },
    async set(name, value) {
      await storage.store(name, value);
    },
    async delete(name) {
      await storage.delete(name);
    },
  };
}

export function createLog(channel: vscode.LogOutputChannel, redactor: Redactor): Log {
  return redactLog(channel, redactor);
}

/**
 * `env` as the integrated terminals see it: with the variables of `terminal.integrated.env.*`, which also decide where tools are found.
 * VS Code gives an untrusted workspace no say in them.
 */
export function withTerminalVariables(env: Env): Env {
  const all = (): Readonly<Record<string, string>> => {
    const merged: Record<string, string> = { ...env.all() };
    for (const [name, value] of Object.entries(terminalVariables(env.platform))) {
      const key = env.platform === 'win32' ? (Object.keys(merged).find((known) => known.toUpperCase() === name.toUpperCase()) ?? name) : name;
      if (value === null) delete merged[key];
      else merged[key] = value.replaceAll(/\$\{env:([^}]+)\}/g, (_, variable: string) => env.get(variable) ?? '');
    }
    return merged;
  };
  return { ...env, all, get: (name) => (name in terminalVariables(env.platform) ? all()[name] : env.get(name)) };
}

function terminalVariables(platform: Env['platform']): Readonly<Record<string, string | null>> {
  const section = { linux: 'linux', darwin: 'osx', win32: 'windows', other: 'linux' }[platform];
  const value = vscode.workspace.getConfiguration('terminal.integrated.env').get<unknown>(section);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string | null] => entry[1] === null || typeof entry[1] === 'string'));
}
