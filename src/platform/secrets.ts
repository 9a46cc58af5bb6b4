/** The operating system's keyring as a store of keys: macOS Keychain, Windows Credential Manager, the Secret Service on Linux. */
import { OperatorError } from '../core/errors.ts';
import type { Secrets } from '../core/ports.ts';

/** Under this name the keys stand in the keyring. */
const service = 'operator';

/** Long enough for a person to unlock the keyring, short enough not to hang a script for ever. */
const timeoutMs = 60_000;

export interface Keyring extends Secrets {
  /** Names only, sorted. */
  list(): Promise<readonly string[]>;
}

/** What is used of `@napi-rs/keyring`. */
export interface KeyringModule {
  readonly AsyncEntry: new (
    service: string,
    name: string,
    options?: { readonly linux?: { readonly store?: 'secret-service' | 'keyutils' } },
  ) => {
    getPassword(signal?: AbortSignal): Promise<string | null | undefined>;
    setPassword(password: string, signal?: AbortSignal): Promise<void>;
    deleteCredential(signal?: AbortSignal): Promise<boolean>;
  };
  findCredentialsAsync(service: string, target?: string, signal?: AbortSignal): Promise<readonly { readonly account: string }[]>;
}

/** The package is optional and native, so that it is loaded at the first use and may be missing. */
async function loadKeyring(): Promise<KeyringModule> {
  return import('@napi-rs/keyring');
}

/** Every method rejects with OperatorError 'credential' where there is no usable keyring. */
export function createKeyring(load: () => Promise<KeyringModule> = loadKeyring): Keyring {
  const description = "the operating system's keyring";

  async function withModule<T>(use: (keyring: KeyringModule) => Promise<T>): Promise<T> {
    let keyring: KeyringModule;
    try {
      keyring = await load();
    } catch (error) {
      throw unusable('the optional package @napi-rs/keyring is not installed', error);
    }
    try {
      return await use(keyring);
    } catch (error) {
      throw unusable(error instanceof Error ? firstLine(error.message) : String(error), error);
    }
  }

  function withEntry<T>(name: string, use: (entry: InstanceType<KeyringModule['AsyncEntry']>) => Promise<T>): Promise<T> {
    // Without the Secret Service the package would fall back to the kernel's keyring, which forgets everything at the next start.
    return withModule(({ AsyncEntry }) => use(new AsyncEntry(service, name, { linux: { store: 'secret-service' } })));
  }

  return {
    description,
    get: (name) => withEntry(name, async (entry) => (await entry.getPassword(AbortSignal.timeout(timeoutMs))) ?? undefined),
    set: (name, value) => withEntry(name, (entry) => entry.setPassword(value, AbortSignal.timeout(timeoutMs))),
    delete: (name) =>
      withEntry(name, async (entry) => {
        await entry.deleteCredential(AbortSignal.timeout(timeoutMs));
      }),
    list: () =>
      withModule(async ({ findCredentialsAsync }) => {
        const found = await findCredentialsAsync(service, undefined, AbortSignal.timeout(timeoutMs));
        return found.map(({ account }) => account).sort();
      }),
  };
}

function unusable(because: string, cause: unknown): OperatorError {
  return new OperatorError('credential', `The operating system's keyring cannot be used: ${because}`, {
    hint: 'Name the key with api_key = "env:NAME" or api_key = "file:PATH" instead',
    cause,
  });
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replace(/\.$/, '');
}
