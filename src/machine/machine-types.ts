// A machine: stages in pipeline order, buffers between them, servers, instances of every component.

import type { LoadedRun } from '../run-config/index.js';
import type { ComponentName, Constants } from '../components/index.js';
import type { LayerPlan } from '../mapping/index.js';
import type { PassChain } from './chain-units.js';
import type { Flow, FlowStage } from '../pipeline/index.js';

export type Pass = 'F' | 'E' | 'B' | 'G' | 'U' | 'X';

/** A stage with what it stands for. */
export interface MachineStage {
  name: string;
  pass: Pass;
  /** Weight layer, 1..L; 0 for stages of the whole network. */
  layer: number;
  chain: PassChain;
  flow: FlowStage;
}

export interface MachineBuffer {
  name: string;
  /** Layer whose output (or error) it holds. */
  layer: number;
  kind: 'neurons' | 'masks' | 'errors';
  entryBits: number;
  /** Neurons of an entry, before pooling (neurons only). */
  neurons: number;
  /** Entries that are built. */
  capacityEntries: number;
  /** Entries at which its producer is held up. */
  limitEntries: number;
  /** Entries that an image fills one after the other (row granularity: its positions). */
  entriesPerImage: number;
  /** Entries of this buffer that one of the flow stands for (row granularity: positions that a wave stores). */
  positionsPerEntry: number;
  /** Stages that fill and empty it. */
  writer: string;
  readers: string[];
}

/** Instances of a component, for area and leakage. */
export interface Instances {
  component: ComponentName;
  layer: number;
  pass: Pass | null;
  count: number;
}

/** Tiles and cores of a run, chips that they take, and layers whose inputs come from another chip. */
export interface Chips {
  chips: number;
  tiles: number;
  cores: number;
  crossings: ReadonlySet<number>;
}

export interface Machine {
  run: LoadedRun;
  constants: Constants;
  plans: LayerPlan[];
  stages: MachineStage[];
  buffers: MachineBuffer[];
  flow: Flow;
  chips: Chips;
  /** Ticks between slots of a read; null for digital designs. */
  slotTicks: number | null;
  instances: Instances[];
  /** Logical array groups as PipeLayer's Table 2 counts them. */
  groups: { forward: number; backward: number; gradient: number };
}
