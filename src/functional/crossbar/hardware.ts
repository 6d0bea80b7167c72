// A config's crossbars as the functional product takes them.

import { findFile, type Presets } from '../../config/index.js';
import { crossbarLayout } from '../../machine/crossbar/layout.js';
import {
  hasCrossbars,
  designNumbers,
  failure,
  type Config,
  type FunctionalConfig,
  type LoadedRun,
  type NoiseConfig,
} from '../../run-config/index.js';
import { readNoiseTable } from './noise-table.js';
import type {
  CellOptions,
  ConverterOptions,
  CrossbarOptions,
  Drift,
  LevelStatistics,
  ProgrammingNoise,
  ReadNoise,
  RetentionLoss,
} from './options.js';

/** Where a key of the config is wrong. */
type Fail = (path: string[], message: string) => never;

/** What a config says of its device for numbers: conductances of the ends of the range, S. */
interface DeviceRange {
  readonly on: number;
  readonly off: number;
}

const NOISE = ['functional', 'noise'];

/**
 * The crossbar machine of a run. @param presets where a table of measured levels is read
 * @throws ConfigError where the config asks for what its device does not say
 */
export function crossbarOptions(run: LoadedRun, presets: Presets): CrossbarOptions {
  const { config, loaded } = run;
  const fail = failure(loaded);
  const functional = designNumbers(run);
  if (!hasCrossbars(config))
    return fail(['functional', 'backend'], 'the design computes with digital units and has no crossbars');
  if (config.weights.codebook !== 'uniform')
    return fail(
      ['weights', 'codebook'],
      `found ${config.weights.codebook}; expected uniform: functional crossbars store integers`,
    );
  if (flips(config) && config.weights.copies === 'shared')
    return fail(
      ['sensing', 'encoding'],
      'found flipped beside weights.copies shared; expected plain: reads against the direction add up plain and ' +
        'flipped columns',
    );
  if (functional.adcRange === 'granular' && functional.accumulation === 'analog')
    return fail(
      ['functional', 'adcRange'],
      'found granular beside functional.accumulation analog; expected full, calibrated or unit: the smallest step of ' +
        "one slot's current is lost where slots are joined before the converters",
    );
  const range = deviceRange(config, functional.noise, fail);
  return {
    layout: crossbarLayout(config),
    bitsPerSlot: config.inputs.bitsPerSlot,
    signedInputs: functional.signedInputs,
    subtraction: functional.subtraction,
    accumulation: functional.accumulation,
    reference: functional.offsetReference,
    encoding: flips(config) ? 'flipped' : 'plain',
    currentLimit: currentLimit(config, range),
    converter: converterOptions(config, functional),
    cells: cellOptions(run, presets, functional.noise, { range, fail }),
    precision: 'fast',
    seed: config.workload.seed,
  };
}

/** Flipped columns need the sum of the inputs, which offset storage has. */
const flips = ({ sensing, weights }: Config): boolean => sensing.encoding === 'flipped' && weights.sign === 'offset';

function converterOptions({ sensing }: Config, { adcRange, noise }: FunctionalConfig): ConverterOptions {
  const { offset, gain, inl, noise: drawn } = noise.adc;
  return {
    kind: sensing.kind,
    bits: sensing.bits,
    linesPerConverter: sensing.columnsPerConverter,
    range: adcRange,
    // A spin neuron has as many levels on either side of 0.
    zeroIsLevel: sensing.kind !== 'spin-neuron',
    offset: offset?.value ?? 0,
    gain: gain?.value ?? 0,
    inl: inl?.value ?? 0,
    noise: drawn?.value ?? 0,
  };
}

/** The device's range; where nothing depends on siemens, a range of one. */
function deviceRange(config: Config, noise: NoiseConfig, fail: Fail): DeviceRange {
  const { device } = config;
  const on = device.resistance?.on?.value;
  const off = device.resistance?.off?.value;
  const { programming } = noise;
  const table = typeof programming === 'object' && 'table' in programming ? programming.table : undefined;
  const needed = noise.offCurrent || noise.irDrop !== 'none' || table !== undefined || lineLimit(config) !== undefined;
  if (!needed) return { on: 1, off: 0 };
  if (on === undefined || off === undefined)
    return fail(NOISE, `needs device.resistance.on and off, which ${device.name} does not give`);
  return { on: 1 / on, off: noise.offCurrent ? 1 / off : 0 };
}

/** Amperes at which lines are limited. The config's check holds those of cells in series, which none can pass. */
const lineLimit = ({ crossbar }: Config): number | undefined =>
  crossbar.summation === 'current' ? crossbar.columnCurrentLimit : undefined;

/** Share that the rounding of doubles may take of a line that carries the limit itself. */
const ROUNDING = 1e-9;

