// Axes of a sweep: from what the file says to the choices of each axis, and their values at any place between the ends.

import { FORBIDDEN } from '../../config/forbidden.js';
import { ConfigError, type Origin, type Origins, type TreeValue } from '../../config/index.js';
import type { AxisFile } from './sweep-file.js';

/** One config key of a point with its value. */
export interface Assignment {
  key: string;
  value: TreeValue;
}

/** One choice of an axis: the values of one key, or of several that go together. */
export type Choice = readonly Assignment[];

/** An axis: a list of choices, or a continuum that only samples can draw from. */
export interface Axis {
  keys: readonly string[];
  /** Choices in order; null where only the ends are given. */
  choices: readonly Choice[] | null;
  /** The choice at a share from 0 to 1 of the way. */
  at: (share: number) => Choice;
  /** True where neighbours are near each other (numbers in order). */
  ordered: boolean;
}

type Fail = (path: readonly PropertyKey[], message: string) => never;
type Path = readonly PropertyKey[];

/** Keys within each other. */
const MOST_PARTS = 20;

const FORMS = ['values', 'range', 'logRange', 'zip', 'product', 'points'] as const;

/** The axes of a sweep file. @throws ConfigError at the line of a bad axis. */
export function axesOf(files: readonly AxisFile[], origins: Origins): Axis[] {
  const fail: Fail = (path, message) => {
    throw new ConfigError(origins.at(path), path.join('.'), message);
  };
  const seen = new Map<string, { key: string; at: Origin }>();
  return files
    .flatMap((file, i) => axesIn(file, ['axes', i], fail))
    .map(({ axis, path }) => {
      for (const key of axis.keys) {
        const parts = key.split('.');
        if (parts.includes('')) fail(path, `found ${JSON.stringify(key)}, expected a config key, e.g. crossbar.rows`);
        if (parts.length > MOST_PARTS || parts.some((part) => FORBIDDEN.has(part)))
          fail(path, `${key}: this key is not allowed`);
        // Columns of tables are the same where only large and small letters differ.
        const column = key.toLowerCase();
        const other = seen.get(column);
        if (other !== undefined)
          fail(
            path,
            other.key === key
              ? `${key} is swept by two axes (the other at line ${other.at.line})`
              : `${key} differs from ${other.key} (line ${other.at.line}) in large and small letters only`,
          );
        seen.set(column, { key, at: origins.at(path) });
      }
      return axis;
    });
}

interface Placed {
  axis: Axis;
  path: Path;
}

/** An axis as it is; a product as the axes that it holds. */
function axesIn(file: AxisFile, path: Path, fail: Fail): Placed[] {
  const forms = FORMS.filter((form) => file[form] !== undefined);
  if (forms.length !== 1)
    fail(path, `found ${forms.length === 0 ? 'no values' : forms.join(' and ')}, expected one of ${FORMS.join(', ')}`);
  if (file.product !== undefined) {
    if (file.product.length === 0) fail([...path, 'product'], 'found an empty list, expected axes');
    return file.product.flatMap((inner, i) => axesIn(inner, [...path, 'product', i], fail));
  }
  if (file.zip !== undefined)
    return [
      {
        axis: zipped(
          file.zip.map((inner, i) => axesIn(inner, [...path, 'zip', i], fail)[0]!.axis),
          [...path, 'zip'],
          fail,
        ),
        path,
      },
    ];
  if (file.points !== undefined) return [{ axis: listed(file.points, [...path, 'points'], fail), path }];
  const { key } = file;
  if (key === undefined || key.split('.').includes(''))
    return fail(key === undefined ? path : [...path, 'key'], 'expected a config key, e.g. key: crossbar.rows');
  const round = (value: number): number =>
    file.round === undefined ? value : Math.round(value / Number(file.round)) * Number(file.round);
  const written = (value: number): TreeValue =>
    file.unit === undefined ? tidy(round(value)) : `${tidy(round(value))} ${file.unit}`;
  if (file.range !== undefined)
    return [
      { axis: numberAxis({ key, written }, { ...file.range, ...linear(file.range) }, [...path, 'range'], fail), path },
    ];
  if (file.logRange !== undefined)
    return [
      {
        axis: numberAxis(
          { key, written },
          { ...file.logRange, ...logarithmic(file.logRange, [...path, 'logRange'], fail) },
          [...path, 'logRange'],
          fail,
        ),
        path,
      },
    ];
  if (file.unit !== undefined || file.round !== undefined)
    fail(path, 'unit and round belong to range and logRange; a list has its values in full');
  const values = file.values ?? [];
  if (values.length === 0) fail([...path, 'values'], 'found an empty list, expected values');
  return [
    {
      axis: choiceAxis(
        [key],
        values.map((value) => [{ key, value }]),
        values.every((value) => typeof value === 'number'),
      ),
      path,
    },
  ];
}

