// golden/crosssim: matrix products on sliced cells behind converters, by the formulas that CrossSim follows, in its
// conventions: cells from 0 to 1, inputs a bit (or a slice of bits) at a time, outputs over 127.

import { drawing } from './random.mjs';

const [SCALE, INPUT] = [127, 255];

/** Rounds half away from even ties; no case here stands on one. */
const digitised = (value, [low, high], { bits, model }) => {
  if (bits === 0) return value;
  const steps = model === 'SignMagnitudeADC' ? 2 ** bits - 2 : 2 ** bits - 1;
  const unit = (high - low) / steps;
  // The sign's converter has zero as a level: its steps count from there.
  const from = model === 'SignMagnitudeADC' ? 0 : low;
  return Math.round((Math.min(high, Math.max(low, value)) - from) / unit) * unit + from;
};

/** Digits of a magnitude, base 2^b, the lowest first. */
const digits = (value, base, count) => Array.from({ length: count }, (_, i) => Math.floor(value / base ** i) % base);

/** One product of weights [outputs][inputs] with whole inputs. */
function product(weights, x, settings) {
  const { num_slices: slices, slice_style: style, adc, dac, rows_max: rows, Gmin_norm: least } = settings;
  const offset = style === 'OFFSET';
  const base = 2 ** Math.ceil((offset ? 8 : 7) / slices);
  const range = adc.limits_per_core_per_slice[0];
  const parts = rows === 0 ? 1 : Math.ceil(x.length / rows);
  const size = Math.ceil(x.length / parts);
  const slots = 8 / dac.slice_size;
  const drive = (value, k) => Math.floor(value / 2 ** (dac.slice_size * k)) % 2 ** dac.slice_size;
  const top = 2 ** dac.slice_size - 1;
  const cell = (digit) => least + ((1 - least) * digit) / (base - 1);
  /** The part's sums by slice and slot of one kind of column. */
  const column = (cells, part, convert) =>
    Array.from({ length: slices }, (_, i) => {
      const bySlot = Array.from({ length: slots }, (__, k) => {
        let y = 0;
        for (let j = part * size; j < Math.min(x.length, (part + 1) * size); j++)
          y += (cells(j)[i] * drive(x[j], k)) / top;
        return (convert && adc.per_input_bit ? digitised(y, range[i], adc) : y) * 2 ** (dac.slice_size * k) * top;
      });
      const y = bySlot.reduce((sum, value) => sum + value, 0) / INPUT;
      return convert && !adc.per_input_bit ? digitised(y, range[i], adc) : y;
    });
  const joined = (bySlice) => bySlice.reduce((sum, y, i) => sum + base ** i * (base - 1) * y, 0) / (1 - least);
  const apart = !settings.subtract_current_in_xbar;
  return weights.map((row) => {
    let total = 0;
    for (let part = 0; part < parts; part++) {
      const signed = (sign) => (j) => digits(Math.max(0, sign * row[j]), base, slices).map(cell);
      if (offset) {
        const stored = (j) => digits(row[j] + 128, base, slices).map(cell);
        total += joined(column(stored, part, true));
        if (settings.offset_style === 'UNIT_COLUMN_SUBTRACTION')
          total -= joined(column(() => digits(128, base, slices).map(cell), part, true));
      } else if (apart) total += joined(column(signed(1), part, true)) - joined(column(signed(-1), part, true));
      else {
        const both = (j) => {
          const [up, down] = [signed(1)(j), signed(-1)(j)];
          return up.map((g, i) => g - down[i]);
        };
        total += joined(column(both, part, true));
      }
    }
    const known = offset && settings.offset_style !== 'UNIT_COLUMN_SUBTRACTION';
    const sum = x.reduce((all, value) => all + value, 0) / INPUT;
    return (total - (known ? 128 * sum : 0)) / SCALE;
  });
}

const settingsOf = ({ style, slices = 4, adc, dac = 1, rows = 0, unit = false, apart = false, least = 0 }) => ({
  ...{ core_style: 'BITSLICED', slice_style: style, num_slices: slices, cols_max: 0, rows_max: rows },
  offset_style: unit ? 'UNIT_COLUMN_SUBTRACTION' : 'DIGITAL_OFFSET',
  subtract_current_in_xbar: !apart,
  ...{ Rmin: 1000, Rmax: 10_000, infinite_on_off_ratio: least === 0, Gmin_norm: least },
  dac: { bits: 8, signed: false, bit_serial: true, slice_size: dac },
  adc: {
    ...{ model: adc.model ?? 'QuantizerADC', bits: adc.bits, per_input_bit: adc.perBit ?? true },
    limits_per_core_per_slice: [Array.from({ length: slices }, () => adc.range)],
  },
  parasitics: { enable: false, Rp_row: 0, Rp_col: 0 },
});

const BALANCED = { style: 'BALANCED', adc: { model: 'SignMagnitudeADC', bits: 8, range: [-7.3, 7.3] } };
const OFFSET = { style: 'OFFSET', adc: { bits: 8, range: [0, 17.3] } };
const CASES = {
  balanced_signmag: BALANCED,
  balanced_coarse: { ...BALANCED, adc: { ...BALANCED.adc, bits: 5 } },
  balanced_analog_accumulation: { ...BALANCED, adc: { ...BALANCED.adc, perBit: false } },
  balanced_apart: { ...BALANCED, apart: true, adc: { bits: 8, range: [0, 7.3] } },
  balanced_no_converter: { ...BALANCED, adc: { model: 'IdealADC', bits: 0, perBit: false, range: [null, null] } },
  balanced_one_bit_cells: { ...BALANCED, slices: 7 },
  balanced_two_bit_slots: { ...BALANCED, dac: 2 },
  balanced_ratio_10: { ...BALANCED, least: 0.1 },
  balanced_parts: { ...BALANCED, rows: 16 },
  offset: OFFSET,
  offset_coarse: { ...OFFSET, adc: { ...OFFSET.adc, bits: 6 } },
  offset_unit_column: { ...OFFSET, unit: true },
};

/** Cases by path. */
export function crossbarCases() {
  const draw = drawing(130);
  const matrix = (rows, columns, low, high) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => draw(low, high)));
  const base = { tool: 'scripts/golden/crossbars.mjs', weight_scale: SCALE, input_scale: INPUT };
  const make = (name, options, { op = 'mvm', batch = 1 } = {}) => {
    const W_int = matrix(6, 48, -127, 127);
    const settings = settingsOf(options);
    const weights = op === 'mvm' ? W_int : W_int[0].map((_, j) => W_int.map((row) => row[j]));
    const inputs = matrix(batch, weights[0].length, 0, 255);
    const outputs = inputs.map((x) => product(weights, x, settings));
    // One vector is a list, several are columns.
    const turned = (rows) => (batch === 1 ? rows[0] : rows[0].map((_, i) => rows.map((row) => row[i])));
    return [
      `golden/crosssim/${name}.json`,
      { name, op, ...base, settings, W_int, X_int: turned(inputs), output: turned(outputs) },
    ];
  };
  return Object.fromEntries([
    ...Object.entries(CASES).map(([name, options]) => make(name, options)),
    make('balanced_batch', BALANCED, { batch: 3 }),
    // Wordlines sense each sign's array by itself.
    make('balanced_transposed', CASES.balanced_apart, { op: 'vmm' }),
  ]);
}
