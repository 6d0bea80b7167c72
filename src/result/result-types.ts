// Types of the result (docs/results.md). SI units in the key's suffix.

import type { ActionName, ComponentName, DeviceConfig, SensingKind } from '../components/index.js';
import type { Pass, StageName, Utilization } from '../machine/machine-types.js';
import type { ByComponent, ByPass, EnergyPass } from './activity.js';
import type { Factor } from './factors.js';
import type { Config, LawUse } from '../run-config/index.js';
import type { LevelSpread } from '../estimators/index.js';
import type { StallCause } from '../pipeline/index.js';
import type { LayerEnergy } from './layer-energy.js';
import type { OperatorFigures } from './operator-types.js';
import type { PoweredOn, RollUp } from './peak-types.js';
import type { Endurance } from './wear-types.js';
import type { TimePart } from './time-parts.js';
import type { Verdict } from './verdict-types.js';

/** Arrays: logical ones, and the physical ones behind them. */
export interface ArrayCount {
  logical: number;
  physical: number;
}

/** A constant that the result rests on. */
export interface ResultConstant {
  key: string;
  /** SI units (areas mm2); durations as `{seconds}` or `{cycles}`. */
  value: number | { seconds: number } | { cycles: number };
  source: string | null;
  placeholder: boolean;
  note: string | null;
  /** file:line:column. */
  at: string;
  /** How it was worked out, where the config names a law in place of a number. */
  law: LawUse | null;
}

/** How a pass of a layer is laid onto arrays, one copy of its matrix: what array counts and utilization follow from. */
export interface Placement {
  layer: string;
  use: 'forward' | 'backward' | 'gradient';
  /** Copies of the matrix, and sets of these copies (gradient: images of a batch). */
  copies: number;
  sets: number;
  /** Input vectors of an image. */
  vectors: number;
  /** Matrix of one group. */
  rows: number;
  columns: number;
  groups: number;
  rowTiles: number;
  columnTiles: number;
  /** Groups that stand block-diagonally in one array, and sets of groups that share arrays. */
  groupsPerArray: number;
  groupSets: number;
  /** Physical arrays behind a logical one: signs, and slices that stand in arrays of their own. */
  arraysPerLogical: number;
  /** Cells of all arrays of a copy, those that hold weights, and those that hold magnitude. */
  cells: number;
  weightCells: number;
  informativeCells: number;
  /** Cells that are written before the first read: with weights, and zeros beside the blocks of packed groups. */
  programmedCells: number;
}

/** How long a cell keeps what it holds. */
export interface CellState {
  name: string;
  kind: DeviceConfig['kind'];
  pulsesPerWrite: number;
  retentionS: number | null;
  /** The retention is an assumption. */
  placeholder: boolean;
  /** Writing all weights once, before the run and beside its time and energy: all arrays at once, row after row. */
  programming: { cells: number; timeS: number; energyJ: number };
  /**
   * Rewriting all weights each time the retention is over; null without a rating, or where updates come more often
   * anyway.
   */
  refresh: { cells: number; energyJ: number; averageW: number } | null;
  /**
   * How far the levels in use stand apart, and how often one is read as another; null where the device does not give
   * its levels one by one.
   */
  levels: (LevelSpread & { /** The levels are assumptions. */ placeholder: boolean }) | null;
  /**
   * Drift, null without it: share of its conductance that a cell keeps, and when 5 % are lost (weights want
   * reprogramming or compensation).
   */
  drift: { keptAtEnd: number; keptAfterDay: number; keptAfterYear: number; lost5PercentS: number } | null;
}

export type { Endurance, Wear } from './wear-types.js';
export type { PoweredOn, RollUp, Tier } from './peak-types.js';

/** What a note tells of. */
export type NoteCode =
  | 'power-density'
  | 'line-current'
  | 'converter-bits'
  | 'link-demand'
  | 'port-width'
  | 'bus-width'
  | 'padded-dropped'
  | 'lifetime'
  | 'on-off-ratio'
  | 'off-point'
  | 'law-range'
  | 'above-peak'
  | 'biases'
  | 'memory-not-built'
  | 'outside-free';

