// The `functional` tree of a config: how numbers run through the hardware, and what its cells and converters do wrong.

import type * as z from 'zod';
import { MINIFLOAT_NAMES } from '../numerics/formats/minifloat.js';
import { choice, count, flag, fraction, object, quantity, real, sourced, text, union } from '../config/index.js';

/** How the matrices of weight layers multiply. */
export const BACKENDS = [
  'float32',
  'float64',
  'integer',
  'crossbar',
  'posit',
  'elma',
  'lognet',
  'addernet',
  'minifloat',
] as const;

/** Widths of signals: two bits at least, and what a double holds with room. */
const SIGNAL_BITS = { min: 2, max: 32 };

const share = (description: string) => sourced(fraction(description), description);

const steps = real('Steps', { min: 0 });

const relativeTo = choice(
  ['conductance', 'range'],
  "What deviations are shares of: the cell's own conductance, or the range from the lowest level to the highest",
);

const programming = object(
  () => ({
    deviation: share('Standard deviation of a written cell').optional(),
    relativeTo: relativeTo.default('conductance'),
    distribution: choice(['normal', 'lognormal'], 'Distribution of written cells').default('normal'),
    levels: choice(
      ['even', 'device'],
      "Levels evenly spaced, or as the device's `levels` say, with their means and deviations",
    ).default('even'),
    table: text(
      'CSV file with columns level, mean, deviation: measured levels, in siemens (with the unit in the header: ' +
        'mean_us, deviation_us) or in shares of the range',
    ).optional(),
    verify: object(
      () => ({
        tolerance: fraction('Largest distance from the level that is accepted, a share of the range'),
        writes: count('Most writes of a cell', { max: 1000 }).default(10),
      }),
      'Write-verify: cells are written again until they are near enough',
    ).optional(),
  }),
  'How written cells differ from what was to be written',
);

const read = object(
  () => ({
    deviation: share('Standard deviation of a cell from read to read'),
    relativeTo: relativeTo.default('conductance'),
  }),
  'Noise of every read',
);

const noise = object(
  () => ({
    source: text('Where the figures come from').optional(),
    programming: union(
      [share('Standard deviation of a written cell, a share of its conductance'), programming],
      'How written cells differ from what was to be written',
    ).optional(),
    read: union(
      [share('Standard deviation of a cell from read to read, a share of its conductance'), read],
      'Noise of every read',
    ).optional(),
    stuckOn: share('Share of cells that stand at their highest level').optional(),
    stuckOff: share('Share of cells that stand at their lowest level').optional(),
    offCurrent: flag("The lowest level conducts as the device's off state does (finite on/off ratio)").default(false),
    drift: object(
      () => ({
        after: quantity('time', 'Time since the write'),
        exponent: sourced(fraction('nu'), "Drift exponent (default: the device's)").optional(),
        deviation: share('Standard deviation of the exponent over cells').optional(),
        reference: sourced(
          quantity('time', 't0', { positive: true }),
          "Reference time (default: the device's)",
        ).optional(),
        compensated: flag('Results are scaled back by the mean share that cells keep').default(false),
      }),
      'Drift of the conductance: ((t + t0) / t0)^-nu',
    ).optional(),
    retention: object(
      () => ({
        after: quantity('time', 'Time since the write'),
        time: sourced(quantity('time', 'tau', { positive: true }), "Retention (default: the device's)").optional(),
      }),
      'States lost over time: a cell falls to its lowest level with probability 1 - exp(-t / tau)',
    ).optional(),
    irDrop: choice(
      ['none', 'first-order', 'nodal'],
      'Resistance of the wires: none, in series with each cell by its own path, or the whole network exactly',
    ).default('none'),
    wires: object(
      () => ({
        wordline: sourced(quantity('resistance', 'Between two cells'), 'Wordline between two cells').prefault({
          value: '2.82 ohm',
          source: "MNSIM 2.0's default, one constant for both wires",
          placeholder: true,
        }),
        bitline: sourced(quantity('resistance', 'Between two cells'), 'Bitline between two cells').prefault({
          value: '2.82 ohm',
          source: "MNSIM 2.0's default, one constant for both wires",
          placeholder: true,
        }),
      }),
      'Resistance of wires, with irDrop',
    ).prefault({}),
    adc: object(
      () => ({
        offset: sourced(steps, 'Standard deviation of the offset over converters, in steps').optional(),
        gain: share('Standard deviation of the gain over converters').optional(),
        inl: sourced(steps, 'Largest integral non-linearity of a converter, in steps').optional(),
        noise: sourced(steps, 'Standard deviation from one conversion to the next, in steps').optional(),
      }),
      'Errors of converters, drawn by converter; noise by conversion',
    ).prefault({}),
  }),
  'What cells, wires and converters do wrong',
);

