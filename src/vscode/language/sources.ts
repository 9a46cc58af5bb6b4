/** The texts and facts that the language features look at: what stands in the editors before what is on the disk. All from memory. */
import * as vscode from 'vscode';
import type { ConfigLayer } from '../../core/config/model.ts';
import type { LanguageFacts, LanguageFile, LanguageFiles } from '../../core/language/model.ts';
import type { Operator } from '../../core/operator.ts';
import type { Ports } from '../../core/ports.ts';
import { keyOf } from './convert.ts';
import { describePlan } from './plan-words.ts';

export interface Sources {
  /** The same object as long as nothing changed. */
  files(): LanguageFiles;
  /** Undefined for a file that does not count: that of another folder, say. */
  fileOf(uri: vscode.Uri): LanguageFile | undefined;
  facts(): LanguageFacts;
  /** Whether the entry is in force: it was saved, and Operator read it. */
  isKnown(type: 'model_server' | 'delegator', id: string): boolean;
  /** The document of a file, when it is open. */
  documentOf(file: string): vscode.TextDocument | undefined;
  /** `text` is TOML: its entries count while later texts of the file are not. */
  rememberGood(file: string, text: string): void;
}

export function createSources(operator: Operator, ports: Pick<Ports, 'env' | 'clock'>, secrets: () => readonly string[] | undefined): Sources {
  const good = new Map<string, string>();
  let last: LanguageFiles = [];

  function documentOf(file: string): vscode.TextDocument | undefined {
    const key = keyOf(file);
    return vscode.workspace.textDocuments.find(({ uri, isClosed }) => !isClosed && uri.toString() === key);
  }

  function read({ state, ...layer }: ConfigLayer): LanguageFile | undefined {
    const open = documentOf(layer.file);
    const text = open?.getText() ?? textOf(state);
    if (text === undefined) return undefined;
    // What was typed and not saved is gone with its editor.
    const lastGood = (open && good.get(layer.file)) ?? (state.type === 'loaded' ? state.text : state.type === 'broken' ? state.lastGoodText : undefined);
    const known = last.find(({ file }) => file === layer.file);
    if (known && known.text === text && known.lastGood === lastGood && known.root === layer.root) return known;
    return { ...layer, text, ...(lastGood !== undefined && { lastGood }) };
  }

  function files(): LanguageFiles {
    const now = operator.snapshot.configuration.layers.flatMap((layer) => read(layer) ?? []);
    if (now.length !== last.length || now.some((file, index) => file !== last[index])) last = now;
    return last;
  }

  return {
    files,
    documentOf,
    fileOf(uri) {
      const key = uri.toString();
      return files().find(({ file }) => keyOf(file) === key);
    },
    facts() {
      const { tools, servers, configuration, tests } = operator.snapshot;
      const names = secrets();
      return {
        tools,
        servers,
        ...(configuration.implied && { implied: configuration.implied }),
        get variables() {
          return Object.keys(ports.env.all());
        },
        ...(names && { secrets: names }),
        ...(tests && { tests }),
        now: ports.clock.now(),
        describePlan: (id) => describePlan(operator, id),
      };
    },
    isKnown: (type, id) => (type === 'delegator' ? operator.findDelegator(id) : operator.findServer(id))?.id === id,
    rememberGood: (file, text) => void good.set(file, text),
  };
}

/** A file that cannot be read counts with what was good of it. */
function textOf(state: ConfigLayer['state']): string | undefined {
  switch (state.type) {
    case 'absent':
      return undefined;
    case 'loaded':
      return state.text;
    case 'broken':
      return state.text ?? state.lastGoodText;
  }
}
