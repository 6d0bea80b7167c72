// Cells and converters: what cells keep, refresh, wear and lifetime, resolution and line current.

import type { Result } from '../result-types.js';
import {
  driftFactor,
  requiredResolution,
  spinNeuronThresholds,
  timeToDrift,
  worstColumnCurrent,
} from '../../estimators/index.js';
import { actionEnergy, pulses } from './cell-actions.js';
import { law, leaf, number, product, quotient, sum, type Derivation } from './derivation.js';
import type { Define } from './figure.js';
import { configured } from './given.js';
import type { Sources } from './sources.js';
import { keysOf } from '../../config/typed.js';

/** A constant of the device, whether or not the run's energies and times rest on it. */
const deviceConstant = (sources: Sources, word: string): Derivation => {
  const key = `config.device.${word}.value`;
  return configured(sources, key, sources.value(key));
};

/** Figures of `device`, `sensing` and `endurance`. */
export function describeDevice(sources: Sources, define: Define): void {
  const { device, sensing, endurance } = sources.result;
  if (device !== null) describeCells(sources, device, define);
  if (sensing !== null) describeSensing(sources, sensing, define);
  if (endurance !== null) describeWear(sources, endurance, define);
}

function describeCells(
  sources: Sources,
  { refresh, programming, drift, levels }: NonNullable<Result['device']>,
  define: Define,
): void {
  define('device.pulsesPerWrite', '', 'pulses of a cell write', () => pulses(sources));
  define('device.retentionS', 's', 'time that a state is kept', () => deviceConstant(sources, 'retention'));
  const dynamic = new Set(sources.result.operators.filter(({ place }) => place === 'dynamic').map(({ name }) => name));
  const inTurns = sources.result.stages.some(({ pass }) => pass === 'W');
  const all = sources.result.placements.filter(({ use, layer }) => use !== 'gradient' && !dynamic.has(layer));
  for (const figure of refresh === null ? ['programming'] : ['programming', 'refresh']) {
    // Where layers take turns the run writes all weights itself.
    const placed = inTurns && figure === 'programming' ? [] : all;
    define(`device.${figure}.cells`, '', 'cells that are written', () =>
      sum(
        `device.${figure}.cells`,
        '',
        placed.map(({ layer, use }) =>
          product(
            `${layer} ${use}`,
            '',
            sources.figures([`placements.${layer}.${use}.programmedCells`, `placements.${layer}.${use}.copies`]),
          ),
        ),
      ),
    );
    define(`device.${figure}.energyJ`, 'J', 'energy of writing all weights', () =>
      product(
        `device.${figure}.energyJ`,
        'J',
        [sources.figure(`device.${figure}.cells`), actionEnergy(sources, 'crossbar', 'write')],
        'cells x energy of a write',
      ),
    );
  }
  define('device.programming.timeS', 's', 'time of writing all weights once, beside the run', () =>
    leaf('timed', {
      name: 'device.programming.timeS',
      value: programming.timeS,
      unit: 's',
      says: 'rows of an array, one after the other, all arrays at once',
    }),
  );
  if (refresh !== null)
    define('device.refresh.averageW', 'W', 'power of rewriting all weights each time the retention is over', () =>
      quotient('device.refresh.averageW', 'W', {
        over: sources.figure('device.refresh.energyJ'),
        under: sources.figure('device.retentionS'),
      }),
    );
  if (levels !== null) describeLevels(sources, levels, define);
  if (drift === null) return;
  const exponent = (): Derivation => deviceConstant(sources, 'drift.exponent');
  const reference = (): Derivation => deviceConstant(sources, 'drift.reference');
  for (const [word, time] of [
    ['keptAtEnd', () => sources.figure('time.totalS')],
    ['keptAfterDay', () => number(86_400, 'a day', 's')],
    ['keptAfterYear', () => number(31_557_600, 'a year', 's')],
  ] as const) {
    const key = `device.drift.${word}`;
    define(key, '', 'share of its conductance that a drifting cell keeps', () => {
      const [t, nu, t0] = [time(), exponent(), reference()];
      return law(
        { name: key, unit: '', value: driftFactor(t.value, nu.value, t0.value), says: '((t + t0) / t0) ^ -nu' },
        [t, nu, t0],
      );
    });
  }
  define('device.drift.lost5PercentS', 's', 'time until a drifting cell has lost 5 % of its conductance', () => {
    const [share, nu, t0] = [number(0.95, 'share that is kept'), exponent(), reference()];
    return law(
      {
        name: 'device.drift.lost5PercentS',
        unit: 's',
        value: timeToDrift(share.value, nu.value, t0.value),
        says: 't0 (share ^ (-1 / nu) - 1)',
      },
      [share, nu, t0],
    );
  });
}

