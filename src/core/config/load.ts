/** Reads operator.toml files into a {@link Configuration}. Nothing that stands in a file, or in its place, makes it throw. */
import { type Env, FileError, type FileSystem } from '../ports.ts';
import { maxConfigBytes } from './find.ts';
import { buildConfiguration, type SourceLayer } from './build.ts';
import type { LayerFile } from './find.ts';
import type { ConfigProblem, Configuration } from './model.ts';
import { brokenLayer, layerOfText } from './text-layer.ts';

export interface LoadInput {
  /** From `findConfigFiles`. */
  readonly layers: readonly LayerFile[];
  readonly files: FileSystem;
  readonly env: Env;
  /** Names of the catalogue's tools. */
  readonly toolNames: readonly string[];
  /** What a layer that is broken now falls back to. */
  readonly previous?: Configuration;
}

/** Never rejects for what is in the files: a broken one is a layer state and a problem, and its last good entries stay in force. */
export async function loadConfiguration(input: LoadInput): Promise<Configuration> {
  return buildConfiguration({
    sources: await Promise.all(input.layers.map((layer) => readSource(layer, input))),
    toolNames: input.toolNames,
    variable: (name) => input.env.get(name),
    resolvePath: (file, path) => input.files.resolve(input.files.dirname(file), path),
  });
}

async function readSource({ layer, root, file }: LayerFile, input: LoadInput): Promise<SourceLayer> {
  const common = { layer, ...(root !== undefined && { root }), file };
  try {
    const content = await input.files.read(file, { maxBytes: maxConfigBytes });
    return layerOfText(common, content, lastGoodOf(file, input.previous));
  } catch (error) {
    if (error instanceof FileError && error.problem === 'not-found') return { layer: { ...common, state: { type: 'absent' } }, locate: () => undefined };
    return brokenLayer(common, unreadableProblem(file, error, input), lastGoodOf(file, input.previous));
  }
}

function lastGoodOf(file: string, previous: Configuration | undefined): string | undefined {
  const state = previous?.layers.find((layer) => layer.file === file)?.state;
  return state?.type === 'loaded' ? state.text : state?.type === 'broken' ? state.lastGoodText : undefined;
}

function unreadableProblem(file: string, error: unknown, { files }: LoadInput): ConfigProblem {
  const [message, hint] = explain(error, files.basename(file));
  return { code: 'unreadable', severity: 'error', message, hint, where: { file }, subject: { type: 'file' } };
}

function explain(error: unknown, name: string): readonly [message: string, hint: string] {
  switch (error instanceof FileError ? error.problem : undefined) {
    case 'is-directory':
      return [`${name} is a folder, not a file`, `Rename or remove the folder`];
    case 'too-large':
      return [`${name} is larger than ${maxConfigBytes / 1024 / 1024} MB and is not read`, 'Make it smaller'];
    case 'not-utf8':
      return [`${name} is not UTF-8 text`, 'Save it with the encoding UTF-8'];
    case 'denied':
      return [`${name} may not be read`, 'Give yourself the right to read it'];
    default:
      return [`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'Check the disk and the folder that it is in'];
  }
}