const linear = ({ from, to }: { from: number; to: number }) => ({
  place: (share: number) => from + share * (to - from),
});

function logarithmic({ from, to }: { from: number; to: number }, path: Path, fail: Fail) {
  if (from <= 0 || to <= 0)
    fail(
      [...path, from <= 0 ? 'from' : 'to'],
      `found ${from <= 0 ? from : to}, expected a number above 0 (a log range has equal ratios)`,
    );
  return { place: (share: number) => from * (to / from) ** share, step: undefined };
}

interface NumberRange {
  from: number;
  to: number;
  count?: number | undefined;
  step?: number | undefined;
  place: (share: number) => number;
}

function numberAxis(
  { key, written }: { readonly key: string; readonly written: (value: number) => TreeValue },
  { from, to, count, step, place }: NumberRange,
  path: Path,
  fail: Fail,
): Axis {
  if (step !== undefined && count !== undefined) fail([...path, 'step'], 'found step and count, expected one of them');
  if (step !== undefined && (step === 0 || (to - from) / step < 0))
    fail([...path, 'step'], `found ${step}, which never gets from ${from} to ${to}`);
  // A value that misses the end by a rounding error is the end.
  const steps = step === undefined ? undefined : Math.floor((to - from) / step + 1e-9) + 1;
  const at = (share: number): Choice => [{ key, value: written(share >= 1 ? to : place(share)) }];
  const number = steps ?? count;
  if (!Number.isFinite(to - from)) fail(path, 'is too wide a range');
  if (number !== undefined && !(number <= MOST_CHOICES))
    fail(path, `gives ${number} values, expected at most ${MOST_CHOICES}`);
  const values =
    number === undefined
      ? null
      : Array.from({ length: number }, (_, i) =>
          written(
            step !== undefined
              ? from + i * step
              : number === 1
                ? from
                : i === number - 1
                  ? to
                  : place(i / (number - 1)),
          ),
        );
  // Rounding may make neighbours equal; each value is swept once.
  const choices = values === null ? null : [...new Set(values)].map((value) => [{ key, value }]);
  return { keys: [key], choices, at, ordered: true };
}

const MOST_CHOICES = 1_000_000;

function choiceAxis(keys: readonly string[], choices: readonly Choice[], ordered: boolean): Axis {
  return {
    keys,
    choices,
    ordered,
    at: (share) => choices[Math.min(choices.length - 1, Math.floor(share * choices.length))]!,
  };
}

function zipped(axes: readonly Axis[], path: Path, fail: Fail): Axis {
  if (axes.length < 2) fail(path, 'expected at least two axes that go together');
  const lists = axes.map(({ choices }, i) => choices ?? fail([...path, i], 'a zipped range needs step or count'));
  const lengths = lists.map(({ length }) => length);
  if (new Set(lengths).size > 1)
    fail(path, `the axes have ${lengths.join(', ')} values, expected the same number of each`);
  const keys = axes.flatMap((axis) => axis.keys);
  if (new Set(keys).size < keys.length) fail(path, 'a key stands in it twice');
  return choiceAxis(
    keys,
    lists[0]!.map((_, i) => lists.flatMap((choices) => choices[i]!)),
    axes.every(({ ordered }) => ordered),
  );
}

function listed(points: readonly Record<string, TreeValue>[], path: Path, fail: Fail): Axis {
  if (points.length === 0) fail(path, 'found an empty list, expected combinations of keys');
  points.forEach((point, i) => {
    if (Object.keys(point).length === 0) fail([...path, i], 'found an empty mapping, expected keys with values');
  });
  return choiceAxis(
    [...new Set(points.flatMap((point) => Object.keys(point)))],
    points.map((point) => Object.entries(point).map(([key, value]) => ({ key, value }))),
    false,
  );
}

/** Without the last digits that only rounding made: 0.1 + 0.2 is 0.3. */
const tidy = (value: number): number => Number(value.toPrecision(12));
