/**
 * Custom tools (free text, as codex's apply_patch) for targets that know only functions: a function with one string.
 * The encoder of such a target declares {@link customToolAsFunction} and wraps earlier inputs with {@link wrapCustomInput};
 * the client's own encoder, which knows that the tool is a custom one, takes the text out again.
 */
import { isJsonObject, parseJson } from './json.ts';
import type { IrTool } from './ir.ts';
import type { Warn } from './warnings.ts';

/** The name of the one parameter. */
export const customInputField = 'input';

type CustomTool = Extract<IrTool, { type: 'custom' }>;
type FunctionTool = Extract<IrTool, { type: 'function' }>;

/** The grammar, which no function can enforce, goes into the description for the model to read. */
export function customToolAsFunction(tool: CustomTool, warn: Warn): FunctionTool {
  if (tool.grammar !== undefined) warn('approximated', `the grammar of the tool ${tool.name} is told to the model, but does not bind it`);
  const grammar = tool.grammar === undefined ? '' : `The input must match this ${tool.grammar.syntax} grammar:\n${tool.grammar.definition}`;
  const description = [tool.description ?? '', grammar].filter((text) => text !== '').join('\n\n');
  return {
    type: 'function',
    name: tool.name,
    ...(description === '' ? {} : { description }),
    schema: {
      type: 'object',
      properties: { [customInputField]: { type: 'string', description: 'The whole input of the tool, as plain text' } },
      required: [customInputField],
      additionalProperties: false,
    },
  };
}

/** Free text → the arguments of that function. */
export function wrapCustomInput(text: string): string {
  return JSON.stringify({ [customInputField]: text });
}

/**
 * The arguments of that function → free text. Models also answer with another name for the one string, with a bare
 * string, or with the text itself; each is understood.
 */
export function unwrapCustomInput(argumentsText: string): string {
  const value = parseJson(argumentsText);
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) return argumentsText;
  const named = value[customInputField];
  if (typeof named === 'string') return named;
  const texts = Object.values(value).filter((item) => typeof item === 'string');
  return texts.length === 1 && texts[0] !== undefined ? texts[0] : argumentsText;
}
