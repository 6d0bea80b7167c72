// Products against CrossSim 3.2.0, or its formulas (golden/crosssim): slices, converters, signs, tiles, wires.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { IDEAL_CELLS, type CrossbarOptions } from '../../../src/functional/crossbar/options.js';
import { CrossbarProduct } from '../../../src/functional/crossbar/product.js';
import { hasShared, sharedUrl } from '../../shared.js';

const FOLDER = sharedUrl('golden/crosssim/');

/** Its unsliced offset cells hold (w + 127) / 254: ours, which hold w + 128, are given w - 1 and the sum of inputs. */
const OTHER_STORAGE = 'offset_single_b8_adc8_perbit.json';
/** CrossSim holds unsliced cells in float32: a sum of 0, which stands on a tie, comes out beside it. */
const FLOAT32_TIE = 'balanced_single_b8_adc8_perbit.json';

/**
 * CrossSim stops its iterations over wires at a change of 1e-9: scipy's sparse LU of the same network is so far from
 * its results (of 6.1 at most), and ours is as far.
 */
const STOPPED = 1.7883216507641464e-7;

interface Case {
  readonly op: 'mvm' | 'vmm';
  readonly settings: {
    readonly core_style: 'BITSLICED' | 'BALANCED' | 'OFFSET';
    readonly slice_style: 'BALANCED' | 'OFFSET';
    readonly num_slices: number;
    readonly cols_max: number;
    readonly rows_max: number;
    readonly offset_style: string;
    readonly subtract_current_in_xbar: boolean;
    readonly Rmin: number;
    readonly Rmax: number;
    readonly infinite_on_off_ratio: boolean;
    readonly Gmin_norm: number;
    readonly dac: {
      readonly bits: number;
      readonly signed: boolean;
      readonly bit_serial: boolean;
      readonly slice_size: number;
    };
    readonly adc: {
      readonly model: string;
      readonly bits: number;
      readonly per_input_bit: boolean;
      readonly limits_per_core_per_slice: readonly (readonly (readonly [number | null, number | null])[])[];
    };
    readonly parasitics: { readonly enable: boolean; readonly Rp_row: number; readonly Rp_col: number };
  };
  readonly weight_scale: number;
  readonly input_scale: number;
  readonly W_int: number[][];
  readonly X_int: number[] | number[][];
  readonly output: number[] | number[][];
  readonly adc_ties_nonzero_input?: number | null;
  readonly adc_conversions?: number;
}

/** CrossSim's settings as ours: sums in units of a level times an input unit. */
function optionsOf({ settings }: Case, levelsLess: number): CrossbarOptions {
  const balanced =
    settings.core_style === 'BALANCED' || (settings.core_style === 'BITSLICED' && settings.slice_style === 'BALANCED');
  const sliced = settings.core_style === 'BITSLICED';
  const { dac, adc, parasitics } = settings;
  // Unsliced cells hold the whole magnitude: 127 levels of 7 bits, or 8 bits with offset (CrossSim's 255 steps).
  const cellBits = sliced ? Math.ceil((balanced ? 7 : 8) / settings.num_slices) : balanced ? 7 : 8;
  const levels = 2 ** cellBits - 1 - levelsLess;
  const accumulation = adc.per_input_bit || adc.bits === 0 ? 'digital' : 'analog';
  const bitsPerSlot = dac.bit_serial ? dac.slice_size : ('analog' as const);
  // An analog input is a share of the largest one; CrossSim divides sums of slots that it joins by their weights.
  const whole = !dac.bit_serial || accumulation === 'analog';
  const inputUnit = 2 ** (whole ? dac.bits - (dac.signed ? 1 : 0) : dac.slice_size) - 1;
  const on = 1;
  const off = settings.infinite_on_off_ratio ? 0 : settings.Gmin_norm;
  const unit = levels / (on - off);
  return {
    layout: {
      rows: settings.rows_max || 4096,
      columns: 4096,
      cellBits,
      weightBits: balanced ? cellBits * (sliced ? settings.num_slices : 1) : 8,
      sign: balanced ? 'differential' : 'offset',
      slices: 'arrays',
      referenceColumn: 'extra',
      biasRow: false,
      foldsNorms: false,
      groups: 'separate',
    },
    bitsPerSlot,
    signedInputs: 'sign-magnitude',
    subtraction: settings.subtract_current_in_xbar ? 'analog' : 'digital',
    accumulation,
    reference: settings.offset_style === 'UNIT_COLUMN_SUBTRACTION' ? 'digit' : 'digital',
    encoding: 'plain',
    currentLimit: Infinity,
    converter: {
      kind: 'adc',
      bits: adc.bits === 0 ? undefined : adc.bits,
      linesPerConverter: 1,
      range: adc.limits_per_core_per_slice[0]!.map(
        ([least, most]) => [(least ?? 0) * unit * inputUnit, (most ?? 1) * unit * inputUnit] as const,
      ),
      zeroIsLevel: adc.model === 'SignMagnitudeADC',
      offset: 0,
      gain: 0,
      inl: 0,
      noise: 0,
    },
    cells: {
      ...IDEAL_CELLS,
      on: on / settings.Rmin,
      off: off / settings.Rmin,
      wires: parasitics.enable
        ? { model: 'nodal', wordline: parasitics.Rp_row, bitline: parasitics.Rp_col }
        : IDEAL_CELLS.wires,
    },
    precision: 'float64',
    seed: 1,
  };
}

