/** What the suites share: the running extension, its rows as a user reads them, and a scripted person who answers questions. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { OperatorApi } from '../../../src/vscode/activate.ts';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import type { Row } from '../../../src/vscode/tree/item.ts';
import { type Answer, type Choice, type Frame, type InputOptions, isHeading, type PickOptions, type Severity, type Ui } from '../../../src/vscode/ui/ui.ts';

const extensionId = 'operator-dev.operator';

export async function activate(): Promise<Host> {
  const extension = vscode.extensions.getExtension<OperatorApi>(extensionId);
  assert.ok(extension, `${extensionId} is not installed in this window`);
  return (await extension.activate()).internal;
}

export async function start(): Promise<{ readonly host: Host; readonly scope: Scope }> {
  const host = await activate();
  return { host, scope: await host.scope() };
}

/** Waits for a condition, never for time. @returns what `probe` gave */
export async function until<T>(what: string, probe: () => T | undefined | false | Promise<T | undefined | false>, limitMs = 15_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`timed out waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Shows the view and waits until VS Code says that it is visible. */
export async function showView(host: Host): Promise<void> {
  await vscode.commands.executeCommand('operator.status.focus');
  await until('the view', () => host.view.visible);
}

export interface SeenRow {
  readonly row: Row;
  readonly item: vscode.TreeItem;
  readonly depth: number;
  readonly label: string;
  readonly description: string;
  readonly contextValue: string;
  readonly tags: readonly string[];
}

/** Every row, expanded or not, as VS Code gets it from the provider. */
export async function seenRows({ view: { provider } }: Host): Promise<readonly SeenRow[]> {
  const seen: SeenRow[] = [];
  const visit = async (parent: Row | undefined, depth: number): Promise<void> => {
    for (const row of await provider.getChildren(parent)) {
      const item = provider.getTreeItem(row);
      seen.push({ row, item, depth, label: String(item.label), description: String(item.description ?? ''), contextValue: item.contextValue ?? '', tags: (item.contextValue ?? '').split(';').filter(Boolean) });
      await visit(row, depth + 1);
    }
  };
  await visit(undefined, 0);
  return seen;
}

export function render(rows: readonly SeenRow[]): string {
  return rows.map(({ depth, label, description }) => `${'  '.repeat(depth)}${label}${description ? ` · ${description}` : ''}`).join('\n');
}

/** The row of this kind (one of its tags) with this label, once it is there and `matches`. */
export async function waitForRow(host: Host, kind: string, label: string, matches: (row: SeenRow) => boolean = () => true): Promise<SeenRow> {
  let last: readonly SeenRow[] = [];
  try {
    return await until(`the ${kind} row "${label}"`, async () => {
      last = await seenRows(host);
      return last.find((row) => row.label === label && row.tags.includes(kind) && matches(row));
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}; the rows are\n${render(last)}`, { cause: error });
  }
}

export async function tooltipOf({ view: { provider } }: Host, { row, item }: SeenRow): Promise<string> {
  const { tooltip } = provider.resolveTreeItem(item, row);
  return typeof tooltip === 'string' ? tooltip : (tooltip?.value ?? '');
}

export async function childrenOf(host: Host, row: Row): Promise<readonly string[]> {
  return (await host.view.provider.getChildren(row)).map((child) => {
    const { label, description } = host.view.provider.getTreeItem(child);
    return `${String(label)}${description ? ` · ${String(description)}` : ''}`;
  });
}

export function folder(index = 0): string {
  const path = vscode.workspace.workspaceFolders?.[index]?.uri.fsPath;
  assert.ok(path, `there is no folder ${index}`);
  return path;
}

export function configFile(index = 0): string {
  return join(folder(index), 'operator.toml');
}

export function readConfig(index = 0): string {
  return readFileSync(configFile(index), 'utf8');
}

