// Units of a stage's chain: latency and initiation interval from the constants of their components.

import type { Result } from '../simulation/index.js';
import { agrees, ceiling, law, leaf, number, product, quotient, sum, type Derivation } from './derivation.js';
import { slot, writeTime } from './cells.js';
import type { Define } from './figure.js';
import type { Sources } from './sources.js';

type Stage = Result['stages'][number];
type Unit = Stage['units'][number];

/** Keys of a stage's units in their order. */
export function unitKeys({ name, units }: Stage): string[] {
  const seen = new Map<string, number>();
  return units.map(({ component, role }) => {
    const word = component === 'buffer' || component === 'bus' ? `${component}.${role}` : component;
    const times = (seen.get(word) ?? 0) + 1;
    seen.set(word, times);
    return `stages.${name}.units.${word}${times === 1 ? '' : `#${times}`}`;
  });
}

/** Figures of `stages.<name>.units`. */
export function describeUnits(sources: Sources, stage: Stage, define: Define): void {
  const keys = unitKeys(stage);
  stage.units.forEach((unit, u) => {
    const key = keys[u]!;
    const { component, role, latencyS, intervalS } = unit;
    define(`${key}.latencyS`, 's', `${component} (${role}): start to result`, () =>
      times(`${key}.latencyS`, latencyS, latencyOf(sources, stage, unit), unit),
    );
    define(`${key}.intervalS`, 's', `${component} (${role}): one start to the next`, () =>
      agrees(intervalS, latencyS)
        ? sources.figure(`${key}.latencyS`, 'starts again when it is done')
        : times(`${key}.intervalS`, intervalS, intervalOf(sources, unit), unit),
    );
  });
}

/** What a duration is a multiple of, what the multiple counts, and what comes on top. */
interface Base {
  base: Derivation;
  counts: string;
  more?: Derivation;
}

/** The time as a multiple of its base; a time that is none was built by the mapping. */
function times(key: string, seconds: number, of: Base | undefined, { component, role }: Unit): Derivation {
  if (of !== undefined) {
    const { base, counts, more } = of;
    const rest = seconds - (more?.value ?? 0);
    const n = base.value === 0 ? 0 : Math.round(rest / base.value);
    if (agrees(base.value * n, rest) || Math.abs(base.value * n - rest) < 1e-15 * Math.max(1, n)) {
      const multiple = n === 1 || base.value === 0 ? base : product(key, 's', [number(n, counts), base]);
      if (more === undefined || more.value === 0) return multiple;
      return n === 0 ? more : sum(key, 's', [multiple, more]);
    }
  }
  return leaf('mapping', key, seconds, 's', `as the ${component} (${role}) is built`);
}

function latencyOf(sources: Sources, stage: Stage, { component, role }: Unit): Base | undefined {
  const own = `components.${component}.latency`;
  switch (component) {
    case 'crossbar':
      return stage.pass === 'U'
        ? { base: writeTime(sources), counts: 'rows' }
        : {
            base: slot(sources),
            counts: 'slots: bits of an input by bits of a slot',
            ...gradientWrite(sources, stage),
          };
    case 'adc':
    case 'integrateFire':
    case 'spinNeuron':
      return { base: sources.hasConstant(own) ? sources.duration(own) : slot(sources), counts: 'slots' };
    case 'shiftAdd':
      return {
        base: sources.hasConstant(own) ? sources.duration(own) : slot(sources),
        counts: 'steps: joining, and taking the offset off',
      };
    case 'verticalAdder':
      return { base: sources.duration(own), counts: 'levels' };
    case 'buffer':
      return {
        base: sources.duration(role === 'write' ? 'components.buffer.writeLatency' : 'components.buffer.latency'),
        counts: 'accesses of the port for a wave',
      };
    case 'pooling':
      return role === 'read window, write maximum'
        ? {
            base: sources.duration('components.buffer.latency'),
            counts: 'values of a window',
            more: sources.duration('components.buffer.writeLatency'),
          }
        : { base: sources.duration(own), counts: 'times' };
    case 'chipLink':
      return { base: linkTime(sources, stage), counts: 'waves' };
    case 'mac':
      return { base: macCycle(sources), counts: 'further cycles of the units', more: sources.duration(own) };
    default:
      return sources.hasConstant(own) ? { base: sources.duration(own), counts: 'transfers of a wave' } : undefined;
  }
}

function intervalOf(sources: Sources, { component }: Unit): Base | undefined {
  const own = `components.${component}.interval`;
  if (component === 'mac') return { base: macCycle(sources), counts: 'cycles of the units' };
  if (sources.hasConstant(own)) return { base: sources.duration(own), counts: 'times' };
  const latency = `components.${component}.latency`;
  // Adders and shift&add take the next wave when their first step is done.
  return { base: sources.hasConstant(latency) ? sources.duration(latency) : slot(sources), counts: 'steps' };
}

/** A wave's share of the bits that come from another chip, over the rate of the links. */
function linkTime(sources: Sources, { name, pass, layer, units }: Stage): Derivation {
  const { latencyS } = units.find(({ component }) => component === 'chipLink')!;
  return law(
    'bits of a wave over the links',
    's',
    latencyS,
    'bits by waves and rate, up to whole bits and the next edge of the clock',
    [
      sources.figure(`actions.chipLink.transfer.${pass}.${layer}.count`),
      sources.figure(`stages.${name}.starts`),
      sources.figure(`stages.${name}.waves`),
      sources.knob('links.chip.rate', 'bit/s'),
    ],
  );
}

const macCycle = (sources: Sources): Derivation =>
  sources.duration(
    sources.hasConstant('components.mac.interval') ? 'components.mac.interval' : 'components.mac.latency',
  );

/** G where d is written before the error streams: its share of a wave. */
function gradientWrite(sources: Sources, { pass, layer, name }: Stage): Pick<Base, 'more'> {
  if (pass !== 'G' || sources.setting('gradient.write') !== 'serial') return {};
  const rows = sources.figure(`placements.${layer}.gradient.rows`);
  const arrayRows = sources.knob('crossbar.rows');
  const most = law(
    'rows of an array that are written',
    '',
    Math.min(rows.value, arrayRows.value),
    'the fewer of the matrix and the array',
    [rows, arrayRows],
  );
  const groups = ceiling(
    'rows after each other',
    '',
    quotient('rows by rows written at once', '', most, sources.knob('crossbar.writeRows')),
  );
  const share = quotient(
    'write by waves',
    's',
    product('write of d', 's', [groups, writeTime(sources)]),
    sources.figure(`stages.${name}.waves`),
  );
  return {
    more: law(
      'write of d, spread over the waves',
      's',
      Math.ceil(Number((share.value / 1e-12).toFixed(6))) * 1e-12,
      'in whole picoseconds',
      [share],
    ),
  };
}
