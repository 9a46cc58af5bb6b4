/** llama.cpp's `/props`: what the list of models does not tell. github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md */
import * as z from 'zod';
import type { ModelInfo } from '../health.ts';
import { filled, positive } from './page.ts';

const props = z.looseObject({
  build_info: z.string().nullish().catch(undefined),
  default_generation_settings: z.looseObject({ n_ctx: z.number().nullish().catch(undefined) }).nullish().catch(undefined),
  modalities: z.looseObject({ vision: z.boolean().nullish().catch(undefined), audio: z.boolean().nullish().catch(undefined) }).nullish().catch(undefined),
  /** Unloaded after a while without work; the next request would load it again. */
  is_sleeping: z.boolean().nullish().catch(undefined),
});

export interface LlamacppProps {
  /** Such as "b9812-a1b2c3d4e". */
  readonly version?: string;
  /** Tokens of one slot. */
  readonly context?: number;
  readonly capabilities: readonly string[];
  readonly isSleeping: boolean;
}

export function parseLlamacppProps(value: unknown): LlamacppProps | undefined {
  const parsed = props.safeParse(value);
  if (!parsed.success) return undefined;
  const { build_info: version, default_generation_settings: settings, modalities, is_sleeping: isSleeping } = parsed.data;
  return {
    ...(filled(version) && { version: filled(version) }),
    ...(positive(settings?.n_ctx) && { context: positive(settings?.n_ctx) }),
    capabilities: [...(modalities?.vision ? ['vision'] : []), ...(modalities?.audio ? ['audio'] : [])],
    isSleeping: isSleeping ?? false,
  };
}

/** Adds the properties to the one model that the server has; the router (several models) tells them per model only. */
export function withProps(models: readonly ModelInfo[], { context, capabilities, isSleeping }: LlamacppProps): readonly ModelInfo[] {
  const [only] = models;
  if (!only || models.length > 1) return models;
  return [{ ...only, ...(context && { loadedContext: context }), loaded: !isSleeping, ...(capabilities.length > 0 && { capabilities: [...(only.capabilities ?? []), ...capabilities] }) }];
}
