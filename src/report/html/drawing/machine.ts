// The machine as a drawing, from its result alone: layers down, forward, backward and gradient stages side by side, buffers between them.

import type { Result } from '../../../simulation/index.js';
import { formatQuantity } from '../../../config/index.js';
import { count, percent } from '../../tables.js';
import { GREEN, ORANGE, PASSES, passTitle } from '../charts/theme.js';
import type { Figure } from '../sections.js';
import { arrayForm, drawArrays, type ArrayForm } from './arrays.js';
import { arrow, box, described, drawing, label } from './shapes.js';

type Stage = Result['stages'][number];
type Buffer = Result['buffers'][number];

const BOX = { width: 236, height: 98 };
const ROW = BOX.height + 30;
const LEFT = { F: 34, middle: 286, B: 420, G: 690 };
const TOP = 104;
const SMALL = 34;
const KINDS = { neurons: PASSES.F!.color, masks: ORANGE, errors: PASSES.B!.color } as const;

interface Plan {
  result: Result;
  form: ArrayForm;
  stageOf: (pass: string, layer: string) => Stage | undefined;
  rows: { name: string; y: number }[];
  bottom: number;
}

/** A drawing of the machine of a result. */
export function machineFigure(result: Result, id = 'machine'): Figure {
  const rows = result.layers.map(({ name }, i) => ({ name, y: TOP + i * ROW }));
  const stages = new Map(result.stages.map((stage) => [`${stage.pass} ${stage.layer}`, stage]));
  const plan: Plan = { result, form: arrayForm(result), rows, bottom: TOP + rows.length * ROW, stageOf: (pass, layer) => stages.get(`${pass} ${layer}`) };
  const has = (pass: string): boolean => result.stages.some((stage) => stage.pass === pass);
  const width = has('G') ? LEFT.G + BOX.width + 14 : has('B') ? LEFT.B + BOX.width + 34 : LEFT.B;
  const height = plan.bottom + (has('E') ? SMALL + 16 : 6);
  const parts = [...legend(width), ...headings(plan, has), ...paths(plan, has), ...boxes(plan), ...buffers(plan)];
  return {
    id, title: `${result.architecture} on ${result.network}`, width, svg: drawing(width, height, `The machine ${result.architecture} on ${result.network}: stages, arrays, buffers and paths`, parts),
    caption: `Blue: forward, down the layers. ${has('B') ? 'Red: backward, up again with the errors e. ' : ''}${has('G') ? 'Green: gradients. ' : ''}${result.arrays.physical === 0 ? 'There are no crossbars: the stages take turns on shared digital units.' : `A square is one array: ${plan.form.signs === 2 ? 'full for positive, pale for negative weights, ' : ''}side by side the slices of a weight's bits; cards behind it are tiles and copies (G).`} Small boxes: buffers, entries × size of an entry, a tick for each entry.${has('B') && result.arrays.physicalByUse.backward === 0 ? ' Dashed red: the backward pass takes turns on the forward arrays, read the other way round.' : ''}${has('X') ? ' Pink: the perturbation of the attacked image.' : ''}${has('U') ? ' Pink: the update of the weights, once a batch.' : ''} Fill: share of the run in which the stage works.`,
  };
}

function legend(width: number): string[] {
  const x = width - 210;
  return [
    label(x - 6, 16, 'stage works 0 %', { size: 10, anchor: 'end' }),
    ...Array.from({ length: 10 }, (_, i) => box(x + i * 14, 6, 14, 12, { fill: ORANGE, fillOpacity: tint((i + 0.5) / 10) })),
    label(x + 146, 16, '100 %', { size: 10 }),
  ];
}

/** Opacity of a box for the share of the run in which its stage works. */
const tint = (share: number): number => 0.04 + 0.5 * share;

function headings({ result }: Plan, has: (pass: string) => boolean): string[] {
  const at = (x: number, pass: string, text: string): string[] => (has(pass) ? [label(x + 52, 92, text, { bold: true, size: 12 })] : []);
  return [
    ...at(LEFT.F, 'F', 'forward'), label(LEFT.middle, 92, 'kept in buffers', { bold: true, size: 12 }), ...at(LEFT.B, 'B', 'backward'), ...at(LEFT.G, 'G', 'gradient'),
    label(4, 16, result.architecture, { bold: true, size: 13, fits: 40 }),
  ];
}

