/** Tools and the choice among them, both ways. */
import { customToolAsFunction } from '../custom-tools.ts';
import type { UpstreamTraits } from '../codec.ts';
import { createFlatMap, createFold } from '../fold.ts';
import { entryOf, isJsonObject } from '../json.ts';
import { toObjectSchema, toPlainSchema } from '../json-schema.ts';
import type { IrRequest, IrTool, IrToolChoice, Json, JsonObject } from '../ir.ts';
import type { ToolNames } from '../tool-names.ts';
import type { Warn } from '../warnings.ts';
import { blocksOf, cacheMark, changedTool } from './blocks.ts';
import { cacheMarkOut } from './cache.ts';
import { contentSchema, toolSchema, type WireBlock, type WireRequest, type WireTool } from './schema.ts';

/** The tools that the model may call now; those that only Anthropic can run or load are left out. */
export function decodeTools(body: WireRequest, warn: Warn): readonly IrTool[] {
  const { referenced, added, removed } = toolChanges(body.messages, { context: undefined, warn });
  const declared = [...(body.tools ?? []).filter((tool) => !added.has(tool.name ?? '')), ...added.values()];
  // Without a tool to search with, nobody could ever load the deferred ones.
  const canSearch = declared.some((tool) => isFunction(tool) && tool.name === 'ToolSearch');
  return decodeDeclared(declared, { context: { referenced, removed, canSearch }, dependsOn: [[...referenced], [...removed], canSearch], warn });
}

interface Offer {
  readonly referenced: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
  readonly canSearch: boolean;
}

const decodeDeclared = createFlatMap<WireTool, IrTool, Offer>((tool, { context: { referenced, removed, canSearch }, warn }) => {
  const name = tool.name ?? '';
  if (!isFunction(tool)) {
    warn('unsupported-tool', `a tool of the type ${(tool.type ?? 'without a name').slice(0, 60)} was left out`);
    return [];
  }
  if (removed.has(name)) return [];
  if (tool.defer_loading === true && !referenced.has(name) && (canSearch || name === placeholder)) {
    warn('unsupported-tool', 'tools that are loaded later were left out until they are');
    return [];
  }
  return [
    {
      type: 'function',
      name,
      ...(typeof tool.description === 'string' ? { description: tool.description } : {}),
      schema: isJsonObject(tool.input_schema) ? tool.input_schema : { type: 'object', properties: {} },
      ...(typeof tool.strict === 'boolean' ? { strict: tool.strict } : {}),
      ...cacheMark(tool),
    },
  ];
});

/** Claude's stand-in for the tools that it can load. */
const placeholder = 'DeferredToolPlaceholder';

function isFunction(tool: WireTool): boolean {
  return (tool.type === undefined || tool.type === null || tool.type === 'custom') && typeof tool.name === 'string';
}

interface ToolChanges {
  readonly referenced: Set<string>;
  readonly removed: Set<string>;
  readonly added: Map<string, WireTool>;
}

/** What the conversation did to the list: results of a search for tools, and blocks in instructions that add and remove tools. */
const toolChanges = createFold<WireRequest['messages'][number], ToolChanges, undefined>({
  begin: () => ({ referenced: new Set(), removed: new Set(), added: new Map() }),
  step({ referenced, removed, added }, message) {
    for (const block of blocksOf(message.content)) {
      const changed = changedTool(block);
      if (block.type === 'tool_result' || block.type.endsWith('_tool_result')) for (const name of references(block)) referenced.add(name);
      else if (block.type === 'tool_removal' && changed) removed.add(changed.name);
      else if (block.type === 'tool_addition' && changed) {
        removed.delete(changed.name);
        referenced.add(changed.name);
        const definition = toolSchema.safeParse(changed.definition);
        if (definition.success) added.set(changed.name, definition.data);
      }
    }
  },
  isBorder: () => true,
  copy: ({ referenced, removed, added }) => ({ referenced: new Set(referenced), removed: new Set(removed), added: new Map(added) }),
});

function references(block: WireBlock): readonly string[] {
  const inner = contentSchema.safeParse(isJsonObject(block.content) ? block.content['tool_references'] : block.content);
  return inner.success ? blocksOf(inner.data).flatMap((part) => (part.type === 'tool_reference' && typeof part.tool_name === 'string' ? [part.tool_name] : [])) : [];
}

export function decodeToolChoice({ tool_choice: choice }: WireRequest): Pick<IrRequest, 'toolChoice' | 'parallelToolCalls'> {
  if (!choice) return {};
  const kinds: Readonly<Record<string, IrToolChoice>> = { auto: { type: 'auto' }, any: { type: 'required' }, none: { type: 'none' } };
  const toolChoice = choice.type === 'tool' && typeof choice.name === 'string' ? ({ type: 'tool', name: choice.name } as const) : entryOf(kinds, choice.type);
  return { ...(toolChoice === undefined ? {} : { toolChoice }), ...(typeof choice.disable_parallel_tool_use === 'boolean' ? { parallelToolCalls: !choice.disable_parallel_tool_use } : {}) };
}

export function encodeTools(request: IrRequest, traits: UpstreamTraits, names: ToolNames, warn: Warn): JsonObject {
  if (request.tools.length === 0) return {};
  const choice = encodeToolChoice(request, names);
  return { tools: encodeOffered(request.tools, { context: { traits, names }, dependsOn: [traits, names], warn }), ...(choice === undefined ? {} : { tool_choice: choice }) };
}

const encodeOffered = createFlatMap<IrTool, JsonObject, { readonly traits: UpstreamTraits; readonly names: ToolNames }>((tool, { context: { traits, names }, warn }) => [encodeTool(tool.type === 'custom' ? customToolAsFunction(tool, warn) : tool, traits, names, warn)]);

function encodeTool(tool: Extract<IrTool, { type: 'function' }>, { plainSchemas }: UpstreamTraits, names: ToolNames, warn: Warn): JsonObject {
  const object = toObjectSchema(tool.schema);
  const { schema, changes } = plainSchemas === true ? toPlainSchema(object.schema) : { schema: object.schema, changes: [] };
  const all = [...new Set([...object.changes, ...changes])];
  if (all.length > 0) warn('schema-changed', `the parameters of the tool ${tool.name} were simplified (${all.join(', ')})`);
  // Each of the vendors has other rules for a schema that may be strict.
  if (tool.strict === true) warn('approximated', 'tools are not bound strictly to their schema');
  return { name: names.toWire(tool.name), ...(tool.description === undefined ? {} : { description: tool.description }), input_schema: schema, ...cacheMarkOut(tool.cache) };
}

function encodeToolChoice({ toolChoice, parallelToolCalls }: IrRequest, names: ToolNames): Json | undefined {
  const one: JsonObject = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  switch (toolChoice?.type) {
    case 'none':
      return { type: 'none' };
    case 'required':
      return { type: 'any', ...one };
    case 'tool':
      return { type: 'tool', name: names.toWire(toolChoice.name), ...one };
    case 'auto':
      return { type: 'auto', ...one };
    case undefined:
      return parallelToolCalls === false ? { type: 'auto', ...one } : undefined;
  }
}
