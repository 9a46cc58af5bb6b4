/** What can be done with the models of a server, as tags of rows that menus ask for, and its downloads as rows. */
import type { ServerStatus } from '../operator.ts';
import type { ModelInfo } from '../servers/health.ts';
import { hasAbility } from '../servers/lifecycle/kinds.ts';
import { percentOf } from '../servers/lifecycle/progress.ts';
import { amountWords, remainingWords, speedWords } from '../servers/lifecycle/words.ts';
import type { StatusNode } from './node.ts';
import { detailNode } from './nodes.ts';

export function serverLifecycleTags({ server }: ServerStatus): readonly string[] {
  return server.unusable === undefined && hasAbility(server.kind, 'pull') ? ['pullable'] : [];
}

/** What runs elsewhere (Ollama's cloud) is neither loaded nor unloaded. */
export function modelLifecycleTags({ server }: ServerStatus, model: ModelInfo): readonly string[] {
  const has = (ability: Parameters<typeof hasAbility>[1]): boolean => hasAbility(server.kind, ability);
  const isHere = !model.capabilities?.includes('cloud');
  return [
    ...(has('load') && isHere && !model.loaded ? ['loadable'] : []),
    ...(has('unload') && isHere && model.loaded ? ['unloadable'] : []),
    ...(has('remove') ? ['removable'] : []),
    ...(has('copy') ? ['copyable'] : []),
    ...(has('show') ? ['describable'] : []),
  ];
}

/** "pulling 43 %", "pulling 2 models"; nothing where none is. Which model it is stands in the row below. */
export function pullWords({ pulls = [] }: ServerStatus): readonly string[] {
  const [first, ...others] = pulls;
  if (!first) return [];
  const percent = percentOf(first.progress);
  return [others.length > 0 ? `pulling ${pulls.length} models` : `pulling${percent === undefined ? '…' : ` ${percent} %`}`];
}

export function pullNodes(id: string, { pulls = [] }: ServerStatus): readonly StatusNode[] {
  return pulls.map(({ model, progress }) => {
    const percent = percentOf(progress);
    const isDownloading = progress.status === 'downloading';
    const words = [`${isDownloading ? 'pulling' : progress.status}${percent === undefined ? '' : ` ${percent} %`}`, ...(isDownloading ? [amountWords(progress), speedWords(progress), remainingWords(progress)] : [])].filter((text) => text !== '');
    return { ...detailNode(`${id}/pull/${model}`, model, words.join(' · '), 'sync~spin', 'pull'), tone: 'busy' };
  });
}
