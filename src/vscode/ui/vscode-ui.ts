/** The real {@link Ui}: quick picks, input boxes and notifications. */
import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable.ts';
import { type Answer, type Choice, type ChoiceRow, type Frame, type InputButton, type InputOptions, isHeading, type PickOptions, type Severity, type Ui, type Verdict } from './ui.ts';

/** Typing pauses this long before a check runs. */
const checkAfterMs = 350;

export function createUi(): Ui {
  return { pick, pickMany, input, confirm, notify, progress, pickFolder };
}

interface Item<T> extends vscode.QuickPickItem {
  readonly choice?: Choice<T>;
}

function toItem<T>(row: ChoiceRow<T>): Item<T> {
  if (isHeading(row)) return { label: row.heading, kind: vscode.QuickPickItemKind.Separator };
  return {
    label: row.label,
    iconPath: row.icon === undefined ? undefined : new vscode.ThemeIcon(row.icon),
    description: row.description,
    detail: row.refusal ? `$(circle-slash) ${row.refusal}` : row.detail,
    choice: row,
  };
}

function pick<T>(frame: Frame, options: PickOptions<T>): Promise<Answer<T>> {
  return ask<Answer<T>>((settle, store) => {
    const box = store.add(vscode.window.createQuickPick<Item<T>>());
    applyFrame(box, frame);
    box.placeholder = options.placeholder;
    box.matchOnDescription = true;
    box.matchOnDetail = true;
    let rows = options.rows;

    const typedChoice = (): Choice<T> | undefined => (box.value.trim() === '' ? undefined : options.typed?.(box.value.trim()));

    function show(): void {
      const activeLabel = box.activeItems[0]?.label;
      const typed = typedChoice();
      const items = rows.map(toItem);
      // `alwaysShow` keeps what was typed on the list, whatever the filter says.
      box.items = typed ? [...items, { ...toItem<T>(typed), alwaysShow: true }] : items;
      const active = box.items.find((item) => (activeLabel === undefined ? item.choice && options.active?.(item.choice.value) : item.label === activeLabel));
      if (active) box.activeItems = [active];
    }

    show();
    if (options.typed) store.add(box.onDidChangeValue(show));
    store.add(
      box.onDidAccept(() => {
        // Who types fast is done before the row of what was typed is there.
        const choice = box.selectedItems[0]?.choice ?? box.activeItems[0]?.choice ?? typedChoice();
        if (!choice) return;
        if (choice.refusal === undefined) return settle({ type: 'value', value: choice.value });
        box.value = '';
        box.placeholder = choice.refusal;
      }),
    );
    onLeave(box, store, settle);
    box.show();
    if (options.load) {
      const ended = new AbortController();
      store.add({ dispose: () => ended.abort() });
      box.busy = true;
      const update = (more: readonly ChoiceRow<T>[]): void => {
        if (ended.signal.aborted) return;
        rows = more;
        show();
      };
      options.load(update, ended.signal).finally(() => {
        if (!ended.signal.aborted) box.busy = false;
      }).catch(() => undefined); // The loader reports its own failures as rows.
    }
  });
}

function pickMany<T>(frame: Frame, options: { readonly placeholder: string; readonly rows: readonly (Choice<T> & { readonly picked?: boolean })[] }): Promise<Answer<readonly T[]>> {
  return ask<Answer<readonly T[]>>((settle, store) => {
    const box = store.add(vscode.window.createQuickPick<Item<T>>());
    applyFrame(box, frame);
    box.placeholder = options.placeholder;
    box.canSelectMany = true;
    box.items = options.rows.map(toItem);
    box.selectedItems = box.items.filter((_, index) => options.rows[index]?.picked === true);
    store.add(box.onDidAccept(() => settle({ type: 'value', value: box.selectedItems.flatMap(({ choice }) => (choice ? [choice.value] : [])) })));
    onLeave(box, store, settle);
    box.show();
  });
}

function input(frame: Frame, options: InputOptions): Promise<Answer<string>> {
  return ask<Answer<string>>((settle, store) => {
    const box = store.add(vscode.window.createInputBox());
    applyFrame(box, frame);
    box.prompt = options.prompt;
    box.placeholder = options.placeholder;
    box.value = options.value ?? '';
    box.password = options.password ?? false;
    if (options.notice !== undefined) box.validationMessage = { message: options.notice, severity: vscode.InputBoxValidationSeverity.Error };
    let checked: { readonly text: string; readonly verdict: Verdict } | undefined;
    let checking: AbortController | undefined;
    let timer: NodeJS.Timeout | undefined;
    store.add({
      dispose: () => {
        clearTimeout(timer);
        checking?.abort();
      },
    });

    /** Shows what is wrong with the text at once; true when nothing is. */
    function isValid(): boolean {
      const reason = options.validate?.(box.value);
      box.validationMessage = reason === undefined ? undefined : { message: reason, severity: vscode.InputBoxValidationSeverity.Error };
      return reason === undefined;
    }

    /** Undefined when the text changed meanwhile or the box was left. */
    async function runCheck(): Promise<Verdict | undefined> {
      checking?.abort();
      const current = (checking = new AbortController());
      const text = box.value;
      if (!options.check) return { type: 'ok' };
      box.busy = true;
      try {
        const verdict = await options.check(text, current.signal);
        if (current.signal.aborted || text !== box.value) return undefined;
        checked = { text, verdict };
        box.validationMessage = toValidation(verdict);
        return verdict;
      } catch (error) {
        if (current.signal.aborted) return undefined;
        const verdict: Verdict = { type: 'warning', message: error instanceof Error ? error.message : String(error) };
        checked = { text, verdict };
        box.validationMessage = toValidation(verdict);
        return verdict;
      } finally {
        if (checking === current) box.busy = false;
      }
    }

    function schedule(): void {
      clearTimeout(timer);
      checking?.abort();
      box.busy = false;
      if (isValid() && options.check && box.value.trim() !== '') timer = setTimeout(() => void runCheck(), checkAfterMs);
    }

    async function accept(): Promise<void> {
      clearTimeout(timer);
      if (!isValid()) return;
      const text = box.value;
      const seen = checked?.text === text ? checked.verdict : undefined;
      if (seen) box.validationMessage = toValidation(seen);
      const verdict = seen ?? (await runCheck());
      // A warning that was on screen when Enter was pressed counts as seen.
      if (verdict && (verdict.type === 'ok' || (verdict.type === 'warning' && seen !== undefined))) settle({ type: 'value', value: text });
    }

    store.add(box.onDidChangeValue(schedule));
    store.add(box.onDidAccept(() => void accept()));
    if (options.button) addButton(box, store, options.button);
    // A password is not kept anywhere, so it is typed again.
    onLeave(box, store, settle, () => (options.password ? undefined : box.value));
    box.show();
    if (box.value !== '') schedule();
  });
}

