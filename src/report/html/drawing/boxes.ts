// The boxes of a machine drawing: stages with their arrays and units, and the buffers between them.

import type { Result } from '../../../simulation/index.js';
import { formatQuantity } from '../../../config/index.js';
import { count } from '../../../config/numbers.js';
import { percent } from '../../words.js';
import { ORANGE, PASSES, passTitle } from '../charts/theme.js';
import { arrayWords, drawArrays } from './arrays.js';
import { BOX_WIDTH, BUFFER, SMALL, UPPER, type Buffer, type Plan, type Stage } from './layout.js';
import { bufferPlace } from './paths.js';
import { box, described, label } from './shapes.js';

const KINDS = { neurons: PASSES.F!.color, masks: ORANGE, errors: PASSES.B!.color } as const;

/** Opacity of a box for the share of the run in which its stage works. */
export const tint = (share: number): number => 0.04 + 0.5 * share;

/** Share of the run in which a stage works: its services without their waits for units that other stages hold. */
export const workingShare = ({ busyS, stallsS }: Stage, totalS: number): number =>
  Math.max(0, busyS - stallsS.unit) / totalS;

/** The stages of all passes. */
export function stageBoxes(plan: Plan): string[] {
  const { result, rows, stageOf, left, bottom } = plan;
  const parts: string[] = [];
  rows.forEach(({ name, y }, i) => {
    for (const [pass, use] of [
      ['F', 'forward'],
      ['B', 'backward'],
      ['G', 'gradient'],
    ] as const) {
      const stage = stageOf(pass, name);
      if (stage === undefined) continue;
      parts.push(
        stageBox(plan, left[pass], y, stage, {
          logical: result.arrays.byLayer[i]![use].logical,
          copies: pass === 'F' ? result.layers[i]!.replication : null,
          home: result.arrays.physical === 0 ? sharedUnits(stage) : `the arrays of F${i + 1}`,
        }),
      );
    }
  });
  for (const [pass, x, y] of [
    ['E', (left.F + left.B) / 2, bottom],
    ['X', left.B, UPPER],
    ['U', left.G, UPPER],
  ] as const) {
    const stage = result.stages.find((candidate) => candidate.pass === pass);
    if (stage !== undefined) parts.push(smallBox(x, y, stage, result.time.totalS));
  }
  return parts;
}

interface StageView {
  logical: number;
  copies: number | null;
  /** What it uses when it has no arrays. */
  home: string;
}

const busyWords = (share: number): string => `${Number((100 * share).toPrecision(3))} % busy`;

function stageBox(
  { result, form, box: height, compact }: Plan,
  x: number,
  y: number,
  stage: Stage,
  { logical, copies, home }: StageView,
): string {
  const color = PASSES[stage.pass]!.color;
  const share = workingShare(stage, result.time.totalS);
  const own = logical > 0;
  const units = unitsOf(result, stage);
  const reads = result.buffers.filter(({ readers }) => readers.includes(stage.name)).map(({ name }) => name);
  const words = own ? arrayWords(form, logical, copies, stage.pass === 'G' ? operands(result, stage) : '') : null;
  const body = compact
    ? [
        label(x + 8, y + 29, words === null ? `on ${home}` : `${words.physical} · ${words.logical}`, {
          size: 9,
          fits: 44,
        }),
      ]
    : [
        ...(words === null
          ? [
              label(x + 8, y + 40, 'no arrays of its own:', { size: 10.5, bold: true }),
              label(x + 8, y + 54, `takes turns on ${home}`, { size: 10.5, fits: 36 }),
            ]
          : drawArrays(x + 8, y + 26, color, form, logical, words)),
        ...unitLines(units).map((text, i, lines) =>
          label(x + 8, y + height - 7 - 11 * (lines.length - 1 - i), text, { size: 9, soft: true, fits: UNIT_LETTERS }),
        ),
      ];
  return described(
    `${stage.name} (${passTitle(stage.pass)}) of ${stage.layer}: busy ` +
      `${percent(share)}${words === null ? '' : `; ${words.physical}, ${words.logical}`}; units: ` +
      `${units.join(', ')}${reads.length === 0 ? '' : `; reads ${reads.join(', ')}`}`,
    [
      box(x, y, BOX_WIDTH, height, { fill: ORANGE, fillOpacity: tint(share), stroke: color, dashed: !own, radius: 6 }),
      label(x + 8, y + 17, `${stage.name} ${stage.layer}`, { bold: true, size: 12, fits: 19 }),
      label(x + BOX_WIDTH - 8, y + 17, busyWords(share), { anchor: 'end', size: 10.5 }),
      ...body,
    ],
  );
}

