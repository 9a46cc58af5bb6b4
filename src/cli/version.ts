/** Operator's own version. The bundler puts it in; without a bundle it is read from package.json. */
import { readFileSync } from 'node:fs';

declare const __OPERATOR_VERSION__: string | undefined;

export function ownVersion(): string {
  if (typeof __OPERATOR_VERSION__ === 'string') return __OPERATOR_VERSION__;
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string' ? manifest.version : '0.0.0';
}