/** Schema of `functional`. */
export const functionalSchema = object(
  () => ({
    backend: choice(
      BACKENDS,
      'How the matrices of weight layers multiply (default: crossbar; for a digital design the backend of ' +
        'digital.operation and digital.format)',
    ).optional(),
    format: text(
      'Number format of minifloat: float16, float8_e4m3fn, ... (default: digital.format, else float16)',
    ).optional(),
    exponentBits: count(
      'Exponent bits of a posit (default: those of digital.format, else 1 up to 8 bits and 2 above)',
      { min: 0, max: 8 },
    ).optional(),
    per: choice(['tensor', 'channel'], 'Integers: one exponent for the weights of a layer, or one a column').default(
      'tensor',
    ),
    rounding: choice(
      ['half-up', 'nearest-even'],
      'How sums come to the grid of the next layer: a half is added and the rest shifted away, or ties go to even',
    ).default('half-up'),
    vector: choice(
      ['float64', ...MINIFLOAT_NAMES],
      'Format of the vector unit: every step of softmax and of norms over rows, the result of every other operator ' +
        '(integer and crossbar backends, and those of other formats)',
    ).default('float64'),
    residuals: choice(
      ['grid', 'vector'],
      'Sums of two activations: integers of inputs.bits on a grid of their own, as the buffers hold them, or numbers ' +
        'of the vector unit',
    ).default('grid'),
    recurrent: object(
      () => ({
        sumBits: count(
          'Bits of gate sums, which address the tables of the gates (default: inputs.bits)',
          SIGNAL_BITS,
        ).optional(),
        valueBits: count('Bits of what the tables give (default: inputs.bits)', SIGNAL_BITS).optional(),
        cellBits: count("Bits of an LSTM's cell state (default: inputs.bits)", SIGNAL_BITS).optional(),
        tableBits: count(
          'Bits of the cell state that address the table of its function, from the highest (default: all)',
          SIGNAL_BITS,
        ).optional(),
      }),
      'Integer and crossbar backends: signals inside LSTM, GRU and RNN layers',
    ).prefault({}),
    calibration: object(
      () => ({
        count: count('Pictures that set ranges').default(1000),
        from: count('First of them', { min: 0 }).default(0),
        inputs: text('File with them, of the kind of `data` (default: data.inputs)').optional(),
      }),
      'Pictures that set the ranges of the integer, crossbar and lognet backends',
    ).prefault({}),
    noise: noise.prefault({}),
    adcRange: choice(
      ['full', 'calibrated', 'granular', 'unit'],
      'Range of converters: the largest sum that can be, what the calibration pictures reach, or a code a unit of ' +
        "sum clipped at 2^bits - 1 (granular: CrossSim's name of it, where each slot is converted)",
    ).default('full'),
    signedInputs: choice(
      ['twos-complement', 'offset', 'sign-magnitude'],
      'How signed values drive an array: the sign bit as the last slot, with an offset that is taken off, or as ' +
        'magnitudes with drivers of both polarities',
    ).default('twos-complement'),
    subtraction: choice(
      ['digital', 'analog'],
      'Differential storage: columns are subtracted behind the converters or before them',
    ).default('digital'),
    accumulation: choice(['digital', 'analog'], 'Slots are joined behind the converters or before them').default(
      'digital',
    ),
    offsetReference: choice(
      ['column', 'digital'],
      'Offset storage: the sum of inputs comes from the reference column, or is known digitally',
    ).default('column'),
    trials: count('Trials, each on hardware of its own: cells, stuck ones and errors of converters drawn anew').default(
      1,
    ),
  }),
  'Functional simulation',
);

/** The checked `functional` tree, SI units. */
export type FunctionalConfig = z.output<typeof functionalSchema>;
/** Its noise. */
export type NoiseConfig = FunctionalConfig['noise'];
