/** Which model a report is of: the same for every report of one model on one server. */
import type { TestReport } from './model.ts';

export function reportKey({ serverId, model }: { readonly serverId: string; readonly model: string }): string {
  return JSON.stringify([serverId, model]);
}

/** Ollama lists `name:latest` for what people and files call `name`. */
export function findReport(reports: ReadonlyMap<string, TestReport> | undefined, serverId: string, model: string): TestReport | undefined {
  if (reports === undefined || reports.size === 0) return undefined;
  const short = model.replace(/:latest$/, '');
  return reports.get(reportKey({ serverId, model })) ?? reports.get(reportKey({ serverId, model: short })) ?? reports.get(reportKey({ serverId, model: `${short}:latest` }));
}