/** What it finds stands below the text until something is typed. */
function addButton(box: vscode.InputBox, store: DisposableStore, { label, icon, run }: InputButton): void {
  const button: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon(icon), tooltip: label };
  const ended = new AbortController();
  let running = false;
  box.buttons = [...box.buttons, button];
  const say = (verdict: Verdict | undefined): void => {
    if (!ended.signal.aborted) box.validationMessage = verdict && toValidation(verdict);
  };
  store.add({ dispose: () => ended.abort() });
  store.add(
    box.onDidTriggerButton(async (pressed) => {
      if (pressed !== button || running) return;
      running = true;
      box.busy = true;
      say({ type: 'ok', message: `${label}…` });
      try {
        say(await run((message) => say({ type: 'ok', message }), ended.signal));
      } finally {
        running = false;
        if (!ended.signal.aborted) box.busy = false;
      }
    }),
  );
}

function toValidation(verdict: Verdict): vscode.InputBoxValidationMessage | undefined {
  switch (verdict.type) {
    case 'ok':
      return verdict.message === undefined ? undefined : { message: verdict.message, severity: vscode.InputBoxValidationSeverity.Info };
    case 'warning':
      return { message: vscode.l10n.t('{0}. Press Enter to go on anyway', verdict.message), severity: vscode.InputBoxValidationSeverity.Warning };
    case 'refused':
      return { message: verdict.message, severity: vscode.InputBoxValidationSeverity.Error };
  }
}

async function confirm(message: string, detail: string, action: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, action)) === action;
}

async function notify(severity: Severity, message: string, actions: readonly string[] = []): Promise<string | undefined> {
  switch (severity) {
    case 'information':
      return vscode.window.showInformationMessage(message, ...actions);
    case 'warning':
      return vscode.window.showWarningMessage(message, ...actions);
    case 'error':
      return vscode.window.showErrorMessage(message, ...actions);
  }
}

async function progress<T>(title: string, task: (report: (step: { readonly message?: string; readonly percent?: number }) => void, signal: AbortSignal) => Promise<T>): Promise<T> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (bar, token) => {
    const cancelled = new AbortController();
    const listening = token.onCancellationRequested(() => cancelled.abort());
    let shown = 0;
    try {
      return await task(({ message, percent }) => {
        // The bar only goes forward; what grew meanwhile is told by the message.
        const increment = Math.max(0, (percent ?? 0) - shown);
        shown += increment;
        bar.report({ message, ...(percent !== undefined && { increment }) });
      }, cancelled.signal);
    } finally {
      listening.dispose();
    }
  });
}

async function pickFolder(title: string, start: string | undefined): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({ title, canSelectFolders: true, canSelectFiles: false, canSelectMany: false, defaultUri: start === undefined ? undefined : vscode.Uri.file(start) });
  return chosen?.[0]?.fsPath;
}

function applyFrame(box: Leavable, frame: Frame): void {
  box.title = frame.title;
  // A step number on a flow of one says nothing.
  if (frame.totalSteps !== undefined && frame.totalSteps > 1) {
    box.step = frame.step;
    box.totalSteps = frame.totalSteps;
  }
  // People leave to copy an address or a key; the question waits for them.
  box.ignoreFocusOut = true;
  if (frame.canGoBack) box.buttons = [vscode.QuickInputButtons.Back];
}

interface Leavable extends vscode.QuickInput {
  buttons: readonly vscode.QuickInputButton[];
  readonly onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
}

function onLeave<T>(box: Leavable, store: DisposableStore, settle: (answer: Answer<T>) => void, text: () => string | undefined = () => undefined): void {
  store.add(box.onDidHide(() => settle({ type: 'cancel' })));
  store.add(box.onDidTriggerButton((button) => button === vscode.QuickInputButtons.Back && settle({ type: 'back', text: text() })));
}

/** Settles once, and ends everything that belongs to the question then. */
async function ask<A>(open: (settle: (answer: A) => void, store: DisposableStore) => void): Promise<A> {
  const store = new DisposableStore();
  try {
    return await new Promise<A>((settle, reject) => {
      try {
        open(settle, store);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  } finally {
    store.dispose();
  }
}
