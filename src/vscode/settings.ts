/** The settings, typed. Defaults here equal those of package.json (`test/manifest.test.ts`). */
import type * as vscode from 'vscode';
import { type SettingId, settingIds } from './ids.ts';

export const terminalLocations = ['panel', 'editor', 'beside'] as const;
export type TerminalLocationSetting = (typeof terminalLocations)[number];

export interface Settings {
  /** Seconds between two rounds of probes while the view is visible; 0 is off. */
  readonly probeIntervalSeconds: number;
  readonly probeWhenViewOpens: boolean;
  readonly discovery: boolean;
  readonly terminalLocation: TerminalLocationSetting;
  /** Above the entries of operator.toml. */
  readonly codeLens: boolean;
}

/** Shorter intervals would only burden servers: a round of probes may itself take two seconds. */
export const minimumProbeIntervalSeconds = 5;

export const settingDefaults: Readonly<Record<SettingId, unknown>> = {
  [settingIds.probeInterval]: 60,
  [settingIds.probeOnViewVisible]: true,
  [settingIds.discovery]: true,
  [settingIds.terminalLocation]: 'panel',
  [settingIds.codeLens]: true,
};

/** Reads all settings. A value of the wrong type, which VS Code lets through, counts as the default. */
export function readSettings(configuration: Pick<vscode.WorkspaceConfiguration, 'get'>): Settings {
  const location = configuration.get<unknown>(settingIds.terminalLocation);
  return {
    probeIntervalSeconds: interval(configuration.get<unknown>(settingIds.probeInterval)),
    probeWhenViewOpens: flag(configuration, settingIds.probeOnViewVisible),
    discovery: flag(configuration, settingIds.discovery),
    terminalLocation: terminalLocations.find((known) => known === location) ?? 'panel',
    codeLens: flag(configuration, settingIds.codeLens),
  };
}

function interval(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 60;
  return value <= 0 ? 0 : Math.max(minimumProbeIntervalSeconds, value);
}

function flag(configuration: Pick<vscode.WorkspaceConfiguration, 'get'>, id: SettingId): boolean {
  const value = configuration.get<unknown>(id);
  return typeof value === 'boolean' ? value : settingDefaults[id] === true;
}