function boxes({ result, form, rows, stageOf, bottom }: Plan): string[] {
  const { totalS } = result.time;
  const parts: string[] = [];
  rows.forEach(({ name, y }, i) => {
    for (const [pass, use] of [['F', 'forward'], ['B', 'backward'], ['G', 'gradient']] as const) {
      const stage = stageOf(pass, name);
      if (stage === undefined) continue;
      const { logical } = result.arrays.byLayer[i]![use];
      parts.push(stageBox(LEFT[pass], y, stage, { totalS, form, logical, copies: pass === 'F' ? result.layers[i]!.replication : null, units: unitsOf(result, stage), home: result.arrays.physical === 0 ? sharedUnits(stage) : `the arrays of F${i + 1}` }));
    }
  });
  for (const [pass, x, y] of [['E', (LEFT.F + LEFT.B) / 2, bottom], ['X', LEFT.B, 42], ['U', LEFT.G, 42]] as const) {
    const stage = result.stages.find((candidate) => candidate.pass === pass);
    if (stage !== undefined) parts.push(smallBox(x, y, stage, totalS));
  }
  return parts;
}

interface StageView {
  totalS: number;
  form: ArrayForm;
  logical: number;
  copies: number | null;
  units: string[];
  /** What it uses when it has no arrays. */
  home: string;
}

function stageBox(x: number, y: number, stage: Stage, { totalS, form, logical, copies, units, home }: StageView): string {
  const color = PASSES[stage.pass]!.color;
  const share = stage.busyS / totalS;
  const own = logical > 0;
  return described(`${stage.name} (${passTitle(stage.pass)}) of ${stage.layer}: busy ${percent(share)}; units: ${units.join(', ')}`, [
    box(x, y, BOX.width, BOX.height, { fill: ORANGE, fillOpacity: tint(share), stroke: color, dashed: !own, radius: 6 }),
    label(x + 8, y + 17, `${stage.name} ${stage.layer}`, { bold: true, size: 12, fits: 20 }),
    label(x + BOX.width - 8, y + 17, `${Number((100 * share).toPrecision(3))} % busy`, { anchor: 'end', size: 10.5 }),
    ...(own ? drawArrays(x + 8, y + 26, color, form, logical, copies) : [label(x + 8, y + 40, 'no arrays of its own:', { size: 10.5, bold: true }), label(x + 8, y + 54, `takes turns on ${home}`, { size: 10.5, fits: 36 })]),
    ...twoLines(units).map((line, i) => label(x + 8, y + BOX.height - 19 + 12 * i, line, { size: 9, soft: true, fits: 46 })),
  ]);
}

/** The digital units that all stages share: `mac (16384 units)`. */
const sharedUnits = ({ units }: Stage): string => units.filter(({ shared }) => shared).map(({ component, role }) => `${component} (${role})`).join(', ');

/** Names on two lines that differ least in length; few of them on the second. */
function twoLines(units: readonly string[]): string[] {
  if (units.length < 4) return ['', units.join(' · ')];
  const splits = units.slice(1).map((_, i) => [units.slice(0, i + 1).join(' · '), units.slice(i + 1).join(' · ')]);
  return splits.reduce((best, split) => (longest(split) < longest(best) ? split : best));
}

const longest = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length));

function smallBox(x: number, y: number, stage: Stage, totalS: number): string {
  const share = stage.busyS / totalS;
  return described(`${stage.name}: ${passTitle(stage.pass)}, busy ${percent(share)}`, [
    box(x, y, BOX.width, SMALL, { fill: ORANGE, fillOpacity: tint(share), stroke: PASSES[stage.pass]!.color, radius: 6 }),
    label(x + 8, y + 21, `${stage.name} ${passTitle(stage.pass)}`, { bold: true, size: 12 }),
    label(x + BOX.width - 8, y + 21, `${Number((100 * share).toPrecision(3))} % busy`, { anchor: 'end', size: 10.5 }),
  ]);
}

const unitsOf = ({ actions }: Result, { pass, layer }: Stage): string[] => [...new Set(actions.filter((action) => action.pass === pass && action.layer === layer).map(({ component }) => component))].filter((name) => name !== 'crossbar' && name !== 'buffer' && name !== 'controller');

