// The boxes of a machine drawing: stages with their arrays, steps and units.

import type { Result } from '../../../simulation/index.js';
import { count } from '../../../config/numbers.js';
import { lookOf } from '../../colors.js';
import { percent } from '../../words.js';
import { FONT, passTitle } from '../charts/theme.js';
import { textWidth } from '../letter-widths.js';
import { arrayWords, drawArrays, type ArrayWords } from './arrays.js';
import type { Plan, Stage } from './layout.js';
import { box, described, label, line, type Place, type Rectangle } from './shapes.js';

/** Share of the run in which a stage works: its services without their waits for units that other stages hold. */
export const workingShare = ({ busyS, stallsS }: Stage, totalS: number): number =>
  Math.max(0, busyS - stallsS.unit) / totalS;

const USES = [
  ['F', 'forward'],
  ['B', 'backward'],
  ['G', 'gradient'],
] as const;

/** The stages of all passes. */
export function stageBoxes(plan: Plan): string[] {
  const { result, rows, stageOf, left, bottom, form } = plan;
  const parts: string[] = [];
  rows.forEach(({ name, y, layers }) => {
    const at = layers[0]!;
    for (const [pass, use] of USES) {
      const stage = stageOf(pass, name);
      if (stage === undefined) continue;
      parts.push(
        stageBox(plan, { x: left[pass], y }, stage, {
          logical: result.arrays.byLayer[at]![use].logical,
          copies: pass === 'F' ? result.layers[at]!.replication : null,
          home: result.arrays.physical === 0 ? sharedUnits(stage, form.name === 'roomy') : `the arrays of F${at + 1}`,
        }),
      );
    }
  });
  for (const [pass, x, y] of [
    ['E', (left.F + left.B) / 2, bottom],
    ['X', left.B, form.upper],
    ['U', left.G, form.upper],
  ] as const) {
    const stage = result.stages.find((candidate) => candidate.pass === pass);
    if (stage !== undefined) parts.push(smallBox(plan, { x, y }, stage));
  }
  return parts;
}

interface StageView {
  logical: number;
  copies: number | null;
  /** What it uses when it has no arrays. */
  home: string;
}

/** The stage's arrays in words; null where it has none of its own. */
interface StageWords {
  words: ArrayWords | null;
}

const busyWords = (share: number): string => `${Number((100 * share).toPrecision(2))} % busy`;

/** `G 64 × 9 tiles, 49 steps`, whether or not it is the same in another design. */
function stageBox(plan: Plan, place: Place, stage: Stage, view: StageView): string {
  const { result, form } = plan;
  const own = view.logical > 0;
  const share = workingShare(stage, result.time.totalS);
  const units = unitsOf(result, stage);
  const reads = result.buffers.filter(({ readers }) => readers.includes(stage.name)).map(({ name }) => name);
  const words = own ? wordsOf(plan, stage, view) : null;
  const steps = stepWords(stage);
  const body =
    form.name === 'roomy'
      ? roomyBody(plan, place, stage, { ...view, words, units })
      : shortBody(plan, place, stage, { ...view, words });
  const differs = differsFrom(plan, stage);
  return described(
    `${stage.name} (${passTitle(stage.pass)}) of ${stage.layer}: ${steps}; busy ` +
      `${percent(share)}${words === null ? '' : `; ${words.physical}, ${words.logical}`}; units: ` +
      `${units.join(', ')}${reads.length === 0 ? '' : `; reads ${reads.join(', ')}`}` +
      (differs === '' ? '' : `; differs: ${differs}`),
    [
      ...frame(plan, { ...place, width: form.boxWidth, height: form.box }, stage, {
        dashed: !own,
        outlined: differs !== '',
      }),
      ...heading(plan, place, `${stage.name} ${stage.layer}`, share),
      ...body,
      ...(stage.serial && stage.waves > 1 ? recurrence(plan, place, stage) : []),
    ],
    linkOf(plan, stage),
  );
}

/** Where the stage's row of the table stands. */
const linkOf = ({ result, options }: Plan, stage: Stage): string =>
  `${options.page ?? ''}#stage-${result.stages.indexOf(stage) + 1}`;

const stepWords = ({ waves }: Stage): string => `${count(waves)} ${waves === 1 ? 'step' : 'steps'}`;

const wordsOf = ({ result, arrays }: Plan, stage: Stage, { logical, copies }: StageView): ArrayWords =>
  arrayWords(arrays, logical, copies, stage.pass === 'G' ? operands(result, stage) : '');

/** Name at the left, busy share at the right, and the share once more as a bar along the box's foot. */
function heading({ form }: Plan, { x, y }: Place, name: string, share: number): string[] {
  const { boxWidth, head, text } = form;
  const busy = form.name === 'roomy' ? busyWords(share) : `${Number((100 * share).toPrecision(2))} %`;
  const room = boxWidth - 22 - textWidth(busy, text, FONT);
  return [
    label(x + 8, y + 16, name, { bold: true, size: head, room }),
    label(x + boxWidth - 6, y + 16, busy, { anchor: 'end', size: text }),
  ];
}

