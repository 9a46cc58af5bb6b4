/**
 * The Gemini wire, as far as we read it (https://ai.google.dev/api/generate-content). It is JSON of Protocol Buffers, so
 * that both spellings of every name are legal (`inlineData`, `inline_data`), and clients use both. Unknown fields pass.
 */
import * as z from 'zod';
import { understoodOnce } from '../understood.ts';
import { isJsonObject } from '../json.ts';

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();
const anything = z.unknown().optional();

/** An object whose names may be in snake case. Only its own names: what is inside of arguments and schemas is the user's. */
function message<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodType<z.infer<z.ZodObject<Shape, z.core.$loose>>> {
  return z.preprocess(camelNames, z.looseObject(shape)) as unknown as z.ZodType<z.infer<z.ZodObject<Shape, z.core.$loose>>>;
}

function camelNames(value: unknown): unknown {
  if (!isJsonObject(value) || !Object.keys(value).some((name) => name.includes('_'))) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), field]));
}

const blobSchema = message({ mimeType: text, data: text, displayName: text });
const fileSchema = message({ mimeType: text, fileUri: text, displayName: text });

export const partSchema = message({
  text,
  thought: flag,
  thoughtSignature: text,
  inlineData: blobSchema.nullish(),
  fileData: fileSchema.nullish(),
  functionCall: message({ id: text, name: text, args: anything }).nullish(),
  functionResponse: message({ id: text, name: text, response: anything, parts: z.array(message({ inlineData: blobSchema.nullish(), fileData: fileSchema.nullish() })).nullish() }).nullish(),
  executableCode: message({ language: text, code: text }).nullish(),
  codeExecutionResult: message({ outcome: text, output: text }).nullish(),
});
export type WirePart = z.infer<typeof partSchema>;

const contentSchema = message({ role: text, parts: z.array(partSchema).nullish() });
export type WireContent = z.infer<typeof contentSchema>;

const declarationSchema = message({ name: z.string().min(1), description: text, parameters: anything, parametersJsonSchema: anything });
export type WireDeclaration = z.infer<typeof declarationSchema>;

const toolSchema = message({ functionDeclarations: z.array(declarationSchema).nullish() });
export type WireTool = z.infer<typeof toolSchema>;

const generationSchema = message({
  temperature: number,
  topP: number,
  topK: number,
  maxOutputTokens: number,
  stopSequences: z.array(z.string()).nullish(),
  seed: number,
  presencePenalty: number,
  frequencyPenalty: number,
  candidateCount: number,
  responseMimeType: text,
  responseSchema: anything,
  responseJsonSchema: anything,
  responseModalities: z.array(z.string()).nullish(),
  responseLogprobs: flag,
  thinkingConfig: message({ includeThoughts: flag, thinkingBudget: number, thinkingLevel: text }).nullish(),
});
export type WireGeneration = z.infer<typeof generationSchema>;

export const requestSchema = message({
  model: text,
  contents: z.union([z.array(understoodOnce(contentSchema)), contentSchema]).nullish(),
  systemInstruction: z.union([z.string(), contentSchema]).nullish(),
  tools: z.array(understoodOnce(toolSchema)).nullish(),
  toolConfig: message({ functionCallingConfig: message({ mode: text, allowedFunctionNames: z.array(z.string()).nullish() }).nullish() }).nullish(),
  generationConfig: generationSchema.nullish(),
  cachedContent: text,
});
export type WireRequest = z.infer<typeof requestSchema>;

export const countRequestSchema = message({ generateContentRequest: anything, contents: anything });

const usageSchema = message({
  promptTokenCount: number,
  cachedContentTokenCount: number,
  candidatesTokenCount: number,
  thoughtsTokenCount: number,
  toolUsePromptTokenCount: number,
  totalTokenCount: number,
});
export type WireUsage = z.infer<typeof usageSchema>;

const candidateSchema = message({ content: contentSchema.nullish(), finishReason: text, finishMessage: text, index: number });
export type WireCandidate = z.infer<typeof candidateSchema>;

/** A whole answer, and a chunk of a streamed one. */
export const answerSchema = message({
  candidates: z.array(candidateSchema).nullish(),
  promptFeedback: message({ blockReason: text, blockReasonMessage: text }).nullish(),
  usageMetadata: usageSchema.nullish(),
  modelVersion: text,
  responseId: text,
});
export type WireAnswer = z.infer<typeof answerSchema>;

export const countAnswerSchema = message({ totalTokens: number });
