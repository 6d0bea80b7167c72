// The forms of what a sweep's folder holds, checked when they are read: disks and people damage files.

import * as z from 'zod';
import { UserError, type Tree } from '../../config/index.js';
import { hashOfPlain } from '../../result/hash.js';
import { METRIC_KEYS, metricRow, type MetricRow } from './metrics.js';
import type { Point } from './point-list.js';
import type { SweepBase } from './resolver.js';
import type { Objective } from './sweep.js';
import { isRecord } from '../../config/typed.js';

/** What stands in `sweep.json`. */
export interface SweepInfo {
  schema: 'xbarflow/sweep@1';
  name: string;
  /** Version of the model. */
  model: string;
  base: SweepBase;
  columns: readonly string[];
  objectives: readonly Objective[];
  constraints: readonly string[];
}

/** A line of a part: what became of a point. */
export interface Outcome {
  key: string;
  status: 'done' | 'failed';
  /** Why it failed; null where it did not. */
  reason: string | null;
  attempts: number;
  /** Hash of the figures: equal points have equal hashes on every machine. */
  hash: string | null;
  figures: MetricRow | null;
}

/** A submitted job array; `slurm/NAME.json` holds the points of its tasks. */
export interface SlurmArray {
  job: string;
  name: string;
}

const tree = z.custom<Tree>((given) => typeof given === 'object' && given !== null && !Array.isArray(given));

const infoSchema: z.ZodType<SweepInfo> = z.object({
  schema: z.literal('xbarflow/sweep@1'),
  name: z.string(),
  model: z.string(),
  base: z.object({
    file: z.string(),
    config: z.string(),
    set: tree,
    sets: z.array(z.string()),
    evaluate: z.object({ images: z.number().optional() }).optional(),
    shapes: z.record(z.string(), z.number()).optional(),
    maxMemory: z.number().optional(),
  }),
  columns: z.array(z.string()),
  objectives: z.array(z.object({ key: z.string(), goal: z.enum(['minimize', 'maximize']) })),
  constraints: z.array(z.string()),
});

function checked<T>(schema: z.ZodType<T>, given: unknown, where: string): T {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const [issue] = error.issues;
  const key = issue?.path.join('.') ?? '';
  throw damaged(key === '' ? where : `${where}: ${key}`, issue?.message ?? 'not what a sweep writes');
}

const damaged = (where: string, why: string): UserError =>
  new UserError(
    `${where}: is damaged (${why}); delete the damaged file and run the sweep again with --resume, or start in a new ` +
      'folder',
  );

/** `sweep.json`. @throws UserError naming the file and key that is damaged. */
export function checkedInfo(given: unknown, where: string): SweepInfo {
  const { schema } = typeof given === 'object' && given !== null && 'schema' in given ? given : { schema: null };
  if (schema !== 'xbarflow/sweep@1')
    throw new UserError(`${where}: found schema ${JSON.stringify(schema)}, expected "xbarflow/sweep@1"`);
  return checked(infoSchema, given, where);
}

const isPoint = (given: unknown): given is Point =>
  isRecord(given) && Number.isInteger(given.index) && typeof given.key === 'string' && isRecord(given.values);

/** A line of `points.jsonl`. @throws UserError */
export function checkedPoint(given: unknown, where: string): Point {
  if (isPoint(given)) return given;
  throw damaged(where, 'no point');
}

/** Stands for the columns that a line leaves out where they are null: another version may have others. */
const COLUMNS = hashOfPlain(METRIC_KEYS).slice(0, 8);
const COLUMN_TEXTS = METRIC_KEYS.map((key) => `${JSON.stringify(key)}:`);

/** The line of an outcome in a part. Most columns of a row are null, as JSON has it: those are left out. */
export function outcomeLine(outcome: Outcome): string {
  const { key, status, reason, hash, figures, attempts } = outcome;
  if (figures === null) return JSON.stringify(outcome);
  let text = '';
  for (let i = 0; i < METRIC_KEYS.length; i++) {
    const figure = figures[METRIC_KEYS[i]!];
    // Figures of something else than a result.
    if (figure === undefined) return JSON.stringify(outcome);
    if (figure !== null && Number.isFinite(figure)) text += `${text === '' ? '' : ','}${COLUMN_TEXTS[i]!}${figure}`;
  }
  const rest = JSON.stringify({ key, status, reason, hash, attempts, columns: COLUMNS });
  return `${rest.slice(0, -1)},"figures":{${text}}}`;
}

/** The figures of a line with those that it leaves out. */
function withNulls(given: MetricRow): MetricRow {
  const figures = metricRow(METRIC_KEYS.map((key) => given[key] ?? null));
  return { ...figures, ...given };
}

const isOutcome = (given: unknown): given is Outcome & { columns?: unknown } =>
  isRecord(given) &&
  typeof given.key === 'string' &&
  (given.status === 'done' || given.status === 'failed') &&
  (given.reason === null || typeof given.reason === 'string') &&
  Number.isInteger(given.attempts) &&
  (given.hash === null || typeof given.hash === 'string') &&
  (given.figures === null ? given.status === 'failed' : areFigures(given.figures));

/**
 * A line of a part; there are many, so each is checked by hand. Figures whose hash is another one were changed after
 * they were written. @throws UserError
 */
export function checkedOutcome(given: unknown, where: string): Outcome {
  if (!isOutcome(given)) throw damaged(where, 'no outcome of a point');
  const { columns, ...outcome } = given;
  if (outcome.figures === null) return outcome;
  const figures = columns === COLUMNS ? withNulls(outcome.figures) : outcome.figures;
  // What another version leaves out is not known here.
  const isKnown = columns === undefined || columns === COLUMNS;
  if (isKnown && outcome.hash !== hashOfPlain(Object.values(figures)))
    throw damaged(where, 'its figures are not those that were written');
  return { ...outcome, figures };
}

function areFigures(figures: unknown): boolean {
  if (!isRecord(figures)) return false;
  for (const value of Object.values(figures)) if (value !== null && typeof value !== 'number') return false;
  return true;
}

/** `slurm/jobs.json`. @throws UserError */
export const checkedArrays = (given: unknown, where: string): SlurmArray[] =>
  checked(z.array(z.object({ job: z.string().regex(/^\d+$/), name: z.string().regex(/^[0-9a-f]+$/) })), given, where);
