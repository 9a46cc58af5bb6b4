/** Which kinds of server have a lifecycle for their models. Another one is a record here, and a file with its calls. */
import { type ServerKindId, serverKind } from '../kinds.ts';
import type { LifecycleKind } from './kind.ts';
import type { LifecycleAbility } from './model.ts';
import { lmstudioSuggestions, ollamaSuggestions } from './suggestions.ts';

const kinds: Partial<Readonly<Record<ServerKindId, LifecycleKind>>> = {
  ollama: {
    abilities: ['pull', 'load', 'unload', 'remove', 'copy', 'show'],
    actions: async () => (await import('./ollama.ts')).ollamaActions,
    instead: {},
    afterCancel: 'What came is kept: pull it again to go on from there',
    suggestions: ollamaSuggestions,
  },
  lmstudio: {
    abilities: ['pull', 'load', 'unload', 'show'],
    actions: async () => (await import('./lmstudio.ts')).lmstudioActions,
    instead: {
      remove: 'Delete it in LM Studio under My Models',
      copy: 'Name it in a delegator instead, as often as you like',
    },
    // Its API has no way to stop one. lmstudio.ai/docs/developer/rest
    afterCancel: 'LM Studio goes on downloading: pause or stop it there under Downloads, or pull it again to watch',
    suggestions: lmstudioSuggestions,
  },
};

/** Undefined: its models come and go by other ways. */
export function lifecycleOf(kind: ServerKindId): LifecycleKind | undefined {
  return kinds[kind];
}

export function hasAbility(kind: ServerKindId, ability: LifecycleAbility): boolean {
  return kinds[kind]?.abilities.includes(ability) === true;
}

const verbs: Readonly<Record<LifecycleAbility, string>> = { pull: 'pull', load: 'load', unload: 'unload', remove: 'delete', copy: 'copy', show: 'describe' };

/** Why a server of this kind cannot do it, and what to do instead. */
export function inability(kind: ServerKindId, ability: LifecycleAbility, serverName: string): { readonly message: string; readonly hint: string } {
  const { displayName, modelsHint } = serverKind(kind);
  return { message: `${serverName} cannot ${verbs[ability]} models: ${displayName} has no way to be asked for it`, hint: kinds[kind]?.instead[ability] ?? modelsHint };
}
