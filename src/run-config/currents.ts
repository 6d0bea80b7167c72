// Currents of summed lines against the config's limit (low-resistance cells draw more than wires and converters take).

import { formatQuantity } from '../config/index.js';
import { withinColumnLimit, worstColumnCurrent } from '../estimators/index.js';
import type { Config } from './config.js';

type Arrays = Pick<Config, 'crossbar' | 'weights' | 'device'>;

/**
 * Cells that a line sums: the rows of a column, and where arrays are read transposed, the columns of a row if they are
 * more.
 */
const summedCells = ({ crossbar, weights }: Arrays): number =>
  weights.copies === 'shared' ? Math.max(crossbar.rows, crossbar.columns) : crossbar.rows;

/**
 * Amperes of a line with all its cells driven and in their lowest resistance; null where the device gives no read
 * voltage or resistance.
 */
export function worstLineCurrent(arrays: Arrays): number | null {
  const voltage = arrays.device.readVoltage?.value;
  const on = arrays.device.resistance?.on?.value;
  return voltage === undefined || on === undefined
    ? null
    : worstColumnCurrent({ voltage, on, off: on }, summedCells(arrays), arrays.crossbar.summation);
}

/** Share of the limit that the rounding of doubles may take. */
const ROUNDING = 1e-9;

/** Refuses a line above `crossbar.columnCurrentLimit`; the message says which rows or read voltage would fit. */
export function checkLineCurrent(arrays: Arrays, fail: (path: string[], message: string) => never): void {
  const { crossbar, device, weights } = arrays;
  const { columnCurrentLimit: limit, summation } = crossbar;
  if (limit === undefined) return;
  const current = worstLineCurrent(arrays);
  if (current === null)
    return fail(
      ['crossbar', 'columnCurrentLimit'],
      `needs device.readVoltage and device.resistance.on, which ${device.name} does not give`,
    );
  if (current <= limit * (1 + ROUNDING)) return;
  const cells = summedCells(arrays);
  const voltage = device.readVoltage!.value;
  const on = device.resistance!.on!.value;
  const amperes = (value: number): string => formatQuantity(value, 'current');
  const found =
    `found ${amperes(limit)}, but a line of ${cells} cells of ${device.name} at ` +
    `${formatQuantity(voltage, 'voltage')} and ${formatQuantity(on, 'resistance')} may carry ${amperes(current)}`;
  if (summation === 'resistance') {
    const rows = Math.ceil(voltage / (limit * on) - 1e-9);
    fail(
      ['crossbar', 'columnCurrentLimit'],
      `${found}; expected at least ${rows} rows in series, or a read voltage of at most ` +
        formatQuantity(roundDown(limit * on * cells), 'voltage'),
    );
  }
  const fits = withinColumnLimit({ voltage, on, off: on }, cells, limit);
  const shared = weights.copies === 'shared';
  const lines = shared ? "rows and columns (transposed reads sum a row's columns)" : 'rows';
  fail(
    ['crossbar', 'columnCurrentLimit'],
    `${found}; expected ${fits.rows > 0 ? `at most ${fits.rows} ${lines}, ` : ''}a read voltage of at most ` +
      `${formatQuantity(roundDown(fits.voltage), 'voltage')}${shared ? '' : ', or crossbar.summation: resistance'}`,
  );
}

/** Four digits, never more than the value. */
const roundDown = (value: number): number => {
  const scale = 10 ** (3 - Math.floor(Math.log10(value)));
  return Math.floor(value * scale) / scale;
};
