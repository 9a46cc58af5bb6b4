/** What the table of a model test shows: one column for each model, filled level by level. Pure. */
import { type LevelId, levelIds, type LevelProgress, type LevelResult, type TestPlan, type TestReport, type TestTarget } from '../../core/proving/model.ts';

export type Cell = { readonly type: 'waiting' } | { readonly type: 'running' } | { readonly type: 'ended'; readonly result: LevelResult } | { readonly type: 'left-out' };

export interface Column {
  readonly target: TestTarget;
  readonly model: string;
  readonly modelServer: string;
  readonly placement: string;
  readonly cells: Readonly<Record<LevelId, Cell>>;
  readonly report?: TestReport;
  /** Why it could not be tested at all. */
  readonly error?: string;
}

export interface TestTable {
  readonly columns: readonly Column[];
  readonly running: boolean;
}

export function newColumn(target: TestTarget, { model, modelServer, placement, levels }: Pick<TestPlan, 'model' | 'modelServer' | 'placement' | 'levels'>): Column {
  return { target, model, modelServer, placement, cells: cellsOf((id) => ({ type: levels.includes(id) ? 'waiting' : 'left-out' })) };
}

/** A column of a test that ended before. */
export function columnOfReport(target: TestTarget, report: TestReport): Column {
  return withReport(newColumn(target, { ...report, levels: report.levels.map(({ level }) => level) }), report);
}

export function withProgress(column: Column, progress: LevelProgress): Column {
  const [id, cell]: readonly [LevelId, Cell] = progress.type === 'running' ? [progress.level, { type: 'running' }] : [progress.result.level, { type: 'ended', result: progress.result }];
  return { ...column, cells: { ...column.cells, [id]: cell } };
}

export function withReport(column: Column, report: TestReport): Column {
  const ended = new Map(report.levels.map((result) => [result.level, result]));
  return {
    ...column,
    report,
    cells: cellsOf((id) => {
      const result = ended.get(id);
      return result ? { type: 'ended', result } : { type: 'left-out' };
    }),
  };
}

export function withError(column: Column, error: string): Column {
  return { ...column, error, cells: cellsOf((id) => (column.cells[id].type === 'ended' ? column.cells[id] : { type: 'left-out' })) };
}

function cellsOf(cell: (id: LevelId) => Cell): Column['cells'] {
  return Object.fromEntries(levelIds.map((id) => [id, cell(id)])) as Column['cells'];
}
