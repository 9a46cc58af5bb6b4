/** What an editor asks while somebody types in an operator.toml with five thousand entries. Every round is a text never read before. */
import { completionAt } from '../../src/core/language/completion.ts';
import { diagnose } from '../../src/core/language/diagnose.ts';
import { readDocument } from '../../src/core/language/document.ts';
import { foldingOf } from '../../src/core/language/folding.ts';
import { hoverAt } from '../../src/core/language/hover.ts';
import { lensesOf } from '../../src/core/language/lenses.ts';
import type { LanguageFacts, LanguageFile } from '../../src/core/language/model.ts';
import { referencesAt } from '../../src/core/language/navigation.ts';
import { rename } from '../../src/core/language/rename.ts';
import { symbolsOf } from '../../src/core/language/symbols.ts';
import { catalogueTools } from '../../src/core/tools/catalogue/index.ts';
import { type Measurement, median, timing } from './measurement.mts';

const runs = 15;
const pairs = 2_500;

/** 2,500 servers with a delegator each; one in fifty has something wrong. */
function largeFile(round: number): LanguageFile {
  const entries = Array.from({ length: pairs }, (_, index) => {
    const wrong = index % 50 === 0 ? 'base_ulr = "x"\n' : '';
    return `# Server ${index}\n[[model_servers]]\nname = "server-${index}"\nkind = "ollama"\nbase_url = "http://10.0.${index >> 8}.${index & 255}:11434"\n${wrong}\n[[delegators]]\nname = "delegator-${index}"\nllm_tool = "claude"\nmodel = "qwen2.5-coder"\nmodel_server = "server-${index}"\n[delegators.launch_config]\nyolo = true\n`;
  });
  const text = `# ${round}\n${entries.join('\n')}\n[[delegators]]\nname = "last"\nllm_tool = "codex"\nmodel_server = "server-1"\n`;
  return { layer: 'workspace', root: '/w', file: '/w/operator.toml', text };
}

export async function measureLanguage(): Promise<readonly Measurement[]> {
  const facts: LanguageFacts = { tools: catalogueTools(), servers: [], variables: ['HOME', 'OPENAI_API_KEY'], now: 0 };
  const toolNames = facts.tools.map(({ record }) => record.name);
  let round = 0;
  const measure = (what: string, boundMs: number | undefined, run: (file: LanguageFile) => number, atLeast: number): Measurement => {
    const times: number[] = [];
    for (let count = 0; count <= runs; count++) {
      const file = largeFile(round++);
      const started = performance.now();
      const found = run(file);
      if (count > 0) times.push(performance.now() - started);
      if (found < atLeast) throw new Error(`${what}: only ${found}`);
    }
    const title = `${what}, 5,000 entries (median of ${runs})`;
    return boundMs === undefined ? { what: title, value: `${Math.round(median(times))} ms` } : timing(title, median(times), boundMs);
  };
  const end = (file: LanguageFile) => ({ line: readDocument(file.text).lines.count - 2, column: 'model_server = "server-1'.length });
  return [
    measure('Diagnostics of operator.toml', 150, (file) => diagnose({ files: [file], toolNames, variable: () => undefined, resolvePath: (_, path) => path, facts }).diagnostics.length, pairs / 50),
    measure('Completion of a server', 50, (file) => completionAt(file, end(file), [file], facts).length, pairs),
    measure('Completion of a key', 50, (file) => completionAt(file, { ...end(file), line: end(file).line + 1, column: 0 }, [file], facts).length, 10),
    measure('CodeLens', undefined, (file) => lensesOf(file, [file], facts).length, pairs * 4),
    measure('Hover', undefined, (file) => hoverAt(file, end(file), [file], facts)?.markdown.length ?? 1, 1),
    measure('Outline and folding', undefined, (file) => symbolsOf(file.text).length + foldingOf(file.text).length, pairs * 2),
    measure('References and rename', undefined, (file) => referencesAt(file, end(file), [file], { withDeclaration: true }).length + (rename(file, end(file), 'renamed', [file]).ok ? 1 : 0), 4),
  ];
}

if (import.meta.main) for (const { what, value, bound, missed } of await measureLanguage()) console.log(`${what}: ${value}${bound === undefined ? '' : ` (${bound}${missed ? ', missed' : ''})`}`);
