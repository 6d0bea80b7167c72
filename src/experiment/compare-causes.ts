// Where the ratios of a comparison come from: the parts of two results that differ most.

import { formatEngineering, formatQuantity } from '../config/index.js';
import type { Result } from '../simulation/index.js';
import { grouped } from '../config/numbers.js';

/** `a 2x over b 3x`: a ratio as the quotient of two others, 4 digits each. */
export const quotient = (above: string, ratioAbove: number, below: string, ratioBelow: number): string =>
  `${above} ${Number(ratioAbove.toPrecision(4))}x over ${below} ${Number(ratioBelow.toPrecision(4))}x`;

/** A share as a percentage of 3 digits. */
export const share = (value: number): string => `${Number((100 * value).toPrecision(3))} %`;

type Stage = Result['stages'][number];

/** Service times within this share of the longest tie. */
const TIE = 0.01;
/** Stages whose waves a cause names. */
const MOST_STAGES = 3;

/** The slowest stage, and how many tie with it. */
function slowest({ stages }: Result): { stage: Stage; ties: number } {
  const stage = stages.reduce((most, one) => (one.serviceS > most.serviceS ? one : most));
  return { stage, ties: stages.filter(({ serviceS }) => serviceS >= (1 - TIE) * stage.serviceS).length };
}

/** Waves an image of the slowest stage: the steps of its layer, by which replication sets the pace. */
export const slowestWaves = (result: Result): number => slowest(result).stage.waves;

/** Stages whose waves an image differ: the mechanism behind most ratios of time. */
export function wavesCause(r: Result, b: Result): string {
  const before = new Map(b.stages.map((stage) => [`${stage.name} (${stage.layer})`, stage.waves]));
  const changed = r.stages
    .map(({ name, layer, waves }) => ({ stage: `${name} (${layer})`, waves }))
    .filter(({ stage, waves }) => before.has(stage) && before.get(stage) !== waves)
    .sort((x, y) => Math.abs(y.waves - before.get(y.stage)!) - Math.abs(x.waves - before.get(x.stage)!));
  const named = changed.slice(0, MOST_STAGES).map(({ stage, waves }) => `${stage} ${before.get(stage)!} -> ${waves}`);
  const more = changed.length > MOST_STAGES ? `, and ${changed.length - MOST_STAGES} more` : '';
  return named.length === 0 ? '' : `waves an image ${named.join(', ')}${more}`;
}

/** Why times differ: the stage that sets the pace of each, and what its service is made of. */
export function timeCause(r: Result, b: Result): string {
  const name = (result: Result): string => {
    const { stage, ties } = slowest(result);
    const tied =
      ties > 1 ? `${stage.name} (${stage.layer}) and ${ties - 1} that tie` : `${stage.name} (${stage.layer})`;
    return `${tied} ${formatQuantity(stage.serviceS, 'time')}`;
  };
  const advance = ({ config }: Result): string => config.pipeline.advance;
  const [other, stage] = [name(b), name(r)];
  const { logicalCycles: before } = b.time;
  const { logicalCycles: after } = r.time;
  const waves = wavesCause(r, b);
  const causes = [
    ...(advance(r) === advance(b) ? [] : [`stages advance ${advance(b)} -> ${advance(r)}`]),
    ...(before === null || after === null || before === after
      ? []
      : [`logical cycles ${grouped(before)} -> ${grouped(after)}`]),
    ...(waves === '' ? [] : [waves]),
    ...(stage === other ? [] : [`slowest stage ${other} -> ${stage}`]),
  ];
  return `${causes.length === 0 ? `slowest stage ${stage}` : causes.join(', ')}${unitShare(r, b)}`;
}

/** What sets the number of logical cycles: depth, batches, overlap (PipeLayer Table 2). */
export function cyclesCause(r: Result, b: Result): string {
  const facts = ({ layers, images, batch, mode, config }: Result): Record<string, string> => ({
    mode,
    'weight layers': String(layers.length),
    images: grouped(images),
    batch: grouped(batch),
    'pipeline.enabled': String(config.pipeline.enabled),
    'buffers.entries': String(config.buffers.entries ?? 'as the schedule needs'),
  });
  const [before, after] = [facts(b), facts(r)];
  return Object.keys(after)
    .filter((fact) => before[fact] !== after[fact])
    .map((fact) => `${fact} ${before[fact]!} -> ${after[fact]!}`)
    .join(', ');
}

function unitShare(r: Result, b: Result): string {
  return r.stalls.unit > b.stalls.unit ? `, ${formatQuantity(r.stalls.unit, 'time')} of waiting for shared arrays` : '';
}

/** Changes from this share of the larger total on are named. */
const NAMED = 0.02;

