import assert from 'node:assert/strict';
import { isOperatorError } from '../../../src/core/errors.ts';
import { createKeyring, type KeyringModule } from '../../../src/platform/secrets.ts';

/** A keyring in memory with the face of the real one. */
function fakeModule(): { readonly module: KeyringModule; readonly stores: unknown[] } {
  const values = new Map<string, string>();
  const stores: unknown[] = [];
  class AsyncEntry {
    #key: string;
    constructor(service: string, name: string, options?: unknown) {
      this.#key = `${service}/${name}`;
      stores.push(options);
    }
    async getPassword(): Promise<string | null> {
      return values.get(this.#key) ?? null;
    }
    async setPassword(password: string): Promise<void> {
      values.set(this.#key, password);
    }
    async deleteCredential(): Promise<boolean> {
      return values.delete(this.#key);
    }
  }
  return { module: { AsyncEntry, findCredentialsAsync: async () => [...values.keys()].map((key) => ({ account: key.slice('operator/'.length) })) }, stores };
}

describe('the keyring', () => {
  it('keeps, lists and forgets keys by name', async () => {
    const { module } = fakeModule();
    const keyring = createKeyring(async () => module);
    await keyring.set('b', '2');
    await keyring.set('a', '1');
    assert.equal(await keyring.get('a'), '1');
    assert.equal(await keyring.get('missing'), undefined);
    assert.deepEqual(await keyring.list(), ['a', 'b']);
    await keyring.delete('a');
    assert.equal(await keyring.get('a'), undefined);
    await keyring.delete('a');
  });

  it("never falls back to the kernel's keyring, which forgets", async () => {
    const { module, stores } = fakeModule();
    await createKeyring(async () => module).get('a');
    assert.deepEqual(stores, [{ linux: { store: 'secret-service' } }]);
  });

  it('says what to use instead where there is none', async () => {
    const missing = createKeyring(() => Promise.reject(new Error("Cannot find package '@napi-rs/keyring'")));
    const broken = createKeyring(async () => ({
      ...fakeModule().module,
      AsyncEntry: class {
        constructor() {
          throw new Error('zbus error: no such file.\n  at x');
        }
      } as unknown as KeyringModule['AsyncEntry'],
    }));
    for (const [keyring, because] of [[missing, /@napi-rs\/keyring is not installed$/], [broken, /zbus error: no such file$/]] as const) {
      await assert.rejects(keyring.get('a'), (error) => {
        assert.ok(isOperatorError(error) && error.code === 'credential');
        assert.match(error.message, because);
        assert.match(error.hint ?? '', /env:NAME.*file:PATH/);
        return true;
      });
    }
  });
});
