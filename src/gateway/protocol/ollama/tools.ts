/** Tools, both ways. */
import { customToolAsFunction } from '../custom-tools.ts';
import { createFlatMap } from '../fold.ts';
import { isJsonObject } from '../json.ts';
import { toObjectSchema, toPlainSchema } from '../json-schema.ts';
import type { IrRequest, IrTool, JsonObject } from '../ir.ts';
import type { ToolNames } from '../tool-names.ts';
import type { Warn } from '../warnings.ts';
import type { WireRequest } from './schema.ts';

export function decodeTools(body: WireRequest, warn: Warn): readonly IrTool[] {
  return decodeDeclared(body.tools ?? [], { context: undefined, warn });
}

const decodeDeclared = createFlatMap<NonNullable<WireRequest['tools']>[number], IrTool, undefined>(({ type, function: declared }, { warn }) => {
  if (typeof declared?.name !== 'string') {
    warn('unsupported-tool', `a tool of the type ${(type ?? 'without a name').slice(0, 60)} was left out`);
    return [];
  }
  const { name, description, parameters } = declared;
  return [{ type: 'function', name, ...(typeof description === 'string' ? { description } : {}), schema: isJsonObject(parameters) ? parameters : { type: 'object', properties: {} } }];
});

/** Ollama has a small type of its own for parameters: what it does not know never reaches the model, and some of it is refused. */
export function encodeTools({ tools, toolChoice }: IrRequest, names: ToolNames, warn: Warn): JsonObject {
  // There is no choice on this wire, but a model cannot call what it does not know.
  if (tools.length === 0 || toolChoice?.type === 'none') return {};
  const offered = toolChoice?.type === 'tool' ? tools.filter((tool) => tool.name === toolChoice.name) : tools;
  return { tools: encodeOffered(offered.length === 0 ? tools : offered, { context: names, dependsOn: names, warn }) };
}

const encodeOffered = createFlatMap<IrTool, JsonObject, ToolNames>((tool, { context: names, warn }) => [encodeTool(tool.type === 'custom' ? customToolAsFunction(tool, warn) : tool, names, warn)]);

function encodeTool(tool: Extract<IrTool, { type: 'function' }>, names: ToolNames, warn: Warn): JsonObject {
  const object = toObjectSchema(tool.schema);
  const plain = toPlainSchema(object.schema);
  const changes = [...new Set([...object.changes, ...plain.changes])];
  if (changes.length > 0) warn('schema-changed', `the parameters of the tool ${tool.name} were simplified (${changes.join(', ')})`);
  return { type: 'function', function: { name: names.toWire(tool.name), ...(tool.description === undefined ? {} : { description: tool.description }), parameters: plain.schema } };
}
