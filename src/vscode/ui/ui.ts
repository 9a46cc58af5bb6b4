/**
 * Everything Operator asks a person or tells them, as one interface. Commands and wizards stand on it alone,
 * so that suites can play the person; `vscode-ui.ts` is the real one.
 */

/** Where a question stands in a flow. */
export interface Frame {
  readonly title: string;
  readonly step?: number;
  readonly totalSteps?: number;
  readonly canGoBack?: boolean;
}

export type Answer<T> =
  | { readonly type: 'value'; readonly value: T }
  /** `text` is what stood in an input box, so that it can stand there again. */
  | { readonly type: 'back'; readonly text?: string }
  | { readonly type: 'cancel' };

export interface Choice<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** Codicon id without `$()`. */
  readonly icon?: string;
  readonly value: T;
  /** Why it cannot be chosen; it is shown, and accepting it says so. */
  readonly refusal?: string;
}

/** A heading between choices. */
export interface Heading {
  readonly heading: string;
}

export type ChoiceRow<T> = Choice<T> | Heading;

export interface PickOptions<T> {
  readonly placeholder: string;
  readonly rows: readonly ChoiceRow<T>[];
  /** Selected at first. */
  readonly active?: (value: T) => boolean;
  /** Brings more rows while the list is open, which shows as busy until it settles. */
  load?(update: (rows: readonly ChoiceRow<T>[]) => void, signal: AbortSignal): Promise<void>;
  /** Makes a choice of what was typed. */
  typed?(text: string): Choice<T> | undefined;
}

/** What a check says about an entered value. */
export type Verdict =
  | { readonly type: 'ok'; readonly message?: string }
  /** Accepted once it was seen. */
  | { readonly type: 'warning'; readonly message: string }
  /** Never accepted. */
  | { readonly type: 'refused'; readonly message: string };

/** Looks into something else than the text, when the person wants to know before going on. */
export interface InputButton {
  readonly label: string;
  /** Codicon id without `$()`. */
  readonly icon: string;
  /** `report` says how far it is. Undefined: there is nothing to say. A warning does not keep anybody from going on. */
  run(report: (message: string) => void, signal: AbortSignal): Promise<Verdict | undefined>;
}

export interface InputOptions {
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  readonly password?: boolean;
  /** What was wrong with the last answer; shown until something is typed. */
  readonly notice?: string;
  /** A reason why the text cannot be accepted, on every change. */
  validate?(text: string): string | undefined;
  /** Looks closer, shortly after typing paused and before the text is accepted. */
  check?(text: string, signal: AbortSignal): Promise<Verdict>;
  readonly button?: InputButton;
}

export type Severity = 'information' | 'warning' | 'error';

export interface Ui {
  pick<T>(frame: Frame, options: PickOptions<T>): Promise<Answer<T>>;
  pickMany<T>(frame: Frame, options: { readonly placeholder: string; readonly rows: readonly (Choice<T> & { readonly picked?: boolean })[] }): Promise<Answer<readonly T[]>>;
  input(frame: Frame, options: InputOptions): Promise<Answer<string>>;
  /** A modal question with one way to go on. */
  confirm(message: string, detail: string, action: string): Promise<boolean>;
  /** A notification; resolves with the action chosen, or undefined when it was closed. */
  notify(severity: Severity, message: string, actions?: readonly string[]): Promise<string | undefined>;
  /**
   * A notification with a bar and a way to cancel, for as long as `task` runs; several may be open. `percent` is of the whole;
   * without one the bar only shows that something goes on.
   */
  progress<T>(title: string, task: (report: (step: { readonly message?: string; readonly percent?: number }) => void, signal: AbortSignal) => Promise<T>): Promise<T>;
  pickFolder(title: string, start: string | undefined): Promise<string | undefined>;
}

export function isHeading<T>(row: ChoiceRow<T>): row is Heading {
  return 'heading' in row;
}