/** The current limit in currents of a level at the read voltage: I / (V times the conductance of a level). */
function currentLimit(config: Config, { on, off }: DeviceRange): number {
  const limit = lineLimit(config);
  const voltage = config.device.readVoltage?.value;
  if (limit === undefined || voltage === undefined) return Infinity;
  const level = voltage * ((on - off) / (2 ** config.crossbar.cellBits - 1));
  return (limit * (1 + ROUNDING)) / level;
}

function cellOptions(
  run: LoadedRun,
  presets: Presets,
  noise: NoiseConfig,
  { range, fail }: { readonly range: DeviceRange; readonly fail: Fail },
): CellOptions {
  const { stuckOn, stuckOff, irDrop, wires } = noise;
  const [on, off] = [stuckOn?.value ?? 0, stuckOff?.value ?? 0];
  if (on + off > 1) fail([...NOISE, 'stuckOn'], `found ${on} beside stuckOff ${off}; expected shares of 1 at most`);
  return {
    ...range,
    programming: programmingNoise(run, presets, noise, { range, fail }),
    read: readNoise(noise),
    stuckOn: on,
    stuckOff: off,
    drift: driftOf(run.config, noise, fail),
    retention: retentionOf(run.config, noise, fail),
    wires: { model: irDrop, wordline: wires.wordline.value, bitline: wires.bitline.value },
  };
}

function programmingNoise(
  { config, loaded }: LoadedRun,
  presets: Presets,
  { programming }: NoiseConfig,
  { range: { on, off }, fail }: { readonly range: DeviceRange; readonly fail: Fail },
): ProgrammingNoise | null {
  if (programming === undefined) return null;
  if ('value' in programming)
    return {
      deviation: programming.value,
      relativeTo: 'conductance',
      distribution: 'normal',
      levels: null,
      verify: null,
    };
  const { deviation, relativeTo, distribution, table, verify } = programming;
  const path = [...NOISE, 'programming'];
  const levels = 2 ** config.crossbar.cellBits;
  let statistics: LevelStatistics[] | null = null;
  if (table !== undefined) {
    const key = [...path, 'table'];
    const reference = { origin: loaded.origins.at(key), key: key.join('.') };
    const file = findFile(presets, ['noise'], table, { from: reference, endings: ['.csv'] });
    statistics = readNoiseTable(file.text, file.path, { levels, off, on });
  } else if (programming.levels === 'device') statistics = deviceLevels(config, levels, fail);
  if (statistics === null && deviation === undefined)
    return fail(path, 'says nothing of deviations; expected deviation, levels: device, or table');
  return {
    deviation: deviation?.value ?? 0,
    relativeTo,
    distribution,
    levels: statistics,
    verify: verify === undefined ? null : { tolerance: verify.tolerance, writes: verify.writes },
  };
}

/**
 * The device's levels in shares of the range from the least to the largest conductance; those that a cell uses are
 * spread over those that there are. The deviation of a conductance is that of its resistance, to first order.
 */
function deviceLevels({ device }: Config, count: number, fail: Fail): LevelStatistics[] {
  const all = device.levels?.value;
  if (all === undefined || all.length < count)
    return fail(
      [...NOISE, 'programming', 'levels'],
      `needs ${count} levels (crossbar.cellBits), of which ${device.name} gives ${all?.length ?? 0}`,
    );
  const used = Array.from({ length: count }, (_, k) => all[Math.round((k * (all.length - 1)) / (count - 1))]!)
    .map(({ mean, sigma }) => ({ mean: 1 / mean, deviation: sigma / mean }))
    .sort((a, b) => a.mean - b.mean);
  const low = used[0]!.mean;
  const span = used[count - 1]!.mean - low;
  return used.map(({ mean, deviation }) => ({ mean: (mean - low) / span, deviation: deviation / span }));
}

function readNoise({ read }: NoiseConfig): ReadNoise | null {
  if (read === undefined) return null;
  return 'value' in read
    ? { deviation: read.value, relativeTo: 'conductance' }
    : { deviation: read.deviation.value, relativeTo: read.relativeTo };
}

function driftOf({ device }: Config, { drift }: NoiseConfig, fail: Fail): Drift | null {
  if (drift === undefined) return null;
  const exponent = (drift.exponent ?? device.drift?.exponent)?.value;
  const reference = (drift.reference ?? device.drift?.reference)?.value;
  if (exponent === undefined || reference === undefined)
    return fail([...NOISE, 'drift'], `needs exponent and reference, which ${device.name} does not give`);
  const { after, compensated } = drift;
  return { after, exponent, deviation: drift.deviation?.value ?? 0, reference, compensated };
}

function retentionOf({ device }: Config, { retention }: NoiseConfig, fail: Fail): RetentionLoss | null {
  if (retention === undefined) return null;
  const time = (retention.time ?? device.retention)?.value;
  if (time === undefined) return fail([...NOISE, 'retention'], `needs time, which ${device.name} does not give`);
  return { after: retention.after, retention: time };
}
