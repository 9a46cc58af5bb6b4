/** Add Model Server: kind → address (checked live) → name → key → (file). Writes one entry to operator.toml. */
import * as vscode from 'vscode';
import { parseServerAddress } from '../../core/servers/address.ts';
import { isBuiltinName } from '../../core/servers/builtin.ts';
import type { CredentialRef } from '../../core/servers/auth.ts';
import type { Health } from '../../core/servers/health.ts';
import { allServerKinds, serverKind, type ServerKindId } from '../../core/servers/kinds.ts';
import { plural } from '../../base/text.ts';
import type { Host, Scope } from '../host.ts';
import { edit } from '../edits.ts';
import { nameProblem, toName, uniqueName } from '../names.ts';
import { requireTrust } from '../trust.ts';
import { runFlow, type Step } from '../ui/flow.ts';
import { rememberInput } from '../ui/remembered-input.ts';
import type { ChoiceRow, Verdict } from '../ui/ui.ts';
import { defaultFile, saveStep } from './save-step.ts';
import { verdictOf } from './verdict.ts';

export interface ServerDraft {
  readonly kind?: ServerKindId;
  readonly address?: string;
  /** Of the last check of the address. */
  readonly health?: Health;
  readonly name?: string;
  readonly keyStore?: 'env' | 'secret' | 'none';
  readonly credential?: CredentialRef;
  readonly file?: string;
}

/** @returns the name of the new server, or undefined when the person left */
export async function addModelServerWizard(host: Host, scope: Scope, initial: ServerDraft = {}): Promise<string | undefined> {
  requireTrust(vscode.l10n.t('Nothing is added'));
  defaultFile(scope); // refuses before anything is asked where no file can be written
  const stored = new Set<string>();
  let added = false;
  try {
    const draft = await runFlow<ServerDraft>(
      vscode.l10n.t('Add Model Server'),
      [kindStep(host, scope, initial), addressStep(host, scope, initial), nameStep(host, scope), keyStoreStep(host), keyStep(host, scope, stored), saveStep(host, scope, () => undefined)],
      initial,
    );
    if (!draft) return undefined;
    const entry = toEntry(draft);
    added = true; // from here on a stored key has a reference, or the error says that the file was not written
    await edit(host, scope, { type: 'add', table: 'model_servers', entry }, draft.file ?? defaultFile(scope)).catch((error: unknown) => {
      added = false;
      throw error;
    });
    return entry.name;
  } finally {
    if (!added) for (const name of stored) await scope.operator.deleteSecret(name);
  }
}

function toEntry({ kind, address, name, credential }: ServerDraft): { readonly name: string } & Readonly<Record<string, string>> {
  if (kind === undefined || address === undefined || name === undefined) throw new Error('the draft of the model server is not complete');
  return { name, kind, base_url: address, ...(credential ? { api_key: `${credential.store}:${credential.name}` } : {}) };
}

function kindStep(host: Host, scope: Scope, initial: ServerDraft): Step<ServerDraft> {
  const rows = (): readonly ChoiceRow<ServerDraft>[] => {
    const { found } = scope.operator.snapshot;
    return [
      ...found.map(({ kind, baseUrl, version, modelCount }) => ({
        label: vscode.l10n.t('Found {0}', serverKind(kind).displayName),
        description: [baseUrl, ...(version ? [version] : []), plural(modelCount, 'model')].join(' · '),
        icon: 'sparkle',
        value: { kind, address: baseUrl },
      })),
      ...(found.length > 0 ? [{ heading: vscode.l10n.t('kinds') }] : []),
      // The vendors' own services are there without being added; they come last.
      ...allServerKinds().toSorted((a, b) => Number(a.builtin !== undefined) - Number(b.builtin !== undefined)).map(({ id, displayName, description, icon }) => ({ label: displayName, description: id, detail: description, icon, value: { kind: id } })),
    ];
  };
  return {
    applies: () => initial.kind === undefined,
    ask: async (_, frame) => host.ui.pick<ServerDraft>(frame, {
      placeholder: vscode.l10n.t('What kind of model server is it?'),
      rows: rows(),
      load: (update, signal) => (host.settings.discovery ? scope.operator.discover(signal).then(() => update(rows())) : Promise.resolve()),
    }),
  };
}

function addressStep(host: Host, scope: Scope, initial: ServerDraft): Step<ServerDraft> {
  const input = rememberInput(host.ui);
  return {
    applies: () => initial.address === undefined || initial.kind === undefined,
    ask: async (state, frame) => {
      const kind = serverKind(required(state.kind));
      let health: Health | undefined;
      const answer = await input(frame, kind.id, {
        prompt: vscode.l10n.t('Address of {0}, with or without /v1', kind.displayName),
        placeholder: kind.defaultBaseUrl ?? 'https://models.example.com/v1',
        value: state.address ?? kind.defaultBaseUrl ?? '',
        validate: (text) => addressProblem(text, kind.id),
        check: async (text, signal): Promise<Verdict> => {
          health = await scope.operator.probeAddress(kind.id, text, undefined, signal);
          const verdict = verdictOf(health, kind);
          const twin = verdict.type === 'ok' ? sameAddress(scope, kind.id, text) : undefined;
          return twin === undefined ? verdict : { type: 'warning', message: vscode.l10n.t('{0} already has this address', twin) };
        },
      });
      return answer.type === 'value' ? { type: 'value', value: { ...state, address: answer.value.trim(), health } } : answer;
    },
  };
}

function addressProblem(text: string, kind: ServerKindId): string | undefined {
  const address = parseServerAddress(text, kind);
  return address.ok ? undefined : vscode.l10n.t('The address {0}. {1}', address.error.message, address.error.hint);
}