function paths({ result, rows, stageOf, bottom }: Plan, has: (pass: string) => boolean): string[] {
  const [forward, backward] = [PASSES.F!.color, PASSES.B!.color];
  const middle = { F: LEFT.F + 40, B: LEFT.B + 40, G: LEFT.G + BOX.width - 20 };
  const parts = [arrow([[middle.F, 62], [middle.F, TOP]], forward), label(middle.F - 32, 56, 'images', { size: 11 })];
  rows.forEach(({ name, y }, i) => {
    const next = rows[i + 1];
    const end = y + BOX.height;
    if (next !== undefined) parts.push(arrow([[middle.F, end], [middle.F, next.y]], forward));
    if (next !== undefined && stageOf('B', next.name) && stageOf('B', name)) parts.push(arrow([[middle.B, next.y], [middle.B, end]], backward));
    if (stageOf('B', name)) {
      parts.push(arrow([[LEFT.F + BOX.width, y + 20], [LEFT.B, y + 20]], forward, { dashed: true, width: 1 }));
      if (result.arrays.byLayer[i]!.backward.logical === 0) parts.push(arrow([[LEFT.B, y + 84], [LEFT.F + BOX.width, y + 84]], backward, { dashed: true, width: 1.5 }), label(LEFT.middle + 28, y + 80, 'shared arrays', { size: 9.5 }));
    }
    if (stageOf('G', name)) {
      const from = stageOf('B', name) ? LEFT.B + BOX.width : LEFT.F + BOX.width;
      parts.push(arrow([[from, y + 50], [LEFT.G, y + 50]], GREEN));
      parts.push(arrow([[middle.G, y], [middle.G, i === 0 ? 42 + SMALL : y - 30]], GREEN, { head: i === 0 }));
    }
  });
  if (has('E')) {
    const y = bottom + SMALL / 2;
    parts.push(arrow([[middle.F, bottom - 30], [middle.F, y], [(LEFT.F + LEFT.B) / 2, y]], forward));
    parts.push(arrow([[(LEFT.F + LEFT.B) / 2 + BOX.width, y], [LEFT.B + BOX.width - 40, y], [LEFT.B + BOX.width - 40, bottom - 30]], backward));
  }
  if (has('X')) {
    parts.push(arrow([[middle.B, TOP], [middle.B, 42 + SMALL]], backward));
    parts.push(arrow([[LEFT.B, 52], [middle.F + 14, 52]], PASSES.X!.color));
  }
  return parts;
}

function buffers({ result, rows }: Plan): string[] {
  return rows.flatMap(({ name, y }) => {
    const own = result.buffers.filter(({ layer }) => layer === name);
    const kept = own.filter(({ kind }) => kind !== 'errors');
    const errors = own.filter(({ kind }) => kind === 'errors');
    return [...kept.map((buffer, i) => bufferMark(LEFT.middle, y + 28 * i, buffer)), ...errors.slice(0, 1).map((buffer) => bufferMark(LEFT.B + 56, y + BOX.height + 2, buffer))];
  });
}

/** Ticks that fit; more entries end in dots. */
const MOST_TICKS = 13;

/** A buffer: its name, the size of an entry, a tick for each entry. */
function bufferMark(x: number, y: number, { name, kind, layer, capacityEntries, entryBits }: Buffer): string {
  const ticks = Math.min(MOST_TICKS, capacityEntries);
  const size = formatQuantity(entryBits, 'capacity', 3);
  return described(`${name}: ${kind} of ${layer}, ${capacityEntries} entries of ${size}`, [
    box(x, y, 120, 26, { fill: 'var(--paper, #fff)', stroke: KINDS[kind], radius: 4 }),
    label(x + 5, y + 11, `${name}: ${count(capacityEntries)} × ${size}`, { size: 9.5, fits: 24 }),
    ...Array.from({ length: ticks }, (_, i) => box(x + 5 + 8 * i, y + 15, 6, 7, { fill: KINDS[kind] })),
    ...(capacityEntries > ticks ? [label(x + 5 + 8 * ticks, y + 22, '…', { size: 10 })] : []),
  ]);
}
