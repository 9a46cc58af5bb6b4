/**
 * The configuration as the rest of Operator sees it: parsed, layered, normalised, with the origin of every entry.
 * Made by `load.ts` from `operator.toml` files; nothing here knows TOML.
 */
import type { Placement, Protocol, RoutePreference } from '../protocol.ts';
import type { AuthScheme, CredentialRef } from '../servers/auth.ts';
import type { ServerKindId } from '../servers/kinds.ts';
import type { SourceLocation } from '../source.ts';

/** Who said it. A workspace entry beats a user entry of the same name; builtins cannot be redeclared. */
export type Origin =
  | { readonly layer: 'workspace'; readonly root: string; readonly file: string }
  | { readonly layer: 'user'; readonly file: string }
  /** `impliedBy`: the prefix of model names that stands for it, such as `ollama/`; there only while something names it. */
  | { readonly layer: 'builtin'; readonly impliedBy?: string };

export interface Entity {
  readonly name: string;
  readonly displayName: string;
  readonly origin: Origin;
  /** Of the entry's `name` value (or its header); absent for builtins. */
  readonly where?: SourceLocation;
  /**
   * Why the entry cannot be used. It is shown, so that it does not vanish and does not let an entry of another layer
   * take its name, but it is never contacted and never launched. The same is in `Configuration.problems`, with its place.
   */
  readonly unusable?: Unusable;
}

export interface Unusable {
  readonly message: string;
  readonly hint?: string;
}

/** Whether the entry is of a file, or implied by a model name; what is left comes with Operator, wanted or not. */
export function isOfUser({ origin }: Pick<Entity, 'origin'>): boolean {
  return origin.layer !== 'builtin' || origin.impliedBy !== undefined;
}

/** Where it is from, in one word for programs. */
export function originName({ origin }: Pick<Entity, 'origin'>): 'workspace' | 'user' | 'builtin' | 'implied' {
  return origin.layer === 'builtin' && origin.impliedBy !== undefined ? 'implied' : origin.layer;
}

/** Whether an untrusted workspace may have said it: its entries, and what one of them may have named. */
export function needsTrust({ origin }: Pick<Entity, 'origin'>): boolean {
  return origin.layer === 'workspace' || (origin.layer === 'builtin' && origin.impliedBy !== undefined);
}

/** A stable id for an entry across reloads and layers: `user:name`, `builtin:name`, `workspace:<root>:name`. */
export function entityId(entity: { readonly name: string; readonly origin: Origin }): string {
  const { origin, name } = entity;
  return origin.layer === 'workspace' ? `workspace:${origin.root}:${name}` : `${origin.layer}:${name}`;
}

export interface ModelServer extends Entity {
  readonly kind: ServerKindId;
  /** Root of the server: no trailing slash, no version segment, no credentials, no query. `servers/address.ts` derives API URLs. */
  readonly baseUrl: string;
  /** Version path of the OpenAI-shaped API below the root: `/v1` unless the address names another one (`/v4`), '' when the address is complete as given. */
  readonly openaiPath: string;
  /** What it speaks as far as declared or known from its kind, preferred first; probes may know better. */
  readonly protocols: readonly Protocol[];
  readonly placement: Placement;
  readonly placementDeclared: boolean;
  readonly auth: AuthScheme;
  readonly credential?: CredentialRef;
  readonly headers: Readonly<Record<string, string>>;
  readonly extraEnv: Readonly<Record<string, string>>;
  /**
   * Members that the gateway puts into the JSON body of every request for an answer; absent ones are added, present ones
   * replaced, at the top level. JSON values only, none of `routedMembers`. Not there where nothing is declared.
   */
  readonly extraBody?: Readonly<Record<string, unknown>>;
  readonly proxy?: string;
  readonly requestTimeoutMs: number;
  /** Of requests through the gateway; absent ones have defaults that fit slow local models. */
  readonly timeouts?: ServerTimeouts;
  /** Declared static list, for servers without a listing. */
  readonly models: readonly string[];
}

export interface ServerTimeouts {
  /** Until the connection stands, TLS included. */
  readonly connectMs?: number;
  /** Until the answer begins: a model may have to be loaded first. */
  readonly firstByteMs?: number;
  /** Between two pieces of an answer. */
  readonly idleMs?: number;
}

export interface LaunchConfig {
  readonly yolo: boolean;
  readonly permissionMode?: string;
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly promptPrefix?: string;
  readonly promptSuffix?: string;
  /** Relative to the workspace root (or the folder of the user's file). */
  readonly cwd?: string;
  readonly useWorktrees: boolean;
}

export interface Delegator extends Entity {
  readonly llmTool: string;
  readonly model: string;
  /** Absent: the tool's builtin server. */
  readonly modelServer?: string;
  readonly modelProperties: Readonly<Record<string, string | number | boolean>>;
  readonly route: RoutePreference;
  readonly launchConfig: LaunchConfig;
}

