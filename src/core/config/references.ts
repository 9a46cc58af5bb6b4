/** Do the names that entries refer to lead anywhere? */
import type * as z from 'zod';
import { closest } from '../../base/text.ts';
import { readModelName } from '../delegators/model-name.ts';
import type { Entry } from './entries.ts';
import { type CustomTool, type Delegator, lookup, type ModelServer } from './model.ts';
import { type FileContext, type ProblemReport, quote } from './problems.ts';
import type { LlmToolsTable } from './tools.ts';

/** What one file came to. */
export interface BuiltFile {
  readonly file: FileContext;
  readonly llmTools: LlmToolsTable;
  readonly servers: Entries<ModelServer>;
  readonly delegators: Entries<Delegator>;
  readonly tools: Entries<CustomTool>;
}

export interface Entries<T> {
  readonly good: readonly T[];
  /** Where each good one is in the document, by name. */
  readonly paths: ReadonlyMap<string, Entry<z.ZodObject>>;
  /** Names of entries that are there and were left out. */
  readonly left: ReadonlySet<string>;
}

/** Reports tools and servers that nobody declares; the entries stay, and launching them says the same. */
export function checkReferences(files: readonly BuiltFile[], servers: readonly ModelServer[], customTools: readonly CustomTool[], catalogue: readonly string[]): void {
  const serversByName = Map.groupBy(servers, ({ name }) => name);
  const tools = new Set([...catalogue, ...customTools.map(({ name }) => name)]);
  const leftTools = new Set(files.flatMap((file) => [...file.tools.left]));
  for (const { file, delegators, llmTools } of files) {
    const known = { servers: serversByName, reachable: servers.filter((server) => lookup([server], server.name, file.origin)).map(({ name }) => name), tools, leftTools };
    for (const delegator of delegators.good) {
      const entry = delegators.paths.get(delegator.name);
      if (entry) checkDelegator(delegator, entry, file, known);
    }
    if (llmTools.defaultTool !== undefined && !tools.has(llmTools.defaultTool)) {
      const message = `llm_tools: default_tool ${quote(llmTools.defaultTool)} is not an LLM tool that Operator knows`;
      file.report({ code: 'unknown-tool', severity: 'warning', message, ...toolHint(llmTools.defaultTool, tools), path: ['llm_tools', 'default_tool'], subject: { type: 'file' } });
    }
    const { defaultTool: llmTool = '', defaultModel = '' } = llmTools;
    const model = readModelName({ llmTool, model: defaultModel });
    if (!model.ok) file.report({ code: 'invalid-value', severity: 'warning', message: `llm_tools: default_model: ${lowerFirst(model.error.message)}`, hint: model.error.hint, path: ['llm_tools', 'default_model'], subject: { type: 'file' } });
  }
}

interface Known {
  readonly servers: ReadonlyMap<string, readonly ModelServer[]>;
  /** Names of the servers that entries of this file may refer to. */
  readonly reachable: readonly string[];
  readonly tools: ReadonlySet<string>;
  readonly leftTools: ReadonlySet<string>;
}

function checkDelegator(delegator: Delegator, entry: Entry<z.ZodObject>, file: FileContext, known: Known): void {
  const { llmTool, modelServer, origin } = delegator;
  if (llmTool !== '' && !known.tools.has(llmTool)) {
    const isLeft = known.leftTools.has(llmTool);
    file.report({
      code: 'unknown-tool',
      severity: 'error',
      message: isLeft ? `${entry.label}: the LLM tool ${quote(llmTool)} is declared, but not completely` : `${entry.label}: there is no LLM tool ${quote(llmTool)}`,
      ...(isLeft ? { hint: 'Mend its entry in [[llm_tools.custom]]' } : toolHint(llmTool, known.tools)),
      path: [...entry.path, 'llm_tool'],
      subject: { ...entry.subject, key: 'llm_tool' },
    });
  }
  const model = readModelName(delegator);
  if (!model.ok) file.report({ code: 'invalid-value', severity: 'error', message: `${entry.label}: ${lowerFirst(model.error.message)}`, hint: model.error.hint, path: [...entry.path, 'model'], subject: { ...entry.subject, key: 'model' } });
  if (modelServer === undefined || lookup(known.servers.get(modelServer) ?? [], modelServer, origin)) return;
  const elsewhere = known.servers.get(modelServer)?.[0];
  // Comparing with everything is for files that a person can oversee.
  const near = known.reachable.length <= 300 ? closest(modelServer, known.reachable) : undefined;
  file.report({
    code: 'unknown-server',
    severity: 'error',
    message: elsewhere ? `${entry.label}: the model server ${quote(modelServer)} is declared in another place, which this file cannot refer to` : `${entry.label}: there is no model server ${quote(modelServer)}`,
    hint: elsewhere ? `Declare it in this file too; the other one is in ${elsewhere.where?.file ?? 'another file'}` : near === undefined ? `Declare it in [[model_servers]], or leave model_server out for the tool's own vendor` : `Did you mean ${quote(near)}?`,
    ...(!elsewhere && near !== undefined && { suggestion: near }),
    ...(elsewhere?.where && { related: [{ message: `Model server ${quote(modelServer)} is declared here`, where: elsewhere.where }] }),
    path: [...entry.path, 'model_server'],
    subject: { ...entry.subject, key: 'model_server' },
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function toolHint(name: string, tools: ReadonlySet<string>): Pick<ProblemReport, 'hint' | 'suggestion'> {
  const near = closest(name, tools);
  return near === undefined ? { hint: 'Describe it in [[llm_tools.custom]], or name one that `operator tools` lists' } : { hint: `Did you mean ${quote(near)}?`, suggestion: near };
}
