/** How a key is named and how it is sent. The key itself is in neither. */
import { fail, ok, type Result } from '../../base/result.ts';

/** A key by reference; the key itself is never here. */
export interface CredentialRef {
  readonly store: 'env' | 'secret' | 'file';
  /** Variable name, secret name, or absolute file path. */
  readonly name: string;
}

export type AuthScheme =
  | { readonly type: 'bearer' }
  | { readonly type: 'x-api-key' }
  | { readonly type: 'header'; readonly name: string }
  | { readonly type: 'query'; readonly name: string }
  | { readonly type: 'none' };

/** Why a text is neither a reference nor a scheme. Holds nothing of the text, which may be a key. */
export interface AuthProblem {
  readonly code: 'literal-key' | 'bad-reference' | 'invalid-value';
  /** Follows the name of the key. */
  readonly message: string;
  readonly hint: string;
}

/**
 * Understands `api_key`: `env:NAME`, `secret:NAME` or `file:PATH` (the path as written, not yet absolute).
 * Anything else that is not evidently another kind of reference is taken for a key.
 */
export function parseCredentialRef(text: string): Result<CredentialRef, AuthProblem> {
  const [, store, name = ''] = /^(env|secret|file):(.*)$/is.exec(text.trim()) ?? [];
  switch (store?.toLowerCase()) {
    case 'env':
      return isVariableName(name.trim()) ? ok({ store: 'env', name: name.trim() }) : badReference('does not name an environment variable after env:');
    case 'secret':
      return secretName.test(name.trim()) ? ok({ store: 'secret', name: name.trim() }) : badReference('does not name a secret after secret: (letters, digits and . _ - are allowed)');
    case 'file':
      return name.trim() !== '' && !hasControlCharacter(name) ? ok({ store: 'file', name: name.trim() }) : badReference('does not name a file after file:');
    default:
      if (text.trim() === '') return badReference('is empty');
      return otherReference.test(text.trim()) ? badReference('is not a reference that Operator knows') : fail(literalKey);
  }
}

/** The text that {@link parseCredentialRef} understands. */
export function formatCredentialRef(ref: CredentialRef): string {
  return `${ref.store}:${ref.name}`;
}

/** Understands `auth`. */
export function parseAuth(text: string): Result<AuthScheme, AuthProblem> {
  const [, scheme = '', name] = /^([a-z-]+)(?::(.*))?$/is.exec(text.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'x-api-key':
    case 'none':
      if (name === undefined) return ok({ type: scheme.toLowerCase() as 'bearer' | 'x-api-key' | 'none' });
      break;
    case 'header':
      // RFC 9110 token.
      if (name !== undefined && /^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name.trim())) return ok({ type: 'header', name: name.trim() });
      break;
    case 'query':
      if (name !== undefined && /^[\w.-]+$/.test(name.trim())) return ok({ type: 'query', name: name.trim() });
      break;
  }
  return fail({ code: 'invalid-value', message: 'must be bearer, x-api-key, header:NAME, query:NAME or none', hint: 'Write auth = "bearer", or leave the key out for what is usual with this kind' });
}

/** The text that {@link parseAuth} understands. */
export function formatAuth(auth: AuthScheme): string {
  return 'name' in auth ? `${auth.type}:${auth.name}` : auth.type;
}

/** A name that every platform takes for an environment variable. */
export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

const secretName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;

/** `$NAME`, `${NAME}`, `{env:NAME}` and the schemes of other secret stores: certainly not a key itself. */
const otherReference = /^(?:\$[A-Za-z_{]|\{|%\w+%$|(?:vault|op|keyring|keychain|cmd|command|exec|sh|aws|aws-sm|gcp|azure|doppler|bitwarden|pass|ref|os\.environ|environment|variable|https?|enc)(?::|\/))/i;

const literalKey: AuthProblem = {
  code: 'literal-key',
  message: 'holds a key itself and is ignored',
  hint: 'Put the key into an environment variable and write api_key = "env:NAME", or store it with Set API Key and write api_key = "secret:NAME"',
};

function badReference(message: string): Result<CredentialRef, AuthProblem> {
  return fail({ code: 'bad-reference', message, hint: 'Write api_key = "env:NAME", "secret:NAME" or "file:PATH"' });
}

function hasControlCharacter(text: string): boolean {
  return /[\u0000-\u001f\u007f]/.test(text);
}