function sameAddress({ operator }: Scope, kind: ServerKindId, text: string): string | undefined {
  const address = parseServerAddress(text, kind);
  if (!address.ok) return undefined;
  return operator.snapshot.servers.find(({ server }) => server.origin.layer !== 'builtin' && server.kind === kind && server.baseUrl === address.value.baseUrl)?.server.displayName;
}

function nameStep(host: Host, scope: Scope): Step<ServerDraft> {
  const input = rememberInput(host.ui);
  return {
    ask: async (state, frame) => {
      const taken = new Set(scope.operator.snapshot.configuration.modelServers.map(({ name }) => name));
      const answer = await input(frame, 'name', {
        prompt: vscode.l10n.t('Name that delegators refer to it by'),
        value: uniqueName(suggestedName(state), taken),
        validate: (text) => (isBuiltinName(text.trim()) ? vscode.l10n.t('{0} is the name of a builtin server', text.trim()) : nameProblem(text.trim(), taken)),
      });
      return answer.type === 'value' ? { type: 'value', value: { ...state, name: answer.value.trim() } } : answer;
    },
  };
}

/** `ollama`, or `ollama-gpu-box` for one on another machine; hosted vendors need no host. */
function suggestedName({ kind, address }: ServerDraft): string {
  const id = required(kind);
  const parsed = parseServerAddress(required(address), id);
  if (!parsed.ok) return id;
  const { hostname, origin } = new URL(parsed.value.baseUrl);
  const standard = serverKind(id).defaultBaseUrl;
  const usual = ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || (standard !== undefined && new URL(standard).origin === origin);
  const base = usual ? id : `${id === 'openai-compat' ? '' : `${id}-`}${hostname}`;
  // A builtin's name cannot be declared again.
  return toName(isBuiltinName(base) ? `${base.replace(/-api$/, '')}-own` : base);
}

function keyStoreStep(host: Host): Step<ServerDraft> {
  return {
    // Nothing to ask of a server that answered without a key and whose kind needs none.
    applies: ({ kind, health }) => kind !== undefined && (serverKind(kind).keyRequired || health?.state === 'unauthorized' || (serverKind(kind).auth.type !== 'none' && health?.state !== 'healthy')),
    ask: async (state, frame) => {
      const kind = serverKind(required(state.kind));
      const needed = kind.keyRequired || state.health?.state === 'unauthorized';
      const answer = await host.ui.pick<NonNullable<ServerDraft['keyStore']>>(frame, {
        placeholder: vscode.l10n.t('Where is its API key? operator.toml holds only the reference'),
        rows: [
          { label: vscode.l10n.t('Store a Key'), description: vscode.l10n.t("in VS Code's secret storage"), icon: 'lock', value: 'secret' },
          { label: vscode.l10n.t('Environment Variable'), description: kind.defaultApiKeyEnv ?? vscode.l10n.t('named by you'), icon: 'symbol-variable', value: 'env' },
          { label: needed ? vscode.l10n.t('Later') : vscode.l10n.t('No Key'), description: needed ? vscode.l10n.t('it stays unauthorized until then') : '', icon: 'circle-slash', value: 'none' },
        ],
        active: (store) => store === state.keyStore,
      });
      return answer.type === 'value' ? { type: 'value', value: { ...state, keyStore: answer.value, credential: undefined } } : answer;
    },
  };
}

function keyStep(host: Host, scope: Scope, stored: Set<string>): Step<ServerDraft> {
  return {
    applies: ({ keyStore }) => keyStore === 'env' || keyStore === 'secret',
    ask: async (state, frame) => {
      const { operator } = scope;
      const kind = serverKind(required(state.kind));
      const address = required(state.address);
      if (state.keyStore === 'env') {
        const answer = await host.ui.input(frame, {
          prompt: vscode.l10n.t('Name of the environment variable that holds the key'),
          value: state.credential?.name ?? kind.defaultApiKeyEnv ?? `${required(state.name).toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_API_KEY`,
          validate: (text) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text.trim()) ? undefined : vscode.l10n.t('A variable has letters, digits and "_"; the key itself does not belong here')),
          check: async (text, signal) => {
            const ref: CredentialRef = { store: 'env', name: text.trim() };
            if ((await operator.readCredential(ref)) === undefined) return { type: 'warning', message: vscode.l10n.t('{0} is not set in the environment that VS Code was started from', ref.name) };
            return verdictOf(await operator.probeAddress(kind.id, address, ref, signal), kind);
          },
        });
        return answer.type === 'value' ? { type: 'value', value: { ...state, credential: { store: 'env', name: answer.value.trim() } } } : answer;
      }
      const ref: CredentialRef = { store: 'secret', name: required(state.name) };
      let refused: string | undefined;
      for (;;) {
        const answer = await host.ui.input(frame, {
          prompt: vscode.l10n.t('API key of {0}; it is kept in {1} and not shown again', required(state.name), "VS Code's secret storage"),
          password: true,
          notice: refused === undefined ? undefined : vscode.l10n.t('{0} refuses this key', required(state.name)),
          validate: (text) => (text.trim() === '' ? vscode.l10n.t('A key is needed') : text.trim() === refused ? vscode.l10n.t('The server refuses this key') : undefined),
        });
        if (answer.type !== 'value') return answer;
        const key = answer.value.trim();
        await operator.setSecret(ref.name, key);
        stored.add(ref.name);
        const health = await operator.probeAddress(kind.id, address, ref);
        if (health.state !== 'unauthorized') return { type: 'value', value: { ...state, credential: ref, health } };
        refused = key;
        await operator.deleteSecret(ref.name);
        stored.delete(ref.name);
      }
    },
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an earlier step left no answer');
  return value;
}
