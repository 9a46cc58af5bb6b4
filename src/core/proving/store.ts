/** The kept reports: the last one of each model, in a private file of the user's state folder. */
import * as z from 'zod';
import { parseJson } from '../../base/json.ts';
import { once } from '../../base/once.ts';
import { FileError, type FileSystem } from '../ports.ts';
import { placements } from '../protocol.ts';
import { levelIds, type TestReport } from './model.ts';
import { reportKey } from './report-key.ts';

/** The newest stay. */
const maxReports = 500;
const maxBytes = 8 * 1024 * 1024;

const schemas = once(() => {
  const speed = { firstTokenMs: z.number().optional(), tokensPerSecond: z.number().optional(), estimated: z.boolean().optional(), inOnePiece: z.boolean().optional() };
  const text = z.string().max(4_000);
  const level = z.object({
    level: z.enum(levelIds),
    outcome: z.enum(['passed', 'failed', 'skipped', 'not-reached']),
    ms: z.number().optional(),
    reason: text.optional(),
    expected: text.optional(),
    came: text.optional(),
    hint: text.optional(),
    transient: z.boolean().optional(),
    ...speed,
    warnings: z.array(text),
  });
  const report = z.object({
    serverId: z.string(),
    modelServer: z.string(),
    model: z.string(),
    placement: z.enum(placements),
    outcome: z.enum(['passed', 'failed', 'cancelled']),
    startedAt: z.number(),
    ms: z.number(),
    levels: z.array(level),
    speed: z.object(speed).optional(),
    context: z.object({ claimed: z.number().optional(), loaded: z.number().optional() }).optional(),
    usage: z.object({ requests: z.number(), inputTokens: z.number().optional(), outputTokens: z.number().optional() }).optional(),
  });
  return { report, stored: z.object({ version: z.literal(1), reports: z.array(z.unknown()) }) };
});

export interface ReportStore {
  readonly file: string;
  /** The newest first; what cannot be read counts as not there. */
  read(): Promise<readonly TestReport[]>;
  /** Puts a report in the place of the one before it of the same model. @returns all of them */
  keep(report: TestReport): Promise<readonly TestReport[]>;
}

export function createReportStore(files: FileSystem, file: string): ReportStore {
  async function readWithHash(): Promise<{ readonly reports: readonly TestReport[]; readonly hash: string | 'new' }> {
    try {
      const { text: content, hash } = await files.read(file, { maxBytes });
      return { reports: parseReports(content), hash };
    } catch (error) {
      if (error instanceof FileError && error.problem === 'not-found') return { reports: [], hash: 'new' };
      throw error;
    }
  }

  return {
    file,
    read: async () => (await readWithHash().catch(() => ({ reports: [] }))).reports, // a state file that is broken holds nothing that matters
    async keep(report) {
      // Another process may write at the same time; its report must not be lost.
      for (let attempt = 1; ; attempt++) {
        const { reports, hash } = await readWithHash();
        const all = withReport(reports, report);
        try {
          await files.write(file, `${JSON.stringify({ version: 1, reports: all })}\n`, { expected: hash, mode: 0o600 });
          return all;
        } catch (error) {
          if (attempt === 10 || !(error instanceof FileError) || error.problem !== 'changed') throw error;
        }
      }
    },
  };
}

export function withReport(reports: readonly TestReport[], report: TestReport): readonly TestReport[] {
  return [report, ...reports.filter((other) => reportKey(other) !== reportKey(report))].toSorted((a, b) => b.startedAt - a.startedAt).slice(0, maxReports);
}

/** Entries that an older or newer version wrote otherwise are left out. */
export function parseReports(content: string): readonly TestReport[] {
  const { report: reportSchema, stored } = schemas();
  const parsed = stored.safeParse(parseJson(content));
  if (!parsed.success) return []; // half a file: as good as none
  return parsed.data.reports.flatMap((entry) => {
    const report = reportSchema.safeParse(entry);
    return report.success ? [report.data as TestReport] : [];
  });
}

