/**
 * Status as data: what the tree shows, without any VS Code. The tree, the CLI's table and tests render these;
 * `report.ts` renders the same facts as JSON.
 */

export type Tone = 'ok' | 'warning' | 'error' | 'busy' | 'neutral';

export type NodeKind = 'section' | 'llm_tool' | 'model_server' | 'model' | 'delegator' | 'session' | 'offer' | 'problem' | 'detail';

/** What a row stands for; commands read it. */
export type NodeSubject =
  | { readonly type: 'section'; readonly section: 'llm_tools' | 'model_servers' | 'delegators' | 'gateway' }
  | { readonly type: 'llm_tool'; readonly name: string }
  /** `id` is `entityId` of the entry. */
  | { readonly type: 'model_server'; readonly id: string; readonly name: string }
  | { readonly type: 'model'; readonly serverId: string; readonly serverName: string; readonly model: string }
  | { readonly type: 'delegator'; readonly id: string; readonly name: string }
  | { readonly type: 'session'; readonly sessionId: string }
  | { readonly type: 'offer'; readonly kind: string; readonly baseUrl: string }
  | { readonly type: 'problem'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly type: 'none' };

/** What a click does. Ids of `vscode/ids.ts` are not known here, so actions have their own names. */
export type NodeAction =
  | { readonly type: 'open-location'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly type: 'reveal-session'; readonly sessionId: string }
  | { readonly type: 'add-offer'; readonly kind: string; readonly baseUrl: string }
  | { readonly type: 'set-key'; readonly serverId: string }
  | { readonly type: 'start-server'; readonly serverId: string }
  | { readonly type: 'pull-model'; readonly serverId: string }
  | { readonly type: 'install-tool'; readonly tool: string }
  | { readonly type: 'show-gateway-log' }
  | { readonly type: 'manage-trust' };

export interface StatusNode {
  /** Stable across refreshes; unique in the tree. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
  /** Says the state in words; the icon never stands alone. */
  readonly description: string;
  /** Codicon id without `$()`. */
  readonly icon: string;
  readonly tone: Tone;
  /** Sorted tags for `contextValue`, such as delegator, ready, local. */
  readonly tags: readonly string[];
  readonly subject: NodeSubject;
  readonly action?: NodeAction;
  /** What a screen reader says. */
  readonly accessibilityLabel: string;
  /** Markdown lines, built when asked. */
  tooltip(): readonly string[];
  readonly expanded: boolean;
  readonly children: readonly StatusNode[];
}

/** The whole tree with its badge. */
export interface StatusTree {
  readonly sections: readonly StatusNode[];
  /** How many things need attention, and which. */
  readonly attention: readonly string[];
  /** Nothing configured and nothing broken: show the welcome view. */
  readonly empty: boolean;
}