function describeLevels(
  sources: Sources,
  levels: NonNullable<NonNullable<Result['device']>['levels']>,
  define: Define,
): void {
  const of = (): Derivation[] => [
    sources.knob('crossbar.cellBits'),
    leaf('constant', {
      name: 'device.levels',
      value: levels.levels,
      unit: '',
      says: 'levels in use, each with mean and sigma',
      origin: {
        ...sources.origin('device.levels'),
        placeholder: levels.placeholder,
      },
    }),
  ];
  const says = {
    levels: ['levels of a cell that are in use', '2 ^ bits of a cell, spread over those of the device'],
    closestSigmas: [
      'distance of the closest levels',
      'conductances of neighbours apart, by the sum of their standard deviations; the least',
    ],
    misread: [
      'share of cells that are read as another level',
      "Gaussian levels beyond the threshold where two neighbours' densities are equal, levels equally likely",
    ],
  } as const;
  for (const word of keysOf(says)) {
    const [what, how] = says[word];

    define(`device.levels.${word}`, '', what, () =>
      law({ name: `device.levels.${word}`, unit: '', value: levels[word] ?? 0, says: how }, of()),
    );
  }
}

function describeSensing(sources: Sources, { thresholds }: NonNullable<Result['sensing']>, define: Define): void {
  thresholds?.forEach((_, k) => {
    const key = `sensing.thresholds.${k}`;
    define(key, '', 'weighted sum at which a spin neuron goes to its next output level', () => {
      const bits = sources.knob('sensing.bits');
      return law(
        {
          name: key,
          unit: '',
          value: spinNeuronThresholds(bits.value)[k]!,
          says: 'atanh of the middle between output levels, which are equally spaced in (-1, 1)',
        },
        [bits],
      );
    });
  });
  define('sensing.bits', '', 'resolution of the converters', () => sources.knob('sensing.bits'));
  define('sensing.requiredBits', '', 'resolution that loses no column sum', () => {
    const [rows, slot, cell] = [
      sources.knob('crossbar.rows'),
      sources.knob('inputs.bitsPerSlot'),
      sources.knob('crossbar.cellBits'),
    ];
    const flipped = sources.setting('sensing.encoding') === 'flipped';
    return law(
      {
        name: 'sensing.requiredBits',
        unit: '',
        value: requiredResolution(rows.value, slot.value, cell.value, flipped ? 'flipped' : 'plain'),
        says:
          'log2 of the rows + bits of a slot + bits of a cell, one less where either has one ' +
          `bit${flipped ? ', one less by flipped encoding' : ''} (ISAAC Sec. V)`,
      },
      [rows, slot, cell],
    );
  });
  define(
    'sensing.lineCurrentA',
    'A',
    'current of a line with all its cells driven and in their lowest resistance',
    () => {
      const [voltage, on, rows, columns] = [
        deviceConstant(sources, 'readVoltage'),
        deviceConstant(sources, 'resistance.on'),
        sources.knob('crossbar.rows'),
        sources.knob('crossbar.columns'),
      ];
      const cells = sources.setting('weights.copies') === 'shared' && columns.value > rows.value ? columns : rows;
      const series = sources.setting('crossbar.summation') === 'resistance';
      return law(
        {
          name: 'sensing.lineCurrentA',
          unit: 'A',
          value: worstColumnCurrent(
            { voltage: voltage.value, on: on.value, off: on.value },
            cells.value,
            series ? 'resistance' : 'current',
          ),
          says: series ? 'voltage / (cells x resistance)' : 'cells x voltage / resistance',
        },
        [cells, voltage, on],
      );
    },
  );
}

const WEARS = ['weights', 'gradients', 'operands', 'buffers'] as const;