/** Writes operator.toml as another program would, and waits until Operator has read it. */
export async function writeConfig({ operator }: Scope, text: string, index = 0): Promise<void> {
  const file = configFile(index);
  writeFileSync(file, text);
  await operator.reload();
  await until('the new configuration', () => operator.snapshot.configuration.layers.some((layer) => layer.file === file && (layer.state.type === 'broken' || (layer.state.type === 'loaded' && layer.state.text === text))));
}

/** Scratch folder of this window, given by the harness. */
export function scratchDir(): string {
  const dir = process.env['OPERATOR_TEST_DIR'];
  assert.ok(dir, 'the harness gave no scratch folder');
  return dir;
}

/** Drops unsaved changes, closes every editor and every terminal. */
export async function closeEverything(): Promise<void> {
  for (const document of vscode.workspace.textDocuments.filter(({ isDirty, uri }) => isDirty && uri.path.endsWith('/operator.toml'))) {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await until('the unsaved changes to go', () => !document.isDirty);
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  for (const terminal of vscode.window.terminals) terminal.dispose();
  await until('the terminals to close', () => vscode.window.terminals.length === 0);
}

/** How the person answers one question. */
export type Reply =
  /** Chooses the row with this label. */
  | { readonly pick: string }
  /** Types something that is no row. */
  | { readonly typed: string }
  /** Types a text and presses Enter, a second time where that is asked for (`anyway`). */
  | { readonly input: string; readonly anyway?: boolean }
  /** Accepts what stands there. */
  | 'enter'
  /** Presses the button of an input box, and is asked again after it. */
  | 'button'
  | 'back'
  | 'escape'
  /** Takes a ticked list as it is, or only these labels of it. */
  | { readonly tick: readonly string[] };

export interface Question {
  readonly frame: Frame;
  /** Placeholder or prompt. */
  readonly text: string;
  /** What a list offered, once it was complete. */
  readonly choices: readonly Choice<unknown>[];
  /** What stood in an input box. */
  readonly value: string | undefined;
  readonly password: boolean;
}

/** Plays the person in front of VS Code: answers in order, remembers what was asked, said and refused. */
export class Person implements Ui {
  readonly #replies: Reply[];
  readonly asked: Question[] = [];
  readonly refusals: string[] = [];
  readonly told: { readonly severity: Severity; readonly message: string; readonly actions: readonly string[] }[] = [];
  readonly confirmed: string[] = [];
  /** Which button the person presses on a notification that matches. */
  readonly buttons: { readonly message: RegExp; readonly button: string }[] = [];
  /** What the button of an input box found. */
  readonly found: string[] = [];
  /** Every step of every progress notification. */
  readonly steps: { readonly title: string; readonly message?: string; readonly percent?: number }[] = [];
  /** Presses Cancel at the first step that this is true of. */
  cancels: (step: { readonly message?: string; readonly percent?: number }) => boolean = () => false;
  confirms = true;
  folder: string | undefined;

  constructor(...replies: readonly Reply[]) {
    this.#replies = [...replies];
  }

  /** Fails when a question that was expected never came. */
  done(): void {
    assert.deepEqual(this.#replies, [], 'the person was not asked everything');
  }

  titles(): readonly string[] {
    return this.asked.map(({ frame: { title, step, totalSteps } }) => (step === undefined ? title : `${title} (${step}/${totalSteps})`));
  }

  messages(): readonly string[] {
    return this.told.map(({ message }) => message);
  }

  async pick<T>(frame: Frame, options: PickOptions<T>): Promise<Answer<T>> {
    let rows = options.rows;
    await options.load?.((more) => (rows = more), new AbortController().signal);
    const choices = rows.filter((row): row is Choice<T> => !isHeading(row));
    this.asked.push({ frame, text: options.placeholder, choices, value: undefined, password: false });
    for (;;) {
      const reply = this.#next(frame, choices);
      const left = leave<T>(reply);
      if (left) return left;
      const choice =
        reply === 'enter'
          ? (choices.find(({ value }) => options.active?.(value)) ?? choices[0])
          : typeof reply === 'object' && 'typed' in reply
            ? options.typed?.(reply.typed)
            : choices.find(({ label }) => typeof reply === 'object' && 'pick' in reply && label === reply.pick);
      assert.ok(choice, `${frame.title} offers no ${JSON.stringify(reply)}, but ${choices.map(({ label }) => label).join(', ')}`);
      if (choice.refusal === undefined) return { type: 'value', value: choice.value };
      this.refusals.push(choice.refusal);
    }
  }

  async pickMany<T>(frame: Frame, options: { readonly placeholder: string; readonly rows: readonly (Choice<T> & { readonly picked?: boolean })[] }): Promise<Answer<readonly T[]>> {
    this.asked.push({ frame, text: options.placeholder, choices: options.rows, value: undefined, password: false });
    const reply = this.#next(frame, options.rows);
    const left = leave<readonly T[]>(reply);
    if (left) return left;
    const wanted = typeof reply === 'object' && 'tick' in reply ? reply.tick : undefined;
    return { type: 'value', value: options.rows.filter(({ label, picked }) => (wanted ? wanted.includes(label) : picked)).map(({ value }) => value) };
  }

  async input(frame: Frame, options: InputOptions): Promise<Answer<string>> {
    this.asked.push({ frame, text: options.prompt, choices: [], value: options.value, password: options.password ?? false });
    if (options.notice !== undefined) this.refusals.push(options.notice);
    for (;;) {
      const reply = this.#next(frame, []);
      const left = leave<string>(reply);
      if (left) return left;
      if (reply === 'button') {
        assert.ok(options.button, `${frame.title} has no button`);
        const found = await options.button.run((message) => this.steps.push({ title: frame.title, message }), new AbortController().signal);
        this.found.push(`${found?.type ?? 'nothing'}: ${found?.message ?? ''}`);
        continue;
      }
      const text = typeof reply === 'object' && 'input' in reply ? reply.input : (options.value ?? '');
      const reason = options.validate?.(text);
      const verdict = reason === undefined ? await options.check?.(text, new AbortController().signal) : undefined;
      if (reason === undefined && (verdict === undefined || verdict.type === 'ok' || (verdict.type === 'warning' && typeof reply === 'object' && 'input' in reply && reply.anyway))) return { type: 'value', value: text };
      this.refusals.push(reason ?? verdict?.message ?? '');
    }
  }

  async confirm(message: string, detail: string): Promise<boolean> {
    this.confirmed.push(`${message}\n${detail}`);
    return this.confirms;
  }

  async notify(severity: Severity, message: string, actions: readonly string[] = []): Promise<string | undefined> {
    this.told.push({ severity, message, actions });
    return this.buttons.find((entry) => entry.message.test(message) && actions.includes(entry.button))?.button;
  }

  async progress<T>(title: string, task: (report: (step: { readonly message?: string; readonly percent?: number }) => void, signal: AbortSignal) => Promise<T>): Promise<T> {
    const cancelled = new AbortController();
    return task((step) => {
      this.steps.push({ title, ...step });
      if (this.cancels(step)) cancelled.abort();
    }, cancelled.signal);
  }

  async pickFolder(): Promise<string | undefined> {
    return this.folder;
  }

  #next(frame: Frame, choices: readonly Choice<unknown>[]): Reply {
    const reply = this.#replies.shift();
    assert.ok(reply !== undefined, `nobody answers "${frame.title}"${choices.length > 0 ? `, which offers ${choices.map(({ label }) => label).join(', ')}` : ''}; refused so far: ${this.refusals.join(' | ')}`);
    return reply;
  }
}

function leave<T>(reply: Reply): Answer<T> | undefined {
  if (reply === 'back') return { type: 'back' };
  return reply === 'escape' ? { type: 'cancel' } : undefined;
}

/** Runs a command with a person in front of it, and puts the real one back. */
export async function withPerson<T>(host: Host, person: Person, run: () => Thenable<T> | Promise<T>): Promise<T> {
  const real = host.ui;
  host.ui = person;
  try {
    return await run();
  } finally {
    host.ui = real;
  }
}