describe('CrossSim 3.2.0', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json') && file !== 'index.json');
  const cases = files.map((file) => [file, JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Case] as const);

  test('there are cases', () => {
    expect(cases.length).toBeGreaterThan(hasShared ? 20 : 13);
  });

  test.each(cases)('%s', (file, own) => {
    const { W_int, X_int, weight_scale, input_scale, output, settings } = own;
    const columns = W_int.length;
    const rows = W_int[0]!.length;
    const less = file === OTHER_STORAGE ? 1 : 0;
    const values = new Int32Array(rows * columns);
    W_int.forEach((line, c) => {
      line.forEach((w, r) => {
        values[r * columns + c] = w - less;
      });
    });
    const transposed = own.op === 'vmm';
    const batch = Array.isArray(X_int[0]) ? X_int[0].length : 1;
    const length = X_int.length;
    const inputs = new Int32Array(batch * length);
    X_int.forEach((x, r) => {
      for (let v = 0; v < batch; v++) inputs[v * length + r] = Array.isArray(x) ? x[v]! : x;
    });
    const options = optionsOf(own, less);
    const tiles = settings.rows_max === 0 ? 1 : Math.ceil(rows / settings.rows_max);
    const range = { bits: settings.dac.bits, signed: settings.dac.signed };
    const product = new CrossbarProduct(
      { name: 'w', rows, columns, values },
      options,
      { inputs: range, errors: range },
      tiles > 1 ? tiles : undefined,
    );
    const results = output.length;
    const out = new Float64Array(batch * results);
    if (transposed) product.transposed(inputs, batch, out);
    else product.forward(inputs, batch, out);
    const tied = (own.adc_ties_nonzero_input ?? 0) > 0 || file === FLOAT32_TIE;
    const step = options.converter.bits === undefined ? 0 : oneStep(options, weight_scale, input_scale);
    let worst = 0;
    output.forEach((expected, c) => {
      for (let v = 0; v < batch; v++) {
        const wanted = Array.isArray(expected) ? expected[v]! : expected;
        const inputSum = inputs.subarray(v * length, (v + 1) * length).reduce((sum, x) => sum + x, 0);
        const found = out[v * results + c]! + less * inputSum;
        worst = Math.max(worst, Math.abs(found / (weight_scale * input_scale) - wanted));
      }
    });
    if (settings.parasitics.enable) expect(Math.abs(worst - STOPPED)).toBeLessThan(1e-12);
    else expect(worst).toBeLessThanOrEqual(tied ? step : 1e-12);
    // CrossSim has reference columns only where they are used, and subtracts digitally else.
    const { lines } = product.placement;
    const references = options.layout.sign === 'offset' ? lines.count - columns * product.placement.slices : 0;
    const slots =
      own.adc_conversions === undefined ? 0 : own.adc_conversions / (batch * columns * product.placement.slices);
    const referenceConversions = references * slots * batch;
    if (own.adc_conversions !== undefined && settings.rows_max === 0 && options.reference === 'digital')
      expect(product.statistics.conversions).toBe(own.adc_conversions + referenceConversions);
  });
});

/** What codes that fall the other way at ties may change: a step of every slice and slot. */
function oneStep(
  { converter, layout, bitsPerSlot, accumulation }: CrossbarOptions,
  weightScale: number,
  inputScale: number,
): number {
  const [[least, most]] = converter.range as [readonly [number, number]];
  const steps = 2 ** converter.bits! - 1;
  const slices = (2 ** (layout.cellBits * Math.ceil(7 / layout.cellBits)) - 1) / (2 ** layout.cellBits - 1);
  const slots = bitsPerSlot === 'analog' || accumulation === 'analog' ? 1 : 255 / (2 ** bitsPerSlot - 1);
  return (2 * ((most - least) / steps) * slices * slots) / (weightScale * inputScale);
}
