// What the crossbar product needs to know of the hardware: layout, slots, converters, cells and their faults.

import type { CrossbarLayout } from '../../mapping/index.js';

/** How a value drives an array over its slots. */
export type SignedInputs =
  /** The last slot is the sign bit and is subtracted (one bit a slot). */
  | 'twos-complement'
  /** x + 2^(bits-1) is driven; what that adds is a constant of each column, subtracted digitally. */
  | 'offset'
  /** Magnitudes with drivers of both polarities; one bit less (CrossSim). */
  | 'sign-magnitude';

/** Range of a converter: by rule, or given in level units (see `CrossbarOptions`), one for all slices or by slice. */
export type ConverterRange =
  'full' | 'calibrated' | 'granular' | 'unit' | readonly (readonly [least: number, most: number])[];

/** Converters (or counters, or spin neurons) of the lines. */
export interface ConverterOptions {
  readonly kind: 'adc' | 'integrate-fire' | 'spin-neuron';
  /** Resolution; undefined: sums pass unquantized. */
  readonly bits: number | undefined;
  /** Lines that share a converter, and so its errors. */
  readonly linesPerConverter: number;
  readonly range: ConverterRange;
  /** Zero is a level where sums may be negative: the range has 2^bits - 2 steps (CrossSim's SignMagnitudeADC). */
  readonly zeroIsLevel: boolean;
  /** Standard deviation over converters, in steps of the converter. */
  readonly offset: number;
  /** Standard deviation over converters of the gain's error. */
  readonly gain: number;
  /** Largest integral non-linearity of a converter, in steps: a bow and an S in shares by seed. */
  readonly inl: number;
  /** Standard deviation from one conversion to the next, in steps of the converter. */
  readonly noise: number;
}

/** A cell's levels as measured: mean and standard deviation in shares of the range from the lowest to the highest. */
export interface LevelStatistics {
  readonly mean: number;
  readonly deviation: number;
}

/** How cells differ from what was to be written. */
export interface ProgrammingNoise {
  /** Standard deviation, a share of the conductance or of the range; by level where a table gives it. */
  readonly deviation: number;
  readonly relativeTo: 'conductance' | 'range';
  readonly distribution: 'normal' | 'lognormal';
  /** Levels as measured (a table, or the device's own); then `deviation` is not used. */
  readonly levels: readonly LevelStatistics[] | null;
  /** Write-verify: written again until within `tolerance` (a share of the range), at most `writes` times. */
  readonly verify: { readonly tolerance: number; readonly writes: number } | null;
}

/** Noise of one read: the standard deviation of a cell as a share of its conductance or of the range. */
export interface ReadNoise {
  readonly deviation: number;
  readonly relativeTo: 'conductance' | 'range';
}

/** Conductance lost over time: g ((t + t0) / t0)^-nu, nu by cell. */
export interface Drift {
  /** s since the write. */
  readonly after: number;
  readonly exponent: number;
  /** Standard deviation of nu over cells. */
  readonly deviation: number;
  /** s */
  readonly reference: number;
  /** Results are scaled back by the mean share that cells keep (global drift compensation). */
  readonly compensated: boolean;
}

/** States lost over time: a cell falls to its lowest level with probability 1 - exp(-after / retention). */
export interface RetentionLoss {
  /** s */
  readonly after: number;
  /** s */
  readonly retention: number;
}

/** Resistance of the wires. */
export interface WireOptions {
  readonly model: 'none' | 'first-order' | 'nodal';
  /** ohm of a wordline between two cells; the first stands between driver and cell. */
  readonly wordline: number;
  /** ohm of a bitline between two cells; the last stands between cell and converter. */
  readonly bitline: number;
}

/** Cells, their faults and the wires between them. */
export interface CellOptions {
  /** S of the highest level. */
  readonly on: number;
  /** S of the lowest level; 0 for an infinite on/off ratio. */
  readonly off: number;
  readonly programming: ProgrammingNoise | null;
  readonly read: ReadNoise | null;
  /** Shares of cells that stand at the highest and at the lowest level for good. */
  readonly stuckOn: number;
  readonly stuckOff: number;
  readonly drift: Drift | null;
  readonly retention: RetentionLoss | null;
  readonly wires: WireOptions;
}

/**
 * A crossbar machine for numbers. Sums of lines are in level units: the conductance between two levels times one input
 * unit, so that ideal sums are whole numbers; a cell of level d has d + off / ((on - off) / (levels - 1)) units.
 */
export interface CrossbarOptions {
  readonly layout: CrossbarLayout;
  /** Bits that a slot drives; `analog`: whole values at once. */
  readonly bitsPerSlot: number | 'analog';
  readonly signedInputs: SignedInputs;
  /** Differential storage: lines are subtracted before the converters (analog) or behind them. */
  readonly subtraction: 'digital' | 'analog';
  /** Slots are joined before the converters (analog: sums are those of whole inputs) or behind them. */
  readonly accumulation: 'digital' | 'analog';
  /**
   * Offset storage: the sum of inputs that the offset is taken off by comes from the reference column, or is known
   * digitally. `digit`: the reference column holds the offset's digit of the last slice instead of a one (CrossSim).
   */
  readonly reference: 'column' | 'digit' | 'digital';
  /**
   * Offset storage: `flipped` writes a column whose levels add up to more than half of what its cells hold as what is
   * missing to the highest level, so that no column's sum passes half of the range (ISAAC Sec. V).
   */
  readonly encoding: 'plain' | 'flipped';
  /**
   * Current at which a line is limited, in that of one level at the full read voltage, which drives the largest value
   * of a slot; Infinity: none.
   */
  readonly currentLimit: number;
  readonly converter: ConverterOptions;
  readonly cells: CellOptions;
  /** Sums in float64, one conversion after the other (slow, the reference of the fast paths). */
  readonly precision: 'fast' | 'float64';
  readonly seed: number;
  /** Called again and again while cells are programmed, for whoever shows progress. */
  readonly watch?: (() => void) | undefined;
}

/** Whether anything is drawn at each read. */
export const drawsAtReads = ({ cells, converter }: CrossbarOptions): boolean =>
  cells.read !== null || converter.noise > 0;

/** Ideal converters: `bits` at one unit a code. */
export const idealConverter = (bits?: number): ConverterOptions => ({
  kind: 'adc',
  bits,
  linesPerConverter: 1,
  range: 'unit',
  zeroIsLevel: true,
  offset: 0,
  gain: 0,
  inl: 0,
  noise: 0,
});

/** Cells that are what was written. */
export const IDEAL_CELLS: CellOptions = {
  on: 1,
  off: 0,
  programming: null,
  read: null,
  stuckOn: 0,
  stuckOff: 0,
  drift: null,
  retention: null,
  wires: { model: 'none', wordline: 0, bitline: 0 },
};

/** Ideal hardware on a layout. */
export const idealOptions = (layout: CrossbarLayout): CrossbarOptions => ({
  layout,
  bitsPerSlot: 1,
  signedInputs: 'twos-complement',
  subtraction: 'digital',
  accumulation: 'digital',
  reference: 'column',
  encoding: 'plain',
  currentLimit: Infinity,
  converter: idealConverter(),
  cells: IDEAL_CELLS,
  precision: 'fast',
  seed: 1,
});

/** Conductance of one level, S. */
export const levelSiemens = ({ cells, layout }: CrossbarOptions): number =>
  (cells.on - cells.off) / (2 ** layout.cellBits - 1);

/** Level units that the lowest level carries. */
export const offUnits = (options: CrossbarOptions): number => options.cells.off / levelSiemens(options);
