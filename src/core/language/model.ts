/**
 * What editors ask about operator.toml, and what they are told: plain data without any VS Code. Everything here is computed
 * from texts in memory and from facts that are known already; nothing waits for a server, a file or a process.
 */
import type { ConfigProblem, Configuration, ModelServer } from '../config/model.ts';
import type { ServerStatus } from '../operator.ts';
import type { Position, SourceLocation, SourceRange } from '../source.ts';
import type { ToolRecord } from '../tools/model.ts';
import type { TestReport } from '../proving/model.ts';

/** One operator.toml as it is now: the text of the editor where it is open, else that of the disk. */
export interface LanguageFile {
  readonly layer: 'workspace' | 'user';
  /** The workspace root; absent for the user's file. */
  readonly root?: string;
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  /** The last text of the file that was TOML: its entries count for the other files while this one is broken. */
  readonly lastGood?: string;
}

/** Every operator.toml that counts together: the workspace's in the order of the roots, then the user's. */
export type LanguageFiles = readonly LanguageFile[];

/** What is known besides the texts. All of it is in memory; what is not known yet is left out. */
export interface LanguageFacts {
  /** The catalogue's tools and the user's own. */
  readonly tools: readonly { readonly record: ToolRecord }[];
  /** With health and models as the last probe found them. */
  readonly servers: readonly ServerStatus[];
  /** What each prefix of model names implies, as `Configuration` has it. */
  readonly implied?: readonly ModelServer[];
  /** Names of environment variables, never their values. */
  readonly variables: readonly string[];
  /** Names of stored secrets, where the host can list them. */
  readonly secrets?: readonly string[];
  /** The last test of each model, by `reportKey`. */
  readonly tests?: ReadonlyMap<string, TestReport>;
  /** Epoch ms, for "checked at". */
  readonly now: number;
  /** What launching the delegator would do, as Markdown with keys masked; `id` is its `entityId`. */
  describePlan?(id: string): PlanDescription | undefined;
}

export interface PlanDescription {
  /** Where it goes and why: "direct, anthropic-messages at http://…". */
  readonly route: string;
  /** Further lines, such as the command with its environment. */
  readonly lines: readonly string[];
}

/** One replaced stretch. Several of one change do not overlap and all count from the text before any of them. */
export interface TextEdit {
  readonly range: SourceRange;
  readonly newText: string;
}

export interface FileEdit extends TextEdit {
  /** Absolute path. */
  readonly file: string;
}

export type CompletionKind = 'table' | 'key' | 'value' | 'kind' | 'llm_tool' | 'model_server' | 'model' | 'variable' | 'secret' | 'snippet';

export interface CompletionItem {
  readonly label: string;
  readonly kind: CompletionKind;
  /** Beside the label: "7.6B · 32k context". */
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  readonly edit: TextEdit;
  /** Whether `edit.newText` is a snippet with `$1` and `${1:default}`, as editors and the language server protocol write them. */
  readonly isSnippet: boolean;
  /** What the text in the replaced range is compared with. */
  readonly filterText: string;
  readonly sortText: string;
  /** Ask for the values right after it is put in. */
  readonly suggestNext?: boolean;
}

export interface Hover {
  readonly range: SourceRange;
  /** Markdown, a paragraph each. */
  readonly markdown: readonly string[];
}

export type LensAction =
  | { readonly type: 'launch'; readonly delegatorId: string }
  | { readonly type: 'show-plan'; readonly delegatorId: string }
  | { readonly type: 'probe'; readonly serverId: string }
  | { readonly type: 'show-models'; readonly serverId: string }
  /** Of the name at this position of the file. */
  | { readonly type: 'show-references'; readonly position: Position };

export interface Lens {
  readonly range: SourceRange;
  readonly title: string;
  readonly action: LensAction;
}

export interface DocumentSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'model_server' | 'delegator' | 'llm_tool' | 'table' | 'key';
  /** All of it. */
  readonly range: SourceRange;
  /** Its name, within `range`. */
  readonly selection: SourceRange;
  readonly children: readonly DocumentSymbol[];
}

export interface FoldingRange {
  readonly startLine: number;
  /** Inclusive. */
  readonly endLine: number;
  readonly kind: 'entry' | 'comment';
}

export interface DocumentLink {
  readonly range: SourceRange;
  readonly target:
    | { readonly type: 'url'; readonly url: string }
    /** As it is written, `~` included. `from`: the folder of operator.toml, or the workspace root (for the user's file its folder). */
    | { readonly type: 'path'; readonly path: string; readonly from: 'file' | 'root'; readonly isFolder: boolean };
}

/** A name that means an entry, for highlighting. */
export interface NameToken {
  readonly range: SourceRange;
  readonly kind: 'model_server' | 'delegator' | 'llm_tool';
  readonly isDeclaration: boolean;
}

/** What the language features add to the problems of the configuration. */
export type DiagnosticCode = ConfigProblem['code'] | 'unused-server' | 'unserved-pairing' | 'unlisted-model';

export interface Diagnostic {
  readonly code: DiagnosticCode;
  /** `hint`: nothing is wrong; editors show no more than a faded text. */
  readonly severity: ConfigProblem['severity'] | 'hint';
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  readonly file: string;
  /** Absent where only the file as a whole can be pointed at. */
  readonly range?: SourceRange;
  readonly related: readonly { readonly message: string; readonly where: SourceLocation }[];
  readonly tags: readonly 'unnecessary'[];
  readonly subject: ConfigProblem['subject'];
  /** What probably was meant, as it would stand at `range`. */
  readonly suggestion?: string;
  /** A page of the documentation with its anchor: `docs/CONFIGURATION.md#unknown-kind`. */
  readonly documentation: string;
}

/** The files judged as they would be if they were saved now. */
export interface Diagnosis {
  readonly configuration: Configuration;
  /** Of all files, in their order and by place. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What only the host can do, besides changing the text. It happens first; when it fails or is cancelled, the text stays. */
export type FixAction =
  /** Takes the key out of `range` of the text (a text in quotes, perhaps behind a word such as Bearer) and stores it. */
  | { readonly type: 'store-secret'; readonly secret: string; readonly range: SourceRange; readonly prefix: string }
  /** Asks the person for the key and stores it. */
  | { readonly type: 'enter-secret'; readonly secret: string }
  /** Puts the key in `range` where the person can set the variable from, such as the clipboard, and says so. */
  | { readonly type: 'set-variable'; readonly variable: string; readonly range: SourceRange; readonly prefix: string };

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  readonly action?: FixAction;
  /** The one that is probably wanted. */
  readonly isPreferred: boolean;
}
