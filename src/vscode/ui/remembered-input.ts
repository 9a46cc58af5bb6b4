/** An input that still knows what was typed when a wizard comes back to it. */
import type { Answer, Frame, InputOptions, Ui } from './ui.ts';

/**
 * Asks with what was typed last instead of `value`, as long as `key` is the same: another kind of server has another address.
 * Make one per step and wizard.
 */
export function rememberInput(ui: Ui): (frame: Frame, key: string, options: InputOptions) => Promise<Answer<string>> {
  let last: { readonly key: string; readonly suggested: string | undefined; readonly text: string } | undefined;
  return async (frame, key, options) => {
    // What nobody changed follows the suggestion.
    const kept = last?.key === key && last.text !== last.suggested ? last.text : undefined;
    const answer = await ui.input(frame, { ...options, value: kept ?? options.value });
    const text = answer.type === 'value' ? answer.value : answer.type === 'back' ? answer.text : undefined;
    if (text !== undefined) last = { key, suggested: options.value, text };
    return answer;
  };
}
