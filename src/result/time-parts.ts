// Where the time of a stage's service goes, by the units of its own chain (docs/model.md, section 5).

import { valueOf, type ComponentName, type Count } from '../components/index.js';
import { InvariantError } from '../kernel/index.js';
import { recordOf } from '../config/typed.js';
import type { ChainUnit } from '../machine/chain.js';
import type { Machine, MachineStage } from '../machine/machine-types.js';

/** What a stage does with the time of a service, in the order in which a wave passes it. */
export const TIME_PARTS = [
  'memory',
  'links',
  'buffer',
  'write',
  'array',
  'converter',
  'accumulation',
  'units',
  'activation',
  'waits',
] as const;

/**
 * `memory` outside the chip; `links`: bus, routers, links; `write`: cells; `array`: reads of cells, their lines driven;
 * `converter`: sensing, and what conversions take beyond a read; `accumulation`: shift&add and adders; `units`:
 * digital ones; `activation`: activation, pools, vector unit; `waits` for units that other stages use.
 */
export type TimePart = (typeof TIME_PARTS)[number];

/** The part of each component but the crossbar, whose time is shared out. */
export const PART_OF: Readonly<Record<Exclude<ComponentName, 'crossbar'>, TimePart>> = {
  outsideMemory: 'memory',
  bus: 'links',
  router: 'links',
  chipLink: 'links',
  dispatch: 'links',
  buffer: 'buffer',
  register: 'buffer',
  tileRegister: 'buffer',
  weightMemory: 'buffer',
  spikeDriver: 'array',
  dac: 'array',
  switchMatrix: 'array',
  rowDecoder: 'array',
  levelShifter: 'array',
  columnMux: 'converter',
  coreAdder: 'accumulation',
  tileAdder: 'accumulation',
  adc: 'converter',
  sampleHold: 'converter',
  integrateFire: 'converter',
  spinNeuron: 'converter',
  shiftAdd: 'accumulation',
  verticalAdder: 'accumulation',
  scatterAdder: 'accumulation',
  gradientAdder: 'accumulation',
  mac: 'units',
  add: 'activation',
  activation: 'activation',
  pooling: 'activation',
  vector: 'activation',
  optimizer: 'activation',
  controller: 'activation',
};

type Parts = Record<TimePart, number>;

/** Seconds of a tick. */
const TICK = 1e-12;
/** Differences of sums of doubles. */
const ROUNDING = 1e-9;

/**
 * Seconds of each part in a service of `serviceS` on average; together they make it. Each unit has its latency once,
 * for the first wave; the unit that sets the pace has an interval more for each further wave. A serial stage takes the
 * whole chain for each wave; in rows images follow each other without a gap, so that the pace alone counts.
 */
export function timePartsOf(machine: Machine, { chain, name }: MachineStage, serviceS: number): Parts {
  const waves = chain.waves.value;
  const ticks = recordOf(TIME_PARTS, () => 0);
  const add = (unit: ChainUnit, of: Count, times: number): void => {
    for (const [part, share] of sharesOf(machine, unit, of)) ticks[part] += share * times;
  };
  if (serviceS === 0) return ticks;
  const inRows = machine.flow.granularity === 'row' && !chain.serial;
  if (!inRows) for (const unit of chain.units) add(unit, unit.latency, chain.serial ? waves : 1);
  if (!chain.serial) {
    const slowest = chain.units.reduce((most, unit) => (unit.interval.value > most.interval.value ? unit : most));
    add(slowest, slowest.interval, inRows ? waves : waves - 1);
  }
  const own = TIME_PARTS.reduce((sum, part) => sum + ticks[part], 0) * TICK;
  const waits = serviceS - own;
  if (waits < -ROUNDING * serviceS)
    throw new InvariantError(`a service takes its chain: ${name} ${serviceS} s, its units ${own} s`);
  return recordOf(TIME_PARTS, (part) => (part === 'waits' ? Math.max(0, waits) : ticks[part] * TICK));
}

/** Ticks of a unit by part: arrays' slots are reads, what conversions take beyond them, what is stored in between. */
function sharesOf({ constants, cells, run: { config } }: Machine, unit: ChainUnit, of: Count): [TimePart, number][] {
  const { component, role } = unit;
  if (component !== 'crossbar') return [[PART_OF[component], of.value]];
  if (role === 'write weights' || cells === null) return [['write', of.value]];
  const reads = readsIn(of);
  const slots = reads / cells.slot.value;
  const array = slots * constants.readTime.value;
  const stored = config.pipeline.write === 'serial' ? slots * constants.writeLatency('buffer').value : 0;
  return [
    ['array', array],
    ['buffer', stored],
    ['converter', Math.max(0, reads - array - stored)],
    ['write', of.value - reads],
  ];
}

/** Ticks of the reads in the time of arrays, which is all of it where they are not written first. */
function readsIn({ parts, value }: Count): number {
  if ('reads' in parts) return Math.min(value, valueOf(parts.reads));
  if ('time' in parts && typeof parts.time === 'object' && 'reads' in parts.time.parts) return readsIn(parts.time);
  return value;
}
