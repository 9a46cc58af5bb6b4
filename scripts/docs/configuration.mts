/** The reference of operator.toml, from the schema that validates it and the records of kinds. */
import * as z from 'zod';
import { operatorTomlSchema } from '../../src/core/config/schema.ts';
import { problemPages } from '../../src/core/language/problem-pages.ts';
import { allServerKinds, type ServerKind } from '../../src/core/servers/kinds.ts';
import { code, table } from './markdown.mts';

/** The part of a JSON schema that the tables need. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

export function configurationParts(): Readonly<Record<string, string>> {
  const schema = z.toJSONSchema(operatorTomlSchema, { io: 'input' }) as Schema;
  const at = (...path: readonly string[]): Schema => path.reduce<Schema>((current, key) => (key === '[]' ? current.items : current.properties?.[key]) ?? missing(path), schema);
  return {
    'model-servers': keys(at('model_servers', '[]')),
    delegators: keys(at('delegators', '[]')),
    'launch-config': keys(at('delegators', '[]', 'launch_config')),
    'llm-tools': keys(at('llm_tools')),
    'custom-tools': keys(at('llm_tools', 'custom', '[]')),
    'model-list': keys(at('model_list', '[]')),
    kinds: kinds(),
    problems: problems(),
  };
}

function missing(path: readonly string[]): never {
  throw new Error(`the schema has no ${path.join('.')}`);
}

function keys({ properties = {}, required = [] }: Schema): string {
  return table(
    ['Key', 'Value', 'Meaning'],
    Object.entries(properties).map(([name, property]) => [`${code(name)}${required.includes(name) ? ' (required)' : ''}`, typeOf(property), property.description ?? '']),
  );
}

function typeOf({ type, enum: values, items, additionalProperties, anyOf, properties }: Schema): string {
  if (values) return values.map((value) => code(`"${value}"`)).join(' ');
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (type === 'array') return items?.properties ? 'tables' : `list of ${items ? typeOf(items) : 'values'}`;
  if (type === 'object') return properties ? 'table, below' : `table of ${(typeof additionalProperties === 'object' && typeOf(additionalProperties)) || 'values'}`;
  return type === 'string' ? 'text' : type === 'boolean' ? '`true` `false`' : (type ?? '');
}

function kinds(): string {
  return table(
    ['`kind`', 'For', 'Default `base_url`', 'Speaks', 'Key'],
    allServerKinds().map((kind) => [code(kind.id), kind.description, kind.defaultBaseUrl ? code(kind.defaultBaseUrl) : 'none: name one', kind.protocols.map((protocol) => (kind.versionDependent.includes(protocol) ? `${protocol}*` : protocol)).join(', '), key(kind)]),
  );
}

/** One heading per code: what the code in the editor links to. */
function problems(): string {
  return problemPages()
    .map(({ code: name, text }) => `### ${code(name)}\n\n${text}`)
    .join('\n\n');
}

function key({ keyRequired, defaultApiKeyEnv, auth }: ServerKind): string {
  const how = auth.type === 'header' ? `header ${code(auth.name)}` : auth.type === 'query' ? `query ${code(auth.name)}` : auth.type;
  if (auth.type === 'none') return 'none';
  return `${keyRequired ? 'needed' : 'if the server asks for one'}, as ${how}${defaultApiKeyEnv ? `, usually in ${code(defaultApiKeyEnv)}` : ''}`;
}
