/** A test report as JSON, with the names of operator.toml: what REST answers. Times are ISO 8601. */
import type { LevelResult, Speed, TestReport } from './model.ts';

export interface SpeedReport {
  readonly first_token_ms: number | null;
  readonly tokens_per_second: number | null;
  /** The server counted no tokens: they are taken to be four characters each. */
  readonly estimated: boolean;
  readonly in_one_piece: boolean;
}

export interface LevelReport extends SpeedReport {
  readonly level: string;
  readonly outcome: string;
  /** null: nothing ran. */
  readonly ms: number | null;
  readonly reason: string | null;
  readonly expected: string | null;
  readonly came: string | null;
  readonly hint: string | null;
  /** It may well pass another time. */
  readonly transient: boolean;
  readonly warnings: readonly string[];
}

export interface ModelTestReport {
  readonly model_server: string;
  readonly model: string;
  readonly placement: string;
  readonly outcome: string;
  readonly started_at: string;
  readonly ms: number;
  readonly levels: readonly LevelReport[];
  readonly speed: SpeedReport | null;
  readonly context: { readonly claimed: number | null; readonly loaded: number | null };
  readonly usage: { readonly requests: number; readonly input_tokens: number | null; readonly output_tokens: number | null } | null;
}

export function reportTest({ modelServer, model, placement, outcome, startedAt, ms, levels, speed, context, usage }: TestReport): ModelTestReport {
  return {
    model_server: modelServer,
    model,
    placement,
    outcome,
    started_at: new Date(startedAt).toISOString(),
    ms,
    levels: levels.map(reportLevel),
    speed: speed ? reportSpeed(speed) : null,
    context: { claimed: context?.claimed ?? null, loaded: context?.loaded ?? null },
    usage: usage ? { requests: usage.requests, input_tokens: usage.inputTokens ?? null, output_tokens: usage.outputTokens ?? null } : null,
  };
}

function reportLevel(result: LevelResult): LevelReport {
  const { level, outcome, ms, reason, expected, came, hint, transient, warnings } = result;
  return { level, outcome, ms: ms ?? null, reason: reason ?? null, expected: expected ?? null, came: came ?? null, hint: hint ?? null, transient: transient ?? false, warnings, ...reportSpeed(result) };
}

function reportSpeed({ firstTokenMs, tokensPerSecond, estimated, inOnePiece }: Speed): SpeedReport {
  return { first_token_ms: firstTokenMs ?? null, tokens_per_second: tokensPerSecond ?? null, estimated: estimated ?? false, in_one_piece: inOnePiece ?? false };
}
