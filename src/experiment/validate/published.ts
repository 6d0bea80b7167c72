// `xbarflow validate`: published figures against those of runs and roll-ups.

import { loadRun, traceOf } from '../../run-config/index.js';
import {
  ConfigError,
  UserError,
  dimensionOf,
  loadConfig,
  parseQuantity,
  validate,
  type Loaded,
  type Presets,
} from '../../config/index.js';
import { partOf, type ValidationRow, type Verdict } from '../../report/index.js';
import { simulate, type Result } from '../../simulation/index.js';
import { validationSchema, type Validation } from './validation-file.js';
import { selectNumbers } from './select.js';

type Figure = Validation['groups'][number]['figures'][number];
type Group = Validation['groups'][number];
interface Measure {
  run?: string | undefined;
  set?: string[] | undefined;
  key?: string | undefined;
  reduce: Figure['reduce'];
}

/**
 * Runs what a validation file asks for, each config once; `progress` hears the share of its figures that are done.
 * @throws ConfigError naming the line of a figure that has no value.
 */
export function validatePublished(
  presets: Presets,
  name = 'published',
  progress: (share: number, figure: string) => void = () => undefined,
): ValidationRow[] {
  const loaded = loadConfig(presets, ['targets'], name);
  const { groups } = validate(validationSchema, loaded);
  const results = new Map<string, Result>();
  const all = groups.reduce((sum, { figures }) => sum + figures.length, 0);
  let done = 0;
  const rows = groups.flatMap((group, g) =>
    group.figures.map((figure, f) => {
      const path = ['groups', String(g), 'figures', String(f)];
      progress(done++ / all, figure.name);
      const value = (measure: Measure, at: string[]): number => {
        const { config, sets } = runOf(group, measure, loaded, at);
        const label = commandOf(config, sets);
        let result = results.get(label);
        if (result === undefined) {
          results.set(label, (result = resultOf(presets, config, sets, (error) => faultAt(loaded, at, error.message))));
        }
        return reduced(result, measure, loaded, at);
      };
      const main = { ...figure, set: figure.set };
      const { over } = figure;
      const divisor =
        over === undefined
          ? 1
          : value({ ...over, run: over.run ?? figure.run, set: over.set ?? figure.set, key: over.key ?? figure.key }, [
              ...path,
              'over',
            ]);
      const simulated = value(main, path) / divisor / scaleOf(figure.unit);
      if (!Number.isFinite(simulated))
        throw faultAt(
          loaded,
          over === undefined ? [...path, 'key'] : [...path, 'over'],
          `the figure is ${simulated}, expected a finite number`,
        );
      const { config, sets } = runOf(group, main, loaded, path);
      return judged(group, figure, simulated, commandOf(config, sets));
    }),
  );
  return [...rows, ...[...results].flatMap(([command, result]) => abovePeak(command, result))];
}

/** A run that does more for a watt than its chip at peak is an error of the model, whatever was asked of it. */
export function abovePeak(command: string, { efficiency, rollUp, notes }: Result): ValidationRow[] {
  if (rollUp === null || !notes.some(({ code }) => code === 'above-peak')) return [];
  const peak = Math.max(rollUp.gopsPerW, rollUp.gatedGopsPerW);
  return [
    {
      group: 'Runs above the peak of their roll-up',
      part: 'roll-up',
      name: 'efficiency of a run, at most',
      source: 'docs/model.md, section 1',
      unit: 'GOPS/W',
      published: peak,
      simulated: efficiency.gopsPerW,
      difference: efficiency.gopsPerW / peak - 1,
      tolerance: 0,
      verdict: 'wrong',
      judgement: 'WRONG, expected no more than the peak',
      note: '',
      command,
      key: 'efficiency.gopsPerW',
    },
  ];
}

const faultAt = (loaded: Loaded, at: readonly string[], words: string): ConfigError =>
  new ConfigError(loaded.origins.at(at), at.join('.'), words);

/** Runs a config. @throws what `fault` makes of a UserError: the figure that asks for the run */
function resultOf(
  presets: Presets,
  config: string,
  sets: readonly string[],
  fault: (error: UserError) => ConfigError,
): Result {
  try {
    const run = loadRun(presets, config, sets);
    return simulate(run, { trace: traceOf(presets, run) }).result;
  } catch (error) {
    throw error instanceof UserError ? fault(error) : error;
  }
}

function runOf(group: Group, { run, set }: Measure, loaded: Loaded, at: string[]): { config: string; sets: string[] } {
  const config = run ?? group.run;
  if (config === undefined)
    throw new ConfigError(
      loaded.origins.at(at),
      [...at, 'run'].join('.'),
      'this key is missing, expected the config that is run, here or in the group',
    );
  return { config, sets: [...(run === undefined || run === group.run ? (group.set ?? []) : []), ...(set ?? [])] };
}

const commandOf = (config: string, sets: readonly string[]): string =>
  ['xbarflow run', config, ...sets.map((set) => `--set '${set}'`)].join(' ');

function reduced(result: Result, { key = '', reduce }: Measure, loaded: Loaded, at: string[]): number {
  const values = selectNumbers(result, key);
  const fail = (message: string): never => {
    throw faultAt(loaded, [...at, 'key'], `${key}: ${message}`);
  };
  if (values.length === 0) return fail('the result has no number there');
  switch (reduce) {
    case 'only':
      return values.length === 1
        ? values[0]!
        : fail(`the result has ${values.length} numbers there, expected one, or reduce: sum, min or max`);
    case 'sum':
      return values.reduce((sum, value) => sum + value, 0);
    case 'min':
      return values.reduce((least, value) => Math.min(least, value));
    case 'max':
      return values.reduce((most, value) => Math.max(most, value));
  }
}

/** SI value of one of a unit; 1 for units that the config does not know (GOPS/W, %). */
function scaleOf(unit: string | undefined): number {
  const dimension = unit === undefined ? undefined : dimensionOf(unit);
  return dimension === undefined ? 1 : parseQuantity(`1 ${unit!}`, dimension);
}

/** Equal but for the rounding of sums of doubles. */
const EXACT = 1e-9;

function judged(group: Group, figure: Figure, simulated: number, command: string): ValidationRow {
  const { name, published, unit = '', key, tolerance = null, note = '' } = figure;
  const apart = simulated === published ? 0 : simulated / published - 1;
  // Of 0 nothing is a share.
  const difference = !Number.isFinite(apart) ? null : Math.abs(apart) < EXACT ? 0 : apart;
  const verdict =
    tolerance === null
      ? 'distance'
      : difference === null || Math.abs(difference) > tolerance
        ? 'wrong'
        : tolerance === 0
          ? 'exact'
          : 'within';
  return {
    group: group.title,
    part: partOf(key),
    name,
    source: figure.source ?? group.source,
    unit,
    published,
    simulated,
    difference,
    tolerance,
    verdict,
    judgement: judgementOf(verdict, tolerance),
    note,
    command,
    key,
  };
}

function judgementOf(verdict: Verdict, tolerance: number | null): string {
  const bound = tolerance === 0 ? 'exact' : `within ${Number((100 * (tolerance ?? 0)).toPrecision(3))} %`;
  return verdict === 'distance' ? 'distance' : verdict === 'wrong' ? `WRONG, expected ${bound}` : bound;
}