/** The box, its busy bar, and a frame around it where it differs from another design's. */
function frame(
  { result }: Plan,
  { x, y, width, height }: Rectangle,
  stage: Stage,
  { dashed, outlined }: { dashed: boolean; outlined: boolean },
): string[] {
  const { color } = lookOf('pass', stage.pass);
  const share = Math.min(1, workingShare(stage, result.time.totalS));
  return [
    ...(outlined
      ? [box({ x: x - 4, y: y - 4, width: width + 8, height: height + 8 }, { stroke: 'currentColor', radius: 8 })]
      : []),
    box({ x, y, width, height }, { fill: 'var(--paper, #fff)', stroke: color, dashed, radius: 6 }),
    box({ x: x + 6, y: y + height - 6, width: width - 12, height: 3 }, { fill: color, fillOpacity: 0.2 }),
    box({ x: x + 6, y: y + height - 6, width: share * (width - 12), height: 3 }, { fill: color }),
  ];
}

/** Arrays, and steps; in a short box on one line. */
function shortBody({ form }: Plan, { x, y }: Place, stage: Stage, { home, words }: StageView & StageWords): string[] {
  const { text, boxWidth } = form;
  const room = boxWidth - 14;
  const arrays = words === null ? `on ${home}` : `${words.physical} (${words.short})`;
  return form.name === 'paper'
    ? [label(x + 8, y + 30, arrays, { size: text, room }), label(x + 8, y + 43, stepWords(stage), { size: text })]
    : [label(x + 8, y + 30, `${arrays} · ${stepWords(stage)}`, { size: text, room })];
}

function roomyBody(
  { form, arrays }: Plan,
  { x, y }: Place,
  stage: Stage,
  { logical, home, words, units }: StageView & StageWords & { readonly units: readonly string[] },
): string[] {
  const color = lookOf('pass', stage.pass).color;
  const room = form.boxWidth - 14;
  const what =
    words === null
      ? [
          label(x + 8, y + 36, 'no arrays of its own:', { size: form.text, bold: true }),
          label(x + 8, y + 49, `takes turns on ${home}`, { size: form.text, room }),
        ]
      : drawArrays({ x: x + 8, y: y + 22 }, arrays, words, { color, logical, right: x + 8 + room });
  return [
    ...what,
    label(x + 8, y + 72, stepWords(stage), { size: form.text, bold: true }),
    ...unitLines(units, Math.floor(room / form.letter)).map((text, i) =>
      label(x + 8, y + 85 + 11 * i, text, { size: form.text, soft: true, room }),
    ),
  ];
}

/** A stage whose steps follow on each other, as an LSTM's: what it writes comes back to it. */
function recurrence({ form }: Plan, { x, y }: Place, stage: Stage): string[] {
  const right = x + form.boxWidth;
  const { color } = lookOf('pass', stage.pass);
  return [
    line(
      [
        [right - 70, y],
        [right - 70, y - 9],
        [right - 16, y - 9],
        [right - 16, y],
      ],
      color,
      { width: 1.5 },
    ),
    label(right - 72, y - 4, `recurs × ${count(stage.waves)}`, { size: form.text, anchor: 'end' }),
  ];
}

/** In what the stage differs from the same stage of another design; empty where it does not, or there is none. */
function differsFrom({ result, options }: Plan, stage: Stage): string {
  const { reference } = options;
  if (reference === undefined || reference === result) return '';
  const other = reference.stages.find(({ pass, layer }) => pass === stage.pass && layer === stage.layer);
  if (other === undefined) return 'not in the other';
  const use = USES.find(([pass]) => pass === stage.pass)?.[1];
  const arraysOf = ({ arrays }: Result): string => {
    const own = arrays.byLayer.find(({ name }) => name === stage.layer);
    return own === undefined || use === undefined ? '' : `${count(own[use].physical)} arrays`;
  };
  return [
    [stepWords(stage), stepWords(other)],
    [arraysOf(result), arraysOf(reference)],
    [unitsOf(result, stage).join(', '), unitsOf(reference, other).join(', ')],
  ]
    .filter(([ours, theirs]) => ours !== theirs)
    .map(([ours, theirs]) => `${ours!} for ${theirs === '' ? 'none' : theirs!}`)
    .join('; ');
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

/** The digital units that all stages share: `mac (16384 units)`; where there is little room, `mac`. */
const sharedUnits = ({ units }: Stage, roomy: boolean): string =>
  [
    ...new Set(
      units.filter(({ shared }) => shared).map(({ component, role }) => (roomy ? `${component} (${role})` : component)),
    ),
  ].join(', ');

/** Lines of units in a box. */
const UNIT_LINES = 3;

/** Names in as few lines as they fit. */
function unitLines(units: readonly string[], letters: number): string[] {
  const lines: string[] = [];
  for (const unit of units) {
    const last = lines[lines.length - 1];
    if (last !== undefined && (lines.length === UNIT_LINES || last.length + 3 + unit.length <= letters))
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

function smallBox(plan: Plan, { x, y }: Place, stage: Stage): string {
  const { result, form } = plan;
  const share = workingShare(stage, result.time.totalS);
  return described(
    `${stage.name}: ${passTitle(stage.pass)}, busy ${percent(share)}`,
    [
      ...frame(plan, { x, y, width: form.boxWidth, height: form.small }, stage, { dashed: false, outlined: false }),
      ...heading(plan, { x, y: y + 2 }, `${stage.name} ${passTitle(stage.pass)}`, share),
    ],
    linkOf(plan, stage),
  );
}
