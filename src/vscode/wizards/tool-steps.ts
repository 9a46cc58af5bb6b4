/** Steps that several wizards share: choosing a tool, and which servers it can use. */
import * as vscode from 'vscode';
import { describeGatewayRoute } from '../../core/delegators/gateway-route.ts';
import type { Refusal } from '../../core/launch/model.ts';
import type { ServerStatus, ToolStatus } from '../../core/operator.ts';
import { toolRows } from '../commands/choices.ts';
import type { Host, Scope } from '../host.ts';
import { type Answer, type ChoiceRow, type Frame, isHeading } from '../ui/ui.ts';

/** Any model name: whether a pairing works does not depend on it. */
const anyModel = 'model';

/** Reasons that go away by themselves or with one more step; a pairing with only these is not refused. */
const passing: ReadonlySet<Refusal['code']> = new Set(['tool-missing', 'credential', 'missing-model']);

export function pickTool(host: Host, scope: Scope, frame: Frame): Promise<Answer<ToolStatus>> {
  const rows = (): readonly ChoiceRow<ToolStatus>[] => toolRows(scope.operator.snapshot.tools).map((row) => (isHeading(row) ? row : { ...row, refusal: missingReason(row.value) }));
  return host.ui.pick(frame, { placeholder: vscode.l10n.t('Choose an LLM tool'), rows: rows(), load: (update) => scope.detected().then(() => update(rows())) });
}

export function missingReason({ record, detection }: ToolStatus): string | undefined {
  if (detection.state !== 'missing') return undefined;
  return record.install.command ? vscode.l10n.t('Not installed. Install it with: {0}', record.install.command) : vscode.l10n.t('Not found on PATH');
}

export interface FittingServers {
  /** What the tool runs on without a `model_server`: its builtin server or its own service, by display name. */
  readonly own?: { readonly displayName: string; readonly status?: ServerStatus };
  /** Servers that it can be pointed at. */
  readonly usable: readonly ServerStatus[];
  readonly refused: readonly { readonly status: ServerStatus; readonly reason: string }[];
  /** What the gateway does for those of `usable` that need it, by id: `gemini → ollama`. */
  readonly bridged: ReadonlyMap<string, string>;
}

export function serversFor({ operator }: Scope, { record }: ToolStatus): FittingServers {
  const usable: ServerStatus[] = [];
  const refused: { status: ServerStatus; reason: string }[] = [];
  const bridged = new Map<string, string>();
  const builtin = operator.snapshot.servers.find(({ server }) => server.origin.layer === 'builtin' && server.name === record.builtinServer);
  for (const status of operator.snapshot.servers) {
    if (status === builtin) continue;
    const resolved = operator.resolve({ type: 'ad-hoc', llmTool: record.name, model: anyModel, modelServer: status.id });
    const reason = resolved.ok ? undefined : resolved.error.find(({ code }) => !passing.has(code));
    if (reason) refused.push({ status, reason: `${reason.message}${reason.hint ? `. ${reason.hint}` : ''}` });
    else usable.push(status);
    const through = resolved.ok ? describeGatewayRoute(resolved.value, status.health) : undefined;
    if (through) bridged.set(status.id, through.path);
  }
  const own = builtin ? { displayName: builtin.server.displayName, status: builtin } : record.ownService ? { displayName: record.ownService.displayName } : undefined;
  return { ...(own && { own }), usable, refused, bridged };
}

/** Probes what was never probed, so that its models can be listed. */
export async function probeUnknown({ operator }: Scope, servers: readonly ServerStatus[], signal: AbortSignal): Promise<void> {
  const unknown = servers.filter(({ health }) => health.checkedAt === undefined).map(({ id }) => id);
  if (unknown.length > 0) await operator.probe(unknown, signal);
}