function describeWear(sources: Sources, endurance: NonNullable<Result['endurance']>, define: Define): void {
  const { mode } = sources.result;
  define('endurance.ratedWrites', '', 'writes that a cell survives', () => deviceConstant(sources, 'endurance'));
  define('endurance.ratedUpdates', '', 'weight updates until the rated writes', () =>
    quotient('endurance.ratedUpdates', '', { over: sources.figure('endurance.ratedWrites'), under: pulses(sources) }),
  );
  for (const kind of WEARS) {
    const writes = `endurance.${kind}.writesPerCell`;
    define(writes, '', `writes of a cell of the ${kind} in this ${mode}`, () => writesOf(sources, kind, writes));
    define(`endurance.${kind}.lifetimeS`, 's', `time until the ${kind} reach their rated writes at this rate`, () =>
      product(`endurance.${kind}.lifetimeS`, 's', [
        quotient('runs until then', '', {
          over: sources.figure('endurance.ratedWrites'),
          under: sources.figure(writes),
        }),
        sources.figure('time.totalS'),
      ]),
    );
  }
  const worn = WEARS.filter((kind) => typeof endurance[kind]?.lifetimeS === 'number').map((kind) =>
    sources.figure(`endurance.${kind}.lifetimeS`),
  );
  define('endurance.firstWornS', 's', 'time until the first of them is worn out', () =>
    law(
      {
        name: 'endurance.firstWornS',
        unit: 's',
        value: Math.min(...worn.map(({ value }) => value)),
        says: 'the smallest',
      },
      worn,
    ),
  );
  for (const [i, { ratedWrites }] of endurance.scenarios.entries()) {
    const key = `endurance.scenarios.${i}`;
    const rating = (): Derivation => number(ratedWrites, 'a rating within the range of the assumed one');
    define(`${key}.ratedWrites`, '', 'a rating within the range of the assumed one', rating);
    define(`${key}.firstWornS`, 's', 'time until the first cells are worn out with that rating', () =>
      product(`${key}.firstWornS`, 's', [
        sources.figure('endurance.firstWornS'),
        quotient('of the rating', '', { over: rating(), under: sources.figure('endurance.ratedWrites') }),
      ]),
    );
  }
}

function writesOf(sources: Sources, kind: (typeof WEARS)[number], key: string): Derivation {
  if (kind === 'buffers') return bufferWrites(sources, key);
  if (kind === 'operands') return product(key, '', [sources.figure('images'), pulses(sources)], 'an operand an image');
  const loads = sources.result.stages.filter(({ pass }) => pass === 'W');
  if (loads.length > 0)
    return leaf('mapping', {
      name: key,
      value: sources.result.endurance![kind]!.writesPerCell,
      unit: '',
      says: 'the busiest arrays are written in every turn of every batch (mapping.overflow), pulses of a write each',
      origin: sources.origin('mapping.overflow'),
    });
  const update = sources.result.stages.find(({ pass }) => pass === 'U')!;
  const ownSets = kind === 'weights' || sources.setting('pipeline.enabled') === true;
  return product(
    key,
    '',
    [ownSets ? sources.figure(`stages.${update.name}.starts`) : sources.figure('images'), pulses(sources)],
    'writes x pulses of a write',
  );
}

/** The busiest buffer: what its writer gives it, by its entries, which take turns. */
function bufferWrites(sources: Sources, key: string): Derivation {
  const { result } = sources;
  // A buffer that nobody reads is never filled.
  const writes = result.buffers
    .filter(({ peakEntries }) => peakEntries > 0)
    .map(({ name }) => {
      const written = product('entries written', '', sources.figures(['images', `buffers.${name}.entriesPerImage`]));
      return quotient(
        `buffer ${name}`,
        '',
        { over: written, under: sources.figure(`buffers.${name}.capacityEntries`) },
        'its entries take turns',
      );
    });
  const most = writes.reduce(
    (a, b) => (b.value > a.value ? b : a),
    leaf('mapping', {
      name: 'no buffer',
      value: 0,
      unit: '',
      says: 'nothing is written',
      origin: sources.origin('buffers.kind'),
    }),
  );
  return { ...most, name: key, says: `${most.name}, the busiest: entries written by its entries, which take turns` };
}
