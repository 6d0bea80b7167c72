// Levels become conductances: programming errors, stuck cells, drift, lost states, wires. Values in level units.

import { meanDriftFactor } from '../../estimators/index.js';
import { levelSiemens, offUnits, type CellOptions, type CrossbarOptions, type ProgrammingNoise } from './options.js';
import type { Digits } from './digits.js';
import { seriesConductances, transferConductances } from './nodal.js';
import type { Placement } from './placement.js';
import { NormalStream, uniformStream } from './streams.js';

/** Which cells are meant: the draws of a tile are named by layer, row tile, array and trial. */
export interface TileName {
  readonly matrix: string;
  readonly tile: number;
  readonly trial: number;
  /** Writes before: each draws its errors and losses anew; stuck cells and drift exponents stay. */
  readonly write: number;
}

/** Whether each cell holds one of the levels, so that sums of lines are whole numbers. */
export const cellsHoldLevels = ({ off, programming, drift, wires }: CellOptions): boolean =>
  off === 0 && programming === null && drift === null && wires.model === 'none';

/** Whether each cell holds the level that was written. */
export const cellsAreIdeal = (cells: CellOptions): boolean =>
  cellsHoldLevels(cells) && cells.stuckOn === 0 && cells.stuckOff === 0 && cells.retention === null;

/**
 * Conductances of a row tile, [line][row], level units.
 * @param digits [line][row]
 */
export function programCells(
  digits: Digits,
  placement: Placement,
  { rows, name }: { readonly rows: number; readonly name: TileName },
  options: CrossbarOptions,
): Float64Array {
  const conductances = new Float64Array(digits.length);
  for (let array = 0; array < placement.arrays; array++)
    programArray(conductances, digits, { lines: linesOf(placement, array), rows, array }, { options, name });
  if (options.cells.wires.model !== 'none') resistWires(conductances, placement, rows, options);
  return conductances;
}

/** Lines of an array in the order of its bitlines. */
function linesOf({ lines }: Placement, array: number): number[] {
  const own: number[] = [];
  for (let line = 0; line < lines.count; line++) if (lines.array[line] === array) own.push(line);
  return own.sort((a, b) => lines.bitline[a]! - lines.bitline[b]!);
}

function programArray(
  out: Float64Array,
  digits: Digits,
  { lines, rows, array }: { readonly lines: readonly number[]; readonly rows: number; readonly array: number },
  {
    options,
    name: { matrix, tile, trial, write: writes },
  }: { readonly options: CrossbarOptions; readonly name: TileName },
): void {
  const { cells, seed, layout } = options;
  const { programming, drift, retention, stuckOn, stuckOff } = cells;
  const place = [matrix, tile, array, trial] as const;
  const written = writes === 0 ? place : [...place, `write ${writes}`];
  const write =
    programming === null ? null : cellWriter(programming, options, new NormalStream(seed, 'write', ...written));
  const lose = retention === null ? null : uniformStream(seed, 'retention', ...written);
  const lost = retention === null ? 0 : 1 - Math.exp(-retention.after / retention.retention);
  const age = drift === null ? 1 : (drift.after + drift.reference) / drift.reference;
  const exponents = drift === null || drift.deviation === 0 ? null : new NormalStream(seed, 'drift', ...place);
  const stuck = stuckOn + stuckOff === 0 ? null : uniformStream(seed, 'stuck', ...place);
  const off = offUnits(options);
  const top = off + 2 ** layout.cellBits - 1;
  for (const line of lines) {
    options.watch?.();
    for (let at = line * rows; at < (line + 1) * rows; at++) {
      const level = digits[at]!;
      let g = write === null ? off + level : write(level);
      if (lose !== null && lose.double() < lost) g = off;
      if (drift !== null) {
        const nu = exponents === null ? drift.exponent : Math.abs(drift.exponent + drift.deviation * exponents.next());
        g *= age ** -nu;
      }
      if (stuck !== null) {
        const u = stuck.double();
        if (u < stuckOn) g = top;
        else if (u < stuckOn + stuckOff) g = off;
      }
      out[at] = g;
    }
  }
}

/**
 * Draws what a cell holds after it was written to a level. Where the conductance of the lowest level is known, none
 * falls below 0; else values are distances from it, which may be negative.
 */
function cellWriter(
  { deviation, relativeTo, distribution, levels, verify }: ProgrammingNoise,
  options: CrossbarOptions,
  normal: NormalStream,
): (level: number) => number {
  const off = offUnits(options);
  const range = 2 ** options.layout.cellBits - 1;
  const means = Float64Array.from(
    { length: range + 1 },
    (_, d) => off + (levels === null ? d : levels[d]!.mean * range),
  );
  const deviations = Float64Array.from(means, (mean, d) =>
    levels !== null ? levels[d]!.deviation * range : relativeTo === 'range' ? deviation * range : deviation * mean,
  );
  const floor = off > 0 ? 0 : -Infinity;
  const tolerance = (verify?.tolerance ?? Infinity) * range;
  const writes = verify?.writes ?? 1;
  return (level) => {
    const mean = means[level]!;
    const sigma = deviations[level]!;
    let g = mean;
    for (let write = 0; write < writes; write++) {
      const z = normal.next();
      g =
        distribution === 'lognormal' && mean > 0
          ? mean * Math.exp(lognormalDeviation(sigma / mean) * z - lognormalDeviation(sigma / mean) ** 2 / 2)
          : Math.max(floor, mean + sigma * z);
      if (Math.abs(g - mean) <= tolerance) break;
    }
    return g;
  };
}

/** Deviation of the logarithm of a lognormal number whose own deviation is `share` of its mean. */
const lognormalDeviation = (share: number): number => Math.sqrt(Math.log1p(share * share));

/** Replaces conductances by what the network of each array lets through. */
function resistWires(conductances: Float64Array, placement: Placement, rows: number, options: CrossbarOptions): void {
  const { wires } = options.cells;
  const unit = levelSiemens(options);
  const through = wires.model === 'nodal' ? transferConductances : seriesConductances;
  for (let array = 0; array < placement.arrays; array++) {
    const lines = linesOf(placement, array);
    const columns = lines.length;
    if (columns === 0) continue;
    const siemens = new Float64Array(rows * columns);
    lines.forEach((line, j) => {
      for (let i = 0; i < rows; i++) siemens[i * columns + j] = conductances[line * rows + i]! * unit;
    });
    const { wordline, bitline } = wires;
    const effective = through({ rows, columns, conductances: siemens, wordline, bitline, watch: options.watch });
    lines.forEach((line, j) => {
      for (let i = 0; i < rows; i++) conductances[line * rows + i] = effective[i * columns + j]! / unit;
    });
  }
}

/** What scales compensated results back: one over the mean share of their conductance that drifting cells keep. */
export function driftCompensation({ drift }: CellOptions): number {
  if (drift?.compensated !== true) return 1;
  return 1 / meanDriftFactor(drift.after, drift.exponent, drift.deviation, drift.reference);
}