/** A remark beside a figure; `figure` is its key in the result or the config. */
export interface Note {
  code: NoteCode;
  figure: string;
  text: string;
}

/** The result of a run (docs/results.md). SI units in the key's suffix. */
export interface Result {
  schema: 'xbarflow/result@1';
  version: string;
  configHash: string;
  seed: number;
  /** The config as it was resolved: presets joined, laws worked out, defaults filled in. */
  config: Config;
  label: string;
  /** The first thing to read: limits, ideal, assumptions, what to try next. */
  verdict: Verdict;
  architecture: string;
  network: string;
  /** Of the whole network, an image: both kinds of products; weights of matrices, and biases beside. */
  networkTotals: { macs: number; dynamicMacs: number; parameters: number; biases: number };
  mode: 'inference' | 'training' | 'attack';
  images: number;
  batch: number;
  time: {
    totalS: number;
    perImageS: number;
    logicalCycles: number | null;
    logicalCycleS: number | null;
    firstResultS: number;
  };
  throughput: { imagesPerS: number; gops: number };
  energy: {
    totalJ: number;
    perImageJ: number;
    /** What was done, and leakage: the total where `chip.idle` is gated. */
    activityJ: number;
    /** If everything built never rests: the other end of the bracket, and the total where `chip.idle` is on. */
    poweredOnJ: number;
    leakageJ: number;
    byComponentJ: ByComponent;
    byPassJ: ByPass;
    byLayerJ: { name: string; energyJ: number }[];
    /** Actions alone: with leakageJ they make the total. What belongs to no operator stands as `(network)`. */
    byOperatorJ: { name: string; energyJ: number }[];
  };
  power: {
    averageW: number;
    leakageW: number;
    leakageByComponentW: ByComponent;
    leakageByLayerW: Record<string, number>;
    byComponentW: ByComponent;
    byLayerW: Record<string, number>;
  };
  area: { totalMm2: number; byComponentMm2: ByComponent; byLayerMm2: Record<string, number> };
  efficiency: { gopsPerW: number; gopsPerMm2: number };
  arrays: ArrayCount & {
    physicalByUse: { forward: number; backward: number; gradient: number };
    /** Array groups as PipeLayer's Table 2 counts them. */
    groups: { forward: number; backward: number; gradient: number; total: number };
    byLayer: { name: string; forward: ArrayCount; backward: ArrayCount; gradient: ArrayCount }[];
  };
  /** Empty for digital designs. */
  placements: Placement[];
  utilization: Utilization;
  storage: {
    neuronCycles: number | null;
    maskBitCycles: number | null;
    neuronBits: number;
    maskBits: number;
    errorBits: number;
  };
  buffers: {
    name: string;
    kind: 'neurons' | 'masks' | 'errors';
    layer: string;
    /** Stages that fill and empty it. */
    writer: StageName;
    readers: StageName[];
    entryBits: number;
    /**
     * Row granularity: positions that the reader's window needs, ISAAC's ((Nx (Ky - 1)) + Kx); entryBits are then those
     * of a position.
     */
    capacityEntries: number;
    /**
     * Entries at which its producer is held up: the capacity; row granularity: whole waves of copies, those that a
     * window touches and those in flight, and so more than the window.
     */
    limitEntries: number;
    /** Entries that an image fills one after the other (row granularity: positions as they are stored). */
    entriesPerImage: number;
    /**
     * Most entries that were taken at once: reserved when their wave starts, free when no reader needs them any more.
     * Never above the limit.
     */
    peakEntries: number;
    peakBytes: number;
    meanEntries: number;
    lifetimeCycles: number | null;
  }[];
  /** Seconds, summed over stages. */
  stalls: Record<StallCause, number>;
  /** Null for digital designs. */
  device: CellState | null;
  /**
   * Resolution of the converters beside the one that loses no column sum, and the largest current of a line; null for
   * digital designs.
   */
  sensing: {
    kind: SensingKind;
    bits: number | null;
    requiredBits: number;
    lineCurrentA: number | null;
    /** Weighted sums (in units of tanh's argument) at which a spin neuron's output steps; null for other kinds. */
    thresholds: number[] | null;
  } | null;
  chips: { chips: number; tiles: number; cores: number };
  /** Null where `chip.tiles` is not set. */
  rollUp: RollUp | null;
  /** Everything built, never resting. */
  poweredOn: PoweredOn[];
  /** Built instances of every component. */
  instances: {
    component: ComponentName;
    layer: string;
    pass: Pass | null;
    count: number;
    areaMm2: number;
    leakageW: number;
    /** What the count is the product of. */
    factors: Factor[];
  }[];
  /** Null for digital designs. */
  endurance: Endurance | null;
  layers: {
    name: string;
    type: string;
    rows: number;
    columns: number;
    groups: number;
    positions: number;
    replication: number;
    steps: number;
    arrays: number;
    physicalArrays: number;
    backwardSteps: number | null;
    gradientSteps: number | null;
    macs: number;
    weights: number;
    biases: number;
    neurons: number;
    operationS: number;
    operationCycles: number | null;
  }[];
  /** Every operator of the graph, in its order. */
  operators: OperatorFigures[];
  stages: {
    name: StageName;
    pass: Pass;
    layer: string;
    waves: number;
    /** What the waves are made of. */
    wavesOf: Factor;
    /** The units that a wave passes. */
    units: {
      component: ComponentName;
      role: string;
      latencyS: number;
      intervalS: number;
      /** Other stages use it as well. */
      shared: boolean;
      /** What the times are made of, in ticks of 1 ps; no interval where it is the latency. */
      latency: Factor;
      interval: Factor | null;
    }[];
    /** A wave enters when the one before it has left. */
    serial: boolean;
    serviceS: number;
    /** Seconds of a service by what it spends them on; together they make it. */
    partsS: Record<TimePart, number>;
    busyS: number;
    starts: number;
    stallsS: Record<StallCause, number>;
    /**
     * Seconds with nothing to do: all its images are done, or (update stages) no batch is. Busy, waits (but for units)
     * and rest make the run.
     */
    restS: number;
    /** Lockstep: logical cycles that waited for this stage last, and their time; over all stages they make the run. */
    setsCycles: number | null;
    setsS: number | null;
  }[];
  /** Counts are exact integers (decimal digits in a string beyond 2^53); of leakage, instances. */
  actions: {
    component: ComponentName;
    action: ActionName | 'leakage' | 'idle';
    pass: EnergyPass;
    layer: string;
    count: number | string;
    energyJ: number;
    /** What one costs in this layer, where a constant's law follows what it drives; null: what the constant says. */
    one: LayerEnergy | null;
    /** What the count is the product of; null for leakage, whose instances have their own. */
    factors: Factor[] | null;
  }[];
  constants: ResultConstant[];
  /** Keys of the constants that are assumptions. */
  placeholders: string[];
  /** What a reader should know beside the figures, the gravest first. */
  notes: Note[];
  /**
   * file:line:column of knobs and constants (those that are written; others have their default) and of the network's
   * weight layers.
   */
  places: { config: Record<string, string>; layers: Record<string, string> };
  simulator: {
    events: number;
    wallS: number;
    eventsPerS: number;
    peakRssBytes: number;
    fastPath: {
      used: boolean;
      skippedEvents: number | string;
      foldedStages: number;
      foldedUnits: number;
      cycleMemo: boolean;
      jumps: { atImage: number; images: number; periods: number }[];
    };
  };
}

/** Where a result comes from: what was asked, what it rests on, how it was simulated. */
type Provenance =
  | 'schema'
  | 'version'
  | 'configHash'
  | 'seed'
  | 'config'
  | 'label'
  | 'constants'
  | 'placeholders'
  | 'places'
  | 'notes'
  | 'verdict'
  | 'simulator';

/** What stands for a single buffer, layer, stage, component or action. */
export type Lists = Pick<
  Result,
  | 'placements'
  | 'buffers'
  | 'device'
  | 'chips'
  | 'rollUp'
  | 'poweredOn'
  | 'instances'
  | 'layers'
  | 'operators'
  | 'stages'
  | 'actions'
>;

/** The figures of a result alone. */
export type Figures = Omit<Result, Provenance | keyof Lists>;
