/** What Gemini's models differ in, by their names (https://ai.google.dev/gemini-api/docs/thinking). */

export type ThinkingLevel = 'minimal' | 'low' | 'medium' | 'high';

export interface GeminiModel {
  /** How thinking is asked for; `unknown` for names that are none of Google's. */
  readonly thinking: 'none' | 'budget' | 'level' | 'unknown';
  /** The least first. */
  readonly levels: readonly ThinkingLevel[];
  readonly budget: { readonly least: number; readonly most: number; readonly canStop: boolean };
  /** Takes a schema for the answer beside tools. */
  readonly jsonWithTools: boolean;
  /** Takes images within the result of a function. */
  readonly imagesInResults: boolean;
}

const anyBudget = { least: 1, most: 32_768, canStop: true };
const flashBudget = { least: 1, most: 24_576, canStop: true };

export function geminiModel(name: string): GeminiModel {
  const match = /gemini-(?:live-|robotics-er-)?(\d+)(?:\.(\d+))?(-[a-z-]*)?/i.exec(name);
  if (!match) return /gemma|learnlm|aqa/i.test(name) ? model('none') : { ...model('unknown'), jsonWithTools: true };
  const [major, minor, variant] = [Number(match[1]), Number(match[2] ?? 0), (match[3] ?? '').toLowerCase()];
  if (major >= 3) {
    const isPro = variant.includes('pro');
    const levels: readonly ThinkingLevel[] = !isPro ? ['minimal', 'low', 'medium', 'high'] : minor === 0 && major === 3 ? ['low', 'high'] : ['low', 'medium', 'high'];
    return { ...model('level'), levels, jsonWithTools: true, imagesInResults: true };
  }
  if (major < 2 || minor < 5) return model('none');
  if (variant.includes('image') || variant.includes('tts')) return model('none');
  if (variant.includes('lite')) return { ...model('budget'), budget: { ...flashBudget, least: 512 } };
  return { ...model('budget'), budget: variant.includes('pro') ? { least: 128, most: 32_768, canStop: false } : flashBudget };
}

function model(thinking: GeminiModel['thinking']): GeminiModel {
  return { thinking, levels: [], budget: anyBudget, jsonWithTools: false, imagesInResults: false };
}