/** The parts whose changes explain most of a total's change; where parts change both ways, the largest of each. */
export function largestPart(
  ours: Record<string, number>,
  theirs: Record<string, number>,
  write: (value: number) => string,
): string {
  const sum = (parts: Record<string, number>): number => Object.values(parts).reduce((all, value) => all + value, 0);
  const least = NAMED * Math.max(sum(ours), sum(theirs));
  const changes = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .map((name) => ({ name, change: (ours[name] ?? 0) - (theirs[name] ?? 0) }))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  const [most] = changes;
  if (most === undefined || most.change === 0) return '';
  const total = changes.reduce((all, { change }) => all + change, 0);
  const other = changes.find(({ change }) => change * most.change < 0 && Math.abs(change) >= least);
  const text = ({ name }: { name: string }): string =>
    `${name} ${write(theirs[name] ?? 0)} -> ${write(ours[name] ?? 0)}`;
  if (other !== undefined) return `${text(most)}, against it ${text(other)}`;
  return `${text(most)}${total === 0 ? '' : `, ${share(Math.min(1, most.change / total))} of the change`}`;
}

/** Why array counts differ: the uses (forward, backward, gradient) that do. */
export function arrayCause(r: Result, b: Result): string {
  const uses = (['forward', 'backward', 'gradient'] as const).filter(
    (use) => r.arrays.physicalByUse[use] !== b.arrays.physicalByUse[use],
  );
  return uses
    .map((use) => `${use} ${grouped(b.arrays.physicalByUse[use])} -> ` + grouped(r.arrays.physicalByUse[use]))
    .join(', ');
}

/** Why counts of array groups differ: the uses that do. */
export function groupCause(r: Result, b: Result): string {
  const uses = (['forward', 'backward', 'gradient'] as const).filter(
    (use) => r.arrays.groups[use] !== b.arrays.groups[use],
  );
  return uses.map((use) => `${use} ${b.arrays.groups[use]} -> ${r.arrays.groups[use]}`).join(', ');
}

/** Why the shares of informative cells differ: signs, reference columns, second copies. */
export function informativeCause(r: Result, b: Result): string {
  const weights = ({ config }: Result): Result['config']['weights'] => config.weights;
  const sign = (result: Result): string =>
    weights(result).sign === 'offset'
      ? `offset in one crossbar, reference column ${weights(result).referenceColumn}`
      : 'differential: half of each pair of cells holds no magnitude';
  const spatial = ({ utilization }: Result): string => share(utilization.spatial);
  const copies =
    weights(r).copies === weights(b).copies
      ? ''
      : `, copies for backpropagation ${weights(b).copies} -> ${weights(r).copies}`;
  return [
    ...(sign(r) === sign(b) ? [] : [`${sign(b)} -> ${sign(r)}`]),
    ...(spatial(r) === spatial(b) ? [] : [`spatial ${spatial(b)} -> ${spatial(r)}${copies}`]),
  ].join('; ');
}

/** Why stored neuron cycles differ: how long the longest neurons live. */
export function storageCause(r: Result, b: Result): string {
  const longest = ({ buffers }: Result): number =>
    Math.max(0, ...buffers.filter(({ kind }) => kind === 'neurons').map(({ lifetimeCycles }) => lifetimeCycles ?? 0));
  return `a layer's neurons live at most ${longest(b)} -> ${longest(r)} logical cycles`;
}

/** Why buffers differ in bits: neurons, masks, errors. */
export function bufferCause(r: Result, b: Result): string {
  const parts = ({ storage }: Result): Record<string, number> => ({
    neurons: storage.neuronBits,
    masks: storage.maskBits,
    errors: storage.errorBits,
  });
  return largestPart(parts(r), parts(b), (bits) => formatQuantity(bits, 'capacity'));
}

/** Why lifetimes differ: writes a second of the cells that wear out first. */
export function wearCause(r: Result, b: Result): string {
  const wear = ({ endurance, time }: Result): string => {
    const worn =
      endurance === null
        ? []
        : [endurance.weights, endurance.gradients, endurance.operands, endurance.buffers].filter(
            (w) => w !== null && w.lifetimeS === endurance.firstWornS,
          );
    return worn[0]
      ? `${formatEngineering(worn[0].writesPerCell, 'writes')} a cell in ` +
          `${formatQuantity(time.totalS, 'time')}, rated ${formatEngineering(endurance!.ratedWrites!, '')}`
      : 'none';
  };
  return `${wear(b)} -> ${wear(r)}`;
}

/** Why waits for units differ. */
export function unitCause(r: Result): string {
  return r.stalls.unit > 0 ? 'F and B of a layer take turns on its arrays' : '';
}
