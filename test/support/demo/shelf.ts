/** What the demo server has on its disk and in its memory: models come by being pulled, and go by being deleted. */
import { type DemoModel, demoModels, downloadable } from './models.ts';
import { BadRequest, field } from './route.ts';

/** A model under the name that it has here. */
export interface ShelvedModel {
  readonly name: string;
  readonly model: DemoModel;
}

export interface Loaded {
  /** Epoch ms. */
  readonly until: number;
  /** Tokens. */
  readonly context: number;
}

export interface Shelf {
  readonly models: readonly ShelvedModel[];
  /** `demo-echo:latest` is `demo-echo`, as Ollama has it. @throws BadRequest 404 */
  find(body: unknown, key?: string): ShelvedModel;
  /** What a name means in the library, on the disk or not. */
  inLibrary(name: string): DemoModel | undefined;
  /** Bytes of a model that were downloaded, whole or not. */
  bytesOf(model: DemoModel): number;
  download(model: DemoModel, bytes: number): void;
  add(name: string, model: DemoModel): void;
  remove(name: string): void;
  loaded(name: string, now: number): Loaded | undefined;
  load(name: string, loaded: Loaded | undefined): void;
}

/** @param names those that are there from the beginning; all but the ones that wait to be pulled when left out */
export function createShelf(names: readonly string[] = demoModels.map(({ name }) => name)): Shelf {
  const library = [...demoModels, ...downloadable];
  let models: readonly ShelvedModel[] = library.filter(({ name }) => names.includes(name)).map((model) => ({ name: model.name, model }));
  const bytes = new Map(models.map(({ model }) => [model, model.sizeBytes]));
  const memory = new Map<string, Loaded>();
  return {
    get models() {
      return models;
    },
    find(body, key = 'model') {
      const name = field(body, key) ?? field(body, 'name');
      if (typeof name !== 'string' || name === '') throw new BadRequest(400, `${key} is required`, 'missing_model');
      const found = models.find((shelved) => shelved.name === bare(name));
      if (!found) throw new BadRequest(404, `model "${name}" not found; the demo has ${models.map((shelved) => shelved.name).join(', ') || 'none'}`, 'model_not_found');
      return found;
    },
    inLibrary: (name) => library.find((model) => model.name === bare(name)),
    bytesOf: (model) => bytes.get(model) ?? 0,
    download: (model, count) => void bytes.set(model, Math.min(model.sizeBytes, count)),
    add(name, model) {
      if (!models.some((shelved) => shelved.name === bare(name))) models = [...models, { name: bare(name), model }];
    },
    remove(name) {
      const gone = models.find((shelved) => shelved.name === name);
      models = models.filter((shelved) => shelved !== gone);
      memory.delete(name);
      if (gone && !models.some(({ model }) => model === gone.model)) bytes.delete(gone.model);
    },
    loaded(name, now) {
      const entry = memory.get(name);
      return entry && entry.until > now ? entry : undefined;
    },
    load(name, loaded) {
      if (loaded) memory.set(name, loaded);
      else memory.delete(name);
    },
  };
}

function bare(name: string): string {
  return name.replace(/:latest$/, '');
}
