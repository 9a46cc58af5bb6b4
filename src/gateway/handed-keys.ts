/** Keys that the command line or the extension hands over for REST, in memory only. */
import type { HandedKeysRequest } from '../core/gateway/control.ts';
import type { HandedKeys } from '../core/gateway/rest.ts';

export interface HandedKeyStore extends HandedKeys {
  /** What is handed over under a name replaces what was there before. */
  add(keys: HandedKeysRequest): void;
}

export function createHandedKeys(): HandedKeyStore {
  const stores = { env: new Map<string, string>(), secret: new Map<string, string>() };
  let version = 0;
  return {
    get: (store, name) => stores[store].get(name),
    get version() {
      return version;
    },
    add(keys) {
      let isNew = false;
      for (const store of ['env', 'secret'] as const) {
        for (const [name, value] of Object.entries(keys[store])) {
          isNew ||= stores[store].get(name) !== value;
          stores[store].set(name, value);
        }
      }
      if (isNew) version++;
    },
  };
}
