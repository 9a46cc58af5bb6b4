/** The vendor's own service of tools that have no builtin server, in the form of a model server. */
import type { ModelServer } from '../config/model.ts';
import { defaultRequestTimeoutMs } from '../servers/builtin.ts';
import type { ToolRecord } from '../tools/model.ts';

/** What `record` runs on without a `model_server`; undefined where one must be named. Never probed, never listed. */
export function ownServiceOf({ ownService }: ToolRecord): ModelServer | undefined {
  if (!ownService) return undefined;
  return {
    name: ownService.name,
    displayName: ownService.displayName,
    origin: { layer: 'builtin' },
    kind: 'openai-compat',
    baseUrl: ownService.url,
    openaiPath: '/v1',
    protocols: [],
    placement: 'third-party',
    placementDeclared: false,
    auth: { type: 'none' },
    headers: {},
    extraEnv: {},
    requestTimeoutMs: defaultRequestTimeoutMs,
    models: [],
  };
}
