/** What launching a delegator would do, in a few lines of Markdown, keys masked. Pure, from what is known now. */
import { describeGatewayRoute } from '../../core/delegators/gateway-route.ts';
import type { PlanDescription } from '../../core/language/model.ts';
import { renderRoute, reportPlan } from '../../core/launch/render.ts';
import type { Operator } from '../../core/operator.ts';
import { code, escapeMarkdown } from '../../core/status/format.ts';

export function describePlan(operator: Pick<Operator, 'findDelegator' | 'findServer' | 'plan'>, id: string): PlanDescription | undefined {
  const status = operator.findDelegator(id);
  if (status?.id !== id) return undefined;
  const planned = operator.plan({ type: 'delegator', delegator: id });
  if (!planned.ok) {
    return {
      route: 'none, it cannot be launched',
      lines: planned.error.map(({ message, hint }) => `⚠ ${escapeMarkdown(message)}${hint === undefined ? '' : `. ${escapeMarkdown(hint)}`}`),
    };
  }
  const { argv, env, notes } = reportPlan(planned.value);
  const resolved = status.resolution.ok ? status.resolution.value : undefined;
  const server = resolved && operator.findServer(resolved.server.name, resolved.server.origin);
  const through = resolved && describeGatewayRoute(resolved, server?.health);
  const command = argv.map((word, index) => (index === 0 ? (word.split(/[\\/]/).at(-1) ?? word) : word));
  return {
    route: escapeMarkdown(renderRoute(planned.value.route)),
    lines: [
      ...(through ? [escapeMarkdown(through.reason)] : []),
      `Command: ${code(command.join(' '))}`,
      ...(Object.keys(env).length > 0 ? [['Environment:', '', ...Object.entries(env).map(([name, value]) => `- ${code(`${name}=${value}`)}`)].join('\n')] : []),
      ...notes.map(({ severity, message }) => `${severity === 'warning' ? '⚠ ' : ''}${escapeMarkdown(message)}`),
    ],
  };
}
