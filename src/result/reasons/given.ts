// What a run was given: config, constants, images; what follows from other figures alone; what is said of the computer.

import type { Result } from '../result-types.js';
import { unitOfKey } from '../../run-config/index.js';
import { leaf, number, product, quotient, type Derivation } from './derivation.js';
import type { Define } from './figure.js';
import type { Leaf } from './leaves.js';
import { argumentUnit, declaredUnit, type Sources } from './sources.js';

/** Units of `simulator`'s figures; the others are counts. */
const HOST_UNITS: Readonly<Partial<Record<string, string>>> = {
  'simulator.wallS': 's',
  'simulator.peakRssBytes': 'B',
};

/** Figures of `config`, `constants`, `images`, `batch`, `seed`, `efficiency` and `simulator`. */
export function describeGiven(sources: Sources, leaves: readonly Leaf[], define: Define): void {
  const { result } = sources;
  for (const { key, value } of leaves) {
    if (key.startsWith('config.'))
      define(key, settingUnit(key), 'a knob of the config', () => configured(sources, key, value));
    if (key.startsWith('simulator.') && key !== 'simulator.eventsPerS') {
      const unit = HOST_UNITS[key] ?? '';
      define(key, unit, 'of the simulation itself, not of the design', () =>
        leaf('host', { name: key, value, unit, says: 'of the run on its computer; says nothing of the design' }),
      );
    }
  }
  define('simulator.eventsPerS', '1/s', 'events a second of wall time', () =>
    quotient('simulator.eventsPerS', '1/s', {
      over: sources.figure('simulator.events'),
      under: sources.figure('simulator.wallS'),
    }),
  );
  for (const constant of result.constants) describeConstant(sources, constant, define);
  define('seed', '', 'seed of every random draw', () => sources.knob('workload.seed'));
  define('batch', '', 'images of a batch', () =>
    given(sources, 'workload.batch', result.batch, `default of ${result.mode}`),
  );
  define('images', '', 'images in all', () => images(sources));
  define('efficiency.gopsPerW', 'GOPS/W', 'throughput over power', () =>
    quotient('efficiency.gopsPerW', 'GOPS/W', {
      over: sources.figure('throughput.gops'),
      under: sources.figure('power.averageW'),
    }),
  );
  define('efficiency.gopsPerMm2', 'GOPS/mm2', 'throughput over area', () =>
    quotient('efficiency.gopsPerMm2', 'GOPS/mm2', {
      over: sources.figure('throughput.gops'),
      under: sources.figure('area.totalMm2'),
    }),
  );
}

const given = (sources: Sources, key: string, value: number, otherwise: string): Derivation =>
  typeof sources.setting(key) === 'number'
    ? sources.knob(key)
    : leaf('config', { name: key, value, unit: '', says: otherwise, origin: sources.origin(key) });

function images(sources: Sources): Derivation {
  const { mode, images: count, batch } = sources.result;
  if (mode === 'attack')
    return product(
      'images',
      '',
      [sources.figure('batch'), given(sources, 'workload.iterations', count / batch, 'default of an attack')],
      'images that share a perturbation x updates of it',
    );
  if (typeof sources.setting('workload.images') === 'number' || mode === 'inference')
    return given(sources, 'workload.images', count, 'default of inference');
  return product('images', '', [sources.figure('batch'), number(count / batch, 'batches, default of training')]);
}

/** The knob or constant of a key of the config's numbers: a constant's stand below its `value`. */
function settingOf(key: string): { setting: string; constant: boolean; cycles: boolean } {
  const knob = key.slice('config.'.length);
  const setting = knob.replace(/\.value(\.seconds|\.cycles)?$/, '');
  return { setting, constant: setting !== knob, cycles: knob.endsWith('.value.cycles') };
}

/** Unit of a number of the config; the ends of a constant's range have its own. */
function settingUnit(key: string): string {
  const { setting, cycles } = settingOf(key.replace(/\.range\.\d+(?=$|\.)/, '.value'));
  return cycles ? 'cycles' : unitOfKey(setting);
}

/** A number of the config: a knob, or (below `value`) a constant. */
export function configured(sources: Sources, key: string, value: number): Derivation {
  const { setting: constant, constant: sourced } = settingOf(key);
  const unit = settingUnit(key);
  if (!sourced) {
    const origin = sources.origin(constant);
    return leaf('config', { name: constant, value, unit, says: origin.at === null ? 'the default' : '', origin });
  }
  if (sources.hasConstant(constant)) return sources.constant(constant);
  const text = (word: string): string | null => {
    const said = sources.setting(`${constant}.${word}`);
    return typeof said === 'string' ? said : null;
  };
  const users = sources.result.constants
    .filter(({ law }) => law?.arguments.some(({ from }) => from === constant) === true)
    .map((user) => user.key);
  return leaf('constant', {
    name: constant,
    value,
    unit,
    says:
      users.length > 0
        ? `an argument of the law behind ${users.join(', ')}`
        : 'no energy, time or area of this run rests on it',
    origin: {
      at: sources.origin(constant).at,
      source: text('source'),
      placeholder: sources.setting(`${constant}.placeholder`) === true,
      note: text('note'),
    },
  });
}

function describeConstant(sources: Sources, constant: Result['constants'][number], define: Define): void {
  const key = `constants.${constant.key}`;
  define(
    key,
    declaredUnit(constant.key, constant.value),
    constant.placeholder ? 'an assumption' : 'a constant of the hardware',
    () => sources.constant(constant.key),
  );
  for (const argument of constant.law?.arguments ?? []) {
    const { name, value, from } = argument;
    const unit = argumentUnit(constant.law!.name, name);
    if (typeof value === 'number')
      define(`${key}.law.arguments.${name}`, unit, `argument of the law ${constant.law!.name}`, () =>
        leaf('config', {
          name: from ?? name,
          value,
          unit,
          says: from === null ? 'given with the law' : '',
          origin:
            from === null ? { at: constant.at, source: null, placeholder: false, note: null } : sources.origin(from),
        }),
      );
  }
}