/** A tool that the catalogue lacks. `{model}`, `{base_url}`, `{api_key}`, `{prompt}` are filled in at launch ({api_key} only in `env`). */
export interface CustomTool extends Entity {
  readonly command: string;
  readonly protocol: Protocol;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type Severity = 'error' | 'warning' | 'information';

/** What a problem is about, so that rows and editors can find it. */
export type ProblemSubject =
  | { readonly type: 'file' }
  | { readonly type: 'model_server' | 'delegator' | 'llm_tool'; readonly name: string; readonly key?: string };

export type ProblemCode =
  | 'syntax'
  | 'unreadable' //          cannot be read at all: permission, directory, too large, not UTF-8
  | 'invalid-value' //       wrong type or form
  | 'missing-key'
  | 'unknown-key'
  | 'not-used-yet' //        a table of a later version: kept, and without effect
  | 'duplicate-name'
  | 'invalid-name'
  | 'unknown-kind'
  | 'unknown-tool'
  | 'unknown-server' //      dangling model_server
  | 'shadows-builtin'
  | 'bad-url'
  | 'url-credentials'
  | 'literal-key'
  | 'unset-api-key-env'
  | 'bad-reference' //       api_key that is not env:, secret: or file:
  | 'conflicting-keys'; //   such as api_key beside api_key_env

export interface ConfigProblem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** What is wrong, without a trailing period, without secrets. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  /** What was probably meant: the text or key that would stand at `where` instead. Never made from what may be a key. */
  readonly suggestion?: string;
  readonly where: SourceLocation;
  readonly subject: ProblemSubject;
  readonly related?: readonly { readonly message: string; readonly where: SourceLocation }[];
}

/** One operator.toml that was looked at. */
export interface ConfigLayer {
  readonly layer: 'workspace' | 'user';
  /** The workspace root; absent for the user layer. */
  readonly root?: string;
  readonly file: string;
  readonly state:
    | { readonly type: 'absent' }
    | { readonly type: 'loaded'; readonly text: string; readonly hash: string }
    /**
     * Does not parse or cannot be read; `lastGood` says whether earlier entries stay in force, which are those of
     * `lastGoodText`. `text` and `hash` are of the file as it is now, absent where it cannot be read at all.
     */
    | {
        readonly type: 'broken';
        readonly problem: ConfigProblem;
        readonly lastGood: boolean;
        readonly lastGoodText?: string;
        readonly text?: string;
        readonly hash?: string;
      };
}

export interface Configuration {
  readonly layers: readonly ConfigLayer[];
  /** Builtins last, with those that a model name implies. Entries of every root; a user entry is left out only where every root shadows it. */
  readonly modelServers: readonly ModelServer[];
  /** What each prefix of model names implies here (`servers/local-prefix.ts`), named or not; absent: prefixes mean nothing. */
  readonly implied?: readonly ModelServer[];
  readonly delegators: readonly Delegator[];
  /** Each name once: of the first folder that declares it, else of the user. */
  readonly customTools: readonly CustomTool[];
  readonly defaultTool?: string;
  readonly defaultModel?: string;
  readonly problems: readonly ConfigProblem[];
}

interface EntityIndex {
  readonly byName: ReadonlyMap<string, readonly Entity[]>;
  readonly byId: ReadonlyMap<string, Entity>;
}

/** Entries are looked up once per delegator, so a large configuration needs an index; entity lists are immutable, so it lives as long as they. */
const indexes = new WeakMap<readonly Entity[], EntityIndex>();

function indexOf(entities: readonly Entity[]): EntityIndex {
  const known = indexes.get(entities);
  if (known) return known;
  const byName = new Map<string, Entity[]>();
  const byId = new Map<string, Entity>();
  for (const entity of entities) {
    const named = byName.get(entity.name);
    if (named) named.push(entity);
    else byName.set(entity.name, [entity]);
    byId.set(entityId(entity), entity);
  }
  const index = { byName, byId };
  indexes.set(entities, index);
  return index;
}

/** The entry with this {@link entityId}. */
export function findById<T extends Entity>(entities: readonly T[], id: string): T | undefined {
  return indexOf(entities).byId.get(id) as T | undefined;
}

/** Finds what `name` means seen from `origin`: the same workspace root first, then the user's file, then builtins. */
export function lookup<T extends Entity>(entities: readonly T[], name: string, origin?: Origin): T | undefined {
  const named = (indexOf(entities).byName.get(name) ?? []) as readonly T[];
  const root = origin?.layer === 'workspace' ? origin.root : undefined;
  return (
    (root !== undefined ? named.find((entity) => entity.origin.layer === 'workspace' && entity.origin.root === root) : undefined) ??
    // A user entry may not reach into a workspace; a name typed by hand (no origin) may.
    (origin === undefined ? named.find((entity) => entity.origin.layer === 'workspace') : undefined) ??
    named.find((entity) => entity.origin.layer === 'user') ??
    named.find((entity) => entity.origin.layer === 'builtin')
  );
}
