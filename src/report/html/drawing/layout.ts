// Where the parts of a machine drawing stand: rows for layers, columns for passes, lanes for paths that pass rows by.
// Read from the result alone.

import type { Pass, StageName } from '../../../machine/machine-types.js';
import type { Result } from '../../../simulation/index.js';
import { arrayForm, type ArrayForm } from './arrays.js';
import { formOf, rowsOf, type Form, type Row } from './forms.js';

/** A stage of a result. */
export type Stage = Result['stages'][number];
/** A buffer of a result. */
export type Buffer = Result['buffers'][number];

/** How a machine is drawn. */
export interface DrawingOptions {
  /** For paper: short boxes, letters of 7 points at the drawing's own size. */
  paper?: boolean;
  /** Another design: boxes that differ from its boxes are outlined. */
  reference?: Result;
  /** Bits of the longest buffer's bar; by default those of this design's largest. */
  fullBits?: number;
  /** Page on which the stages' tables stand; boxes link there. */
  page?: string;
}

/** A path that leaves a row and enters others which do not follow it. */
export interface Lane {
  from: number;
  to: number[];
  /** The place of the lane among those beside it. */
  place: number;
}

/** Where everything of a drawing stands. */
export interface Plan {
  result: Result;
  form: Form;
  arrays: ArrayForm;
  options: DrawingOptions;
  fullBits: number;
  stageOf: (pass: Pass, layer: string) => Stage | undefined;
  has: (pass: Pass) => boolean;
  rows: (Row & { name: string; y: number })[];
  /** The row of a stage's or a buffer's layer; -1 for none. */
  rowOf: (layer: string) => number;
  rowOfStage: (stage: StageName) => number;
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

/** Bits that a buffer holds when it is fullest. */
export const bitsOf = ({ capacityEntries, peakEntries, entryBits }: Buffer): number =>
  Math.max(capacityEntries, peakEntries) * entryBits;

/** What makes two layers look alike. */
const signature = ({ layers, arrays }: Result, i: number): string => {
  const { type, rows, columns, groups, positions, replication, steps, backwardSteps, gradientSteps } = layers[i]!;
  const { forward, backward, gradient } = arrays.byLayer[i]!;
  return JSON.stringify([
    [type, rows, columns, groups, positions, replication, steps, backwardSteps, gradientSteps],
    [forward, backward, gradient],
  ]);
};

/** Lays the machine of a result out. */
export function planOf(result: Result, options: DrawingOptions): Plan {
  const paper = options.paper ?? false;
  const form = formOf(result.layers.length, paper);
  const { boxWidth, box, gap, bufferWidth, top, lane } = form;
  const signatures = result.layers.map((_, i) => signature(result, i));
  const rows = rowsOf(signatures, paper).map((row, i) => ({
    ...row,
    name: result.layers[row.layers[0]!]!.name,
    y: top + i * (box + gap),
  }));
  const rowOfLayer = new Map(
    rows.flatMap(({ layers }, i) => layers.map((at) => [result.layers[at]!.name, i] as const)),
  );
  const stages = new Map(result.stages.map((stage) => [`${stage.pass} ${stage.layer}`, stage]));
  const layerOf = new Map(result.stages.map(({ name, layer }) => [name, layer]));
  const has = (pass: Pass): boolean => result.stages.some((stage) => stage.pass === pass);
  const rowOf = (layer: string): number => rowOfLayer.get(layer) ?? -1;
  const rowOfStage = (stage: StageName): number => rowOf(layerOf.get(stage) ?? '');
  const lanes = lanesOf(result, rowOf, rowOfStage);
  const wide = (kind: keyof Plan['lanes']): number =>
    lane * (1 + Math.max(-1, ...lanes[kind].map(({ place }) => place)));
  const F = form.margin + 10 + wide('forward');
  const middle = F + boxWidth + 16;
  const B = middle + bufferWidth + 16 + wide('kept');
  const G = B + boxWidth + 30 + wide('errors');
  const bottom = top + rows.length * (box + gap);
  return {
    result,
    form,
    arrays: arrayForm(result),
    options,
    fullBits: options.fullBits ?? Math.max(1, ...result.buffers.map(bitsOf)),
    has,
    rows,
    rowOf,
    rowOfStage,
    bottom,
    lanes,
    stageOf: (pass, layer) => stages.get(`${pass} ${layer}`),
    left: { F, middle, B, G },
    width: has('G') || has('U') ? G + boxWidth + form.margin : has('B') ? G : middle + bufferWidth + form.margin,
    height: bottom + (has('E') ? form.small + 10 : 4),
    laneX: (kind, place) =>
      kind === 'forward'
        ? F - 14 - lane * place
        : kind === 'kept'
          ? middle + bufferWidth + 6 + lane * place
          : B + boxWidth + 14 + lane * place,
  };
}

function lanesOf(
  { buffers, stages }: Result,
  rowOf: (layer: string) => number,
  rowOfStage: (stage: StageName) => number,
): Plan['lanes'] {
  const passOf = new Map(stages.map(({ name, pass }) => [name, pass]));
  const readersOf = ({ readers }: Buffer, pass: Pass): number[] => [
    ...new Set(readers.filter((reader) => passOf.get(reader) === pass).map(rowOfStage)),
  ];
  const forward: Omit<Lane, 'place'>[] = [];
  const kept: (Omit<Lane, 'place'> & { below: boolean })[] = [];
  const errors = new Map<number, Set<number>>();
  const seen = new Set<string>();
  for (const buffer of buffers) {
    const from = rowOf(buffer.layer);
    if (buffer.kind === 'errors') {
      const writer = rowOfStage(buffer.writer);
      if (writer > from + 1) errors.set(from, (errors.get(from) ?? new Set()).add(writer));
      continue;
    }
    // Layers of a block that repeats lead alike.
    const key = JSON.stringify([buffer.kind, from, buffer.readers.map(rowOfStage)]);
    if (seen.has(key)) continue;
    seen.add(key);
    const later = readersOf(buffer, 'F').filter((reader) => reader > from + 1);
    if (later.length > 0) forward.push({ from, to: later });
    const backward = readersOf(buffer, 'B').filter((reader) => reader >= from);
    if (backward.length > 0) kept.push({ from, to: backward, below: buffer.kind === 'masks' });
  }
  return {
    forward: placed(forward),
    kept: placed(kept),
    errors: placed([...errors].map(([from, to]) => ({ from, to: [...to] }))),
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