/** What a gradient stage multiplies: `d1 + d3 × e6`. */
function operands({ buffers }: Result, { name }: Stage): string {
  const of = (errors: boolean): string =>
    [
      ...new Set(
        buffers
          .filter(({ kind, readers }) => (kind === 'errors') === errors && readers.includes(name))
          .map((buffer) => buffer.name.split('.')[0]!),
      ),
    ].join('+');
  return [of(false), of(true)].filter((part) => part !== '').join(' × ');
}

/** The digital units that all stages share: `mac (16384 units)`. */
const sharedUnits = ({ units }: Stage): string =>
  units
    .filter(({ shared }) => shared)
    .map(({ component, role }) => `${component} (${role})`)
    .join(', ');

/** Letters of a line of units, and lines of them in a box. */
const UNIT_LETTERS = 42;
const UNIT_LINES = 3;

/** Names in as few lines as they fit, at most three. */
function unitLines(units: readonly string[]): string[] {
  const lines: string[] = [];
  for (const unit of units) {
    const last = lines[lines.length - 1];
    if (last !== undefined && (lines.length === UNIT_LINES || last.length + 3 + unit.length <= UNIT_LETTERS))
      lines[lines.length - 1] = `${last} · ${unit}`;
    else lines.push(unit);
  }
  return lines;
}

const unitsOf = ({ actions }: Result, { pass, layer }: Stage): string[] =>
  [
    ...new Set(
      actions.filter((action) => action.pass === pass && action.layer === layer).map(({ component }) => component),
    ),
  ].filter((name) => name !== 'crossbar' && name !== 'buffer' && name !== 'controller');

function smallBox(x: number, y: number, stage: Stage, totalS: number): string {
  const share = workingShare(stage, totalS);
  return described(`${stage.name}: ${passTitle(stage.pass)}, busy ${percent(share)}`, [
    box(x, y, BOX_WIDTH, SMALL, {
      fill: ORANGE,
      fillOpacity: tint(share),
      stroke: PASSES[stage.pass]!.color,
      radius: 6,
    }),
    label(x + 8, y + 21, `${stage.name} ${passTitle(stage.pass)}`, { bold: true, size: 12 }),
    label(x + BOX_WIDTH - 8, y + 21, busyWords(share), { anchor: 'end', size: 10.5 }),
  ]);
}

/** All buffers; errors of one layer from several readers of its output share a box. */
export function bufferBoxes(plan: Plan): string[] {
  return plan.rows.flatMap(({ name }, i) =>
    (['neurons', 'masks', 'errors'] as const).flatMap((kind) => {
      const own = plan.result.buffers.filter((buffer) => buffer.layer === name && buffer.kind === kind);
      if (own.length === 0) return [];
      const { x, y, height } = bufferPlace(plan, i, kind);
      return [bufferBox(x, y, height, own)];
    }),
  );
}

/** Ticks that fit; more entries end in dots. */
const MOST_TICKS = 13;
/** Pixels from which a buffer's box has room for ticks. */
const TICKS_FROM = 24;

/** Buffers: name, the size of an entry, a tick for each entry. */
function bufferBox(x: number, y: number, height: number, buffers: readonly Buffer[]): string {
  const { name, kind, layer, capacityEntries, entryBits } = buffers[0]!;
  const entries = buffers.reduce((sum, buffer) => sum + buffer.capacityEntries, 0);
  const ticks = height < TICKS_FROM ? 0 : Math.min(MOST_TICKS, entries);
  const size = formatQuantity(entryBits, 'capacity', 3);
  return described(
    `${buffers.map((buffer) => buffer.name).join(', ')}: ${kind} of ${layer}, ${count(capacityEntries)} ` +
      `entries of ${size}${buffers.length > 1 ? ' each' : ''}`,
    [
      box(x, y, BUFFER.width, height, { fill: 'var(--paper, #fff)', stroke: KINDS[kind], radius: 4 }),
      label(x + 5, y + 11, `${name.split('.')[0]!}: ${count(entries)} × ${size}`, { size: 9.5, fits: 22 }),
      ...Array.from({ length: ticks }, (_, i) => box(x + 5 + 8 * i, y + 15, 6, 7, { fill: KINDS[kind] })),
      ...(ticks > 0 && entries > ticks ? [label(x + 5 + 8 * ticks, y + 22, '…', { size: 10 })] : []),
    ],
  );
}
