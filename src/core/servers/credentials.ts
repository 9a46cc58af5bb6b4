/** Keys: read through their reference at the last moment, and put where the server wants them. Nothing here is ever shown. */
import { assertNever } from '../../base/assert.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import type { ModelServer } from '../config/model.ts';
import { FileError, type Env, type FileSystem, type Secrets } from '../ports.ts';
import type { CredentialRef } from './auth.ts';

/** Why a reference gives no key, and what would help. Holds nothing of the key. */
export interface CredentialProblem {
  readonly message: string;
  readonly hint: string;
}

export interface CredentialPorts {
  readonly env: Env;
  readonly secrets: Secrets;
  readonly files: FileSystem;
}

/** Keys are short; a file that is larger is the wrong one. */
const maxKeyFileBytes = 64 * 1024;

/** Reads the key that `ref` names: without the line break at its end, and usable in a header. */
export async function resolveCredential(ref: CredentialRef, ports: CredentialPorts): Promise<Result<string, CredentialProblem>> {
  const read = await readKey(ref, ports);
  return read.ok ? checkKey(read.value, ref) : read;
}

async function readKey(ref: CredentialRef, { env, secrets, files }: CredentialPorts): Promise<Result<string, CredentialProblem>> {
  switch (ref.store) {
    case 'env': {
      const value = env.get(ref.name);
      if (value !== undefined && value !== '') return ok(value);
      return fail({
        message: value === undefined ? `The environment variable ${ref.name} is not set` : `The environment variable ${ref.name} is empty`,
        hint: `Set ${ref.name} where Operator is started from, or store the key with "Set API Key"`,
      });
    }
    case 'secret': {
      const hint = 'Store it with "Set API Key"';
      try {
        const value = await secrets.get(ref.name);
        return value === undefined || value === '' ? fail({ message: `There is no key "${ref.name}" in ${secrets.description}`, hint }) : ok(value);
      } catch {
        // What a keyring says when it cannot be opened is of no use to the person who has to unlock it.
        return fail({ message: `The key "${ref.name}" cannot be read from ${secrets.description}`, hint: 'Unlock it, or name the key with api_key = "env:NAME"' });
      }
    }
    case 'file': {
      try {
        const { text } = await files.read(ref.name, { maxBytes: maxKeyFileBytes });
        return ok(text.replace(/^\uFEFF/, ''));
      } catch (error) {
        return fail({ message: `The key file ${ref.name} ${fileWords(error)}`, hint: 'Write the key, and nothing else, into that file' });
      }
    }
    default:
      return assertNever(ref.store);
  }
}

function fileWords(error: unknown): string {
  switch (error instanceof FileError ? error.problem : undefined) {
    case 'not-found':
      return 'does not exist';
    case 'is-directory':
      return 'is a folder';
    case 'denied':
      return 'may not be read: permission denied';
    case 'too-large':
      return 'is too large to be a key';
    case 'not-utf8':
      return 'is not a text file';
    default:
      return 'cannot be read';
  }
}

/** A line break inside would end the header and begin another one. */
function checkKey(text: string, ref: CredentialRef): Result<string, CredentialProblem> {
  const key = text.replace(/\r?\n$/, '');
  const where = { env: `in the environment variable ${ref.name}`, secret: `"${ref.name}"`, file: `in ${ref.name}` }[ref.store];
  const hint = 'Store the key again, as one line without anything around it';
  if (key === '') return fail({ message: `The key ${where} is empty`, hint });
  if (/[\u0000-\u001f\u007f]/.test(key)) return fail({ message: `The key ${where} contains a line break or another control character`, hint });
  if (/[^\u0020-\u007e]/.test(key)) return fail({ message: `The key ${where} contains characters that no key has, such as typographic quotes`, hint });
  if (key !== key.trim()) return fail({ message: `The key ${where} begins or ends with a space`, hint });
  return ok(key);
}

export interface Authorized {
  /** Lower-case names; the entry's own headers included. */
  readonly headers: Readonly<Record<string, string>>;
  /** Holds the key when the server wants it in the query: never to be shown. */
  readonly url: string;
}

/**
 * Adds the entry's headers, the key (`undefined`: none is sent) as the server's scheme says, and `anthropic-version` where
 * Anthropic's API is spoken.
 */
export function authorize(server: Pick<ModelServer, 'kind' | 'auth' | 'headers'>, key: string | undefined, url: string): Authorized {
  const headers: Record<string, string> = server.kind === 'anthropic-api' ? { 'anthropic-version': '2023-06-01' } : {};
  for (const [name, value] of Object.entries(server.headers)) headers[name.toLowerCase()] = value;
  if (key === undefined) return { headers, url };
  const { auth } = server;
  switch (auth.type) {
    case 'bearer':
      return { headers: { ...headers, authorization: `Bearer ${key}` }, url };
    case 'x-api-key':
      return { headers: { ...headers, 'x-api-key': key }, url };
    case 'header':
      return { headers: { ...headers, [auth.name.toLowerCase()]: key }, url };
    case 'query': {
      const withKey = new URL(url);
      withKey.searchParams.set(auth.name, key);
      return { headers, url: withKey.href };
    }
    case 'none':
      return { headers, url };
    default:
      return assertNever(auth);
  }
}
