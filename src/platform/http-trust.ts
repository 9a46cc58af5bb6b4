/** Which certificate authorities are trusted: Node's own (with NODE_EXTRA_CA_CERTS), and the operating system's where they are needed. */
import * as tls from 'node:tls';

export interface Trust {
  /** For `tls.connect`; undefined means Node's own defaults. */
  readonly secureContext: tls.SecureContext | undefined;
  /** Trusts what the operating system trusts as well (a company's own authority). @returns false when that changes nothing. */
  addSystemAuthorities(): boolean;
}

export function createTrust(): Trust {
  let secureContext: tls.SecureContext | undefined;
  let tried = false;
  return {
    get secureContext() {
      return secureContext;
    },
    addSystemAuthorities() {
      if (tried) return false;
      tried = true; // reading the system's store takes a good while, so it is read once and only when a certificate was refused
      try {
        const usual = tls.getCACertificates('default');
        const all = new Set([...usual, ...tls.getCACertificates('system')]);
        if (all.size === new Set(usual).size) return false;
        secureContext = tls.createSecureContext({ ca: [...all] });
        return true;
      } catch {
        return false; // a store that cannot be read adds nobody; the refusal of the certificate stands
      }
    },
  };
}
