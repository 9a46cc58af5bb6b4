/** How a key is named and how it is sent. The key itself is in neither. */

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
