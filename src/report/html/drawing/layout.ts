// Where the parts of a machine drawing stand: rows for layers, columns for passes, lanes for paths that pass rows by.
// Read from the result alone.

import type { Result } from '../../../simulation/index.js';
import { arrayForm, type ArrayForm } from './arrays.js';

/** A stage of a result. */
export type Stage = Result['stages'][number];
/** A buffer of a result. */
export type Buffer = Result['buffers'][number];

/** Layers from which boxes shrink to two lines, so that a deep network stays in sight. */
const COMPACT_FROM = 25;
/** Width of a stage's box, pixels. */
export const BOX_WIDTH = 236;
/** Size of a buffer's box, pixels. */
export const BUFFER = { width: 120, height: 26 };
/** Where the first row starts, pixels. */
export const TOP = 104;
/** Height of the boxes of stages without a layer, and where the upper ones stand. */
export const SMALL = 34;
/** Where the upper boxes of stages without a layer stand, pixels. */
export const UPPER = 42;
const LANE = 9;
const MARGIN = 24;

/** A path that leaves a row and enters others which do not follow it. */
export interface Lane {
  from: number;
  to: number[];
  /** The place of the lane among those beside it. */
  place: number;
}

/** What a drawing is made for, and the height of its boxes in pixels. */
export interface Plan {
  result: Result;
  form: ArrayForm;
  compact: boolean;
  box: number;
  gap: number;
  stageOf: (pass: string, layer: string) => Stage | undefined;
  has: (pass: string) => boolean;
  rows: { name: string; y: number }[];
  bottom: number;
  /** Left edges of the columns. */
  left: { F: number; middle: number; B: number; G: number };
  width: number;
  height: number;
  /** Outputs that later layers read, what backward stages read of the middle, errors that go to earlier rows. */
  lanes: { forward: Lane[]; kept: (Lane & { below: boolean })[]; errors: Lane[] };
  /** Where a lane runs. */
  laneX: (kind: 'forward' | 'kept' | 'errors', place: number) => number;
}

/** Lays the machine of a result out. */
export function planOf(result: Result): Plan {
  const compact = result.layers.length >= COMPACT_FROM;
  const [box, gap] = compact ? [36, 18] : [106, 30];
  const rows = result.layers.map(({ name }, i) => ({ name, y: TOP + i * (box + gap) }));
  const stages = new Map(result.stages.map((stage) => [`${stage.pass} ${stage.layer}`, stage]));
  const has = (pass: string): boolean => result.stages.some((stage) => stage.pass === pass);
  const lanes = lanesOf(result);
  const wide = (kind: keyof Plan['lanes']): number =>
    LANE * (1 + Math.max(-1, ...lanes[kind].map(({ place }) => place)));
  const F = MARGIN + 10 + wide('forward');
  const middle = F + BOX_WIDTH + 16;
  const B = middle + BUFFER.width + 16 + wide('kept');
  const G = B + BOX_WIDTH + 34 + wide('errors');
  const bottom = TOP + rows.length * (box + gap);
  return {
    result,
    form: arrayForm(result),
    compact,
    box,
    gap,
    has,
    rows,
    bottom,
    lanes,
    stageOf: (pass, layer) => stages.get(`${pass} ${layer}`),
    left: { F, middle, B, G },
    width: has('G') ? G + BOX_WIDTH + 14 : has('B') ? G : B,
    height: bottom + (has('E') ? SMALL + 16 : 6),
    laneX: (kind, place) =>
      kind === 'forward'
        ? F - 14 - LANE * place
        : kind === 'kept'
          ? middle + BUFFER.width + 6 + LANE * place
          : B + BOX_WIDTH + 14 + LANE * place,
  };
}

function lanesOf({ buffers, layers, stages }: Result): Plan['lanes'] {
  const row = new Map(layers.map(({ name }, i) => [name, i]));
  const stageOf = new Map(stages.map((stage) => [stage.name, stage]));
  const rowOf = (stage: string): number => row.get(stageOf.get(stage)?.layer ?? '') ?? -1;
  const readersOf = ({ readers }: Buffer, pass: string): number[] =>
    readers.filter((reader) => stageOf.get(reader)?.pass === pass).map(rowOf);
  const forward: Omit<Lane, 'place'>[] = [];
  const kept: (Omit<Lane, 'place'> & { below: boolean })[] = [];
  const errors = new Map<number, number[]>();
  for (const buffer of buffers) {
    const from = row.get(buffer.layer)!;
    if (buffer.kind === 'errors') {
      const writer = rowOf(buffer.writer);
      if (writer > from + 1) errors.set(from, [...(errors.get(from) ?? []), writer]);
      continue;
    }
    const later = readersOf(buffer, 'F').filter((reader) => reader > from + 1);
    if (later.length > 0) forward.push({ from, to: later });
    const backward = readersOf(buffer, 'B');
    if (backward.length > 0) kept.push({ from, to: backward, below: buffer.kind === 'masks' });
  }
  return {
    forward: placed(forward),
    kept: placed(kept),
    errors: placed([...errors].map(([from, to]) => ({ from, to }))),
  };
}

/** Gives every path the first lane in which no other runs beside it. */
function placed<T extends Omit<Lane, 'place'>>(paths: readonly T[]): (T & Lane)[] {
  const free: number[] = [];
  return [...paths]
    .sort((a, b) => a.from - b.from)
    .map((path) => {
      let place = free.findIndex((from) => from <= path.from);
      if (place < 0) place = free.length;
      free[place] = Math.max(...path.to);
      return { ...path, place };
    });
}
