/** `agents.backends` and the `providers` list that followed it: a few servers by name, and the model of the one that is used. */
import { parseServerAddress } from '../../servers/address.ts';
import type { ServerKindId } from '../../servers/kinds.ts';
import { isTable } from '../entries.ts';
import { mayHoldKey } from './keys.ts';
import type { ImportContext } from './model.ts';
import { writtenAddress } from './model-list.ts';
import { nameFrom } from './server-book.ts';
import { variableFor } from './vendors.ts';

type Json = Readonly<Record<string, unknown>>;

/** Backends that the form has, with its own spellings. */
const backends: Readonly<Record<string, { readonly name: string; readonly kind: ServerKindId; readonly baseUrl: string }>> = {
  ollama: { name: 'ollama', kind: 'ollama', baseUrl: 'http://localhost:11434' },
  lmstudio: { name: 'lmstudio', kind: 'lmstudio', baseUrl: 'http://127.0.0.1:1234/v1' },
};

export function isBackends(agents: unknown): agents is Json {
  return isTable(agents) && ['backends', 'defaultBackend', 'default_backend', 'enabledBackends', 'enabled_backends'].some((key) => agents[key] !== undefined);
}

/** Only `lmstudio` means LM Studio; whatever else is named is Ollama, as that program took it. */
export function importBackends(agents: Json, context: ImportContext): void {
  const chosen = textOf(agents.defaultBackend ?? agents.default_backend).toLowerCase() === 'lmstudio' ? 'lmstudio' : 'ollama';
  const enabled: unknown = agents.enabledBackends ?? agents.enabled_backends;
  const settings = new Map(Object.entries(isTable(agents.backends) ? agents.backends : {}).map(([key, value]) => [key.toLowerCase().replaceAll(/[^a-z]/g, ''), isTable(value) ? value : {}]));
  const wanted = new Set([chosen, ...(Array.isArray(enabled) ? enabled.map((name) => textOf(name).toLowerCase().replaceAll(/[^a-z]/g, '')) : []), ...settings.keys()]);
  for (const id of wanted) {
    const backend = backends[id];
    if (!backend) {
      context.note(`agents.backends: ${nameFrom(id)} is not a backend that is known here, and was left out`);
      continue;
    }
    const own = settings.get(id) ?? {};
    const server = serverAt(textOf(own.baseUrl ?? own.base_url) || backend.baseUrl, backend.kind, `agents.backends.${id}`, context, { name: backend.name });
    if (textOf(own.endpointType ?? own.endpoint_type) === 'native') context.note(`${backend.name}: endpointType "native" is not needed; Operator uses LM Studio's own API where it tells more`);
    const model = modelOf(agents.defaultModel ?? agents.default_model);
    if (server !== undefined && id === chosen && model !== '') context.addDelegator({ name: `${backend.name}-chat`, llm_tool: 'chat', model, model_server: server });
  }
}

/** `[{ id, endpointType, baseUrl, apiKey, defaultModel, modelDiscovery, staticModels }]` */
export function importProviderList(providers: readonly unknown[], context: ImportContext): void {
  providers.forEach((provider, index) => {
    const label = `providers[${index}]`;
    const id = isTable(provider) ? modelOf(provider.id) : '';
    if (!isTable(provider) || id === '') return context.note(`${label} has no id and was left out`);
    const discovery = textOf(provider.modelDiscovery);
    const kind: ServerKindId = textOf(provider.endpointType) === 'ollama' ? 'ollama' : discovery === 'lmstudio' ? 'lmstudio' : 'openai-compat';
    const baseUrl = textOf(provider.baseUrl) || (kind === 'ollama' ? backends.ollama?.baseUrl : kind === 'lmstudio' ? backends.lmstudio?.baseUrl : undefined);
    if (baseUrl === undefined) return context.note(`${label} (${id}) has no baseUrl and was left out`);
    const key = textOf(provider.apiKey);
    const models = Array.isArray(provider.staticModels) ? provider.staticModels.flatMap((model) => modelOf(isTable(model) ? model.id : model) || []) : [];
    const server = serverAt(baseUrl, kind, `${id} (${label})`, context, {
      name: id,
      ...(key !== '' && { apiKey: context.keys.refer(key, variableFor(id), `${id} (${label})`) }),
      ...(discovery === 'static' && models.length > 0 && { models }),
    });
    const model = modelOf(provider.defaultModel);
    if (server !== undefined && model !== '') context.addDelegator({ name: `${nameFrom(id)}-chat`, llm_tool: 'chat', model, model_server: server });
  });
}

function serverAt(text: string, kind: ServerKindId, owner: string, context: ImportContext, { name, apiKey, models }: { readonly name: string; readonly apiKey?: string; readonly models?: readonly string[] }): string | undefined {
  const parsed = parseServerAddress(text, kind);
  const address = parsed.ok ? parsed.value : parsed.error.address;
  if (!parsed.ok) context.note(address ? `${owner}: user and password were left out of the address; keep them with your keys` : `${owner}: its address ${parsed.error.message}; it was left out`);
  return address && context.servers.use({ kind, baseUrl: writtenAddress(address, kind), apiKey, proxy: undefined, name, more: models ? { models } : {} });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** Nothing that may be a key becomes a model, or a name. */
function modelOf(value: unknown): string {
  const text = textOf(value);
  return mayHoldKey(text) || /[\u0000-\u001f\u007f\u2028\u2029]/.test(text) ? '' : text;
}
