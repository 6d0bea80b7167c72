// A machine: parts that serve layers, stages in pipeline order, buffers between them, servers, instances of components.

import type { KindName, LoadedRun } from '../run-config/index.js';
import type { ActionName, ComponentName, Constants, Count, InstanceScope, Value } from '../components/index.js';
import type { ArrayPass, LayerPlan } from '../mapping/index.js';
import type { Flow, FlowResult, FlowStage } from '../pipeline/index.js';
import type { WeightLayer } from '../workload/index.js';
import type { PassChain } from './chain.js';

/** A pass of a layer: weights written for a turn, forward, backward, gradient. */
export type LayerPass = 'W' | 'F' | 'B' | 'G';
/** A pass: of a layer, or E (output error), U (weight update), X (perturbation). */
export type Pass = LayerPass | 'E' | 'U' | 'X';

/** What a stage stands for. `layer`: weight layer, 1..L; 0 for stages of the whole network. */
export interface StageId {
  pass: Pass;
  layer: number;
}

/** A stage as it is named in results: `F3`, `E`. */
export type StageName = Pass | `${Pass}${number}`;

/** The name of a stage. */
export const stageName = ({ pass, layer }: StageId): StageName => (layer === 0 ? pass : `${pass}${layer}`);

/** A stage before it is joined to others. */
export interface StageDraft extends StageId {
  readonly chain: PassChain;
}

/** A stage with its place in the flow. */
export interface MachineStage extends StageDraft {
  readonly name: StageName;
  readonly flow: FlowStage;
}

/** A buffer between stages. Sizes in bits and entries (images; positions at row granularity). */
export interface MachineBuffer {
  readonly name: string;
  /** Layer whose output (or error) it holds. */
  readonly layer: number;
  readonly kind: 'neurons' | 'masks' | 'errors';
  readonly entryBits: number;
  /** Activations of an entry, before pooling (kind `neurons` only). */
  readonly neurons: number;
  /** Entries that are built. */
  readonly capacityEntries: number;
  /** Entries at which its producer is held up. */
  readonly limitEntries: number;
  /** Entries that an image fills one after the other (row granularity: its positions). */
  readonly entriesPerImage: number;
  /** Entries of this buffer that one of the flow stands for (row granularity: positions that a wave stores). */
  readonly positionsPerEntry: number;
  /** Index of the stage that fills it, and of those that empty it. */
  readonly writer: number;
  readonly readers: readonly number[];
}

/** Instances of a component, for area and leakage. */
export interface Instances {
  readonly component: ComponentName;
  readonly layer: number;
  readonly pass: Pass | null;
  readonly count: Count;
  /** The buffer whose bits they are. */
  readonly buffer: string | null;
}

/** What comes from outside a chip to the chains of layers. */
export interface ChainMeets {
  /** By layer: values of an image that its stage reads of layers on other chips; none where they are all on its own. */
  readonly crossings: ReadonlyMap<number, number>;
  /** The first layer that reads the network's input, which it brings onto the chip. */
  readonly firstReader: number;
}

/** Tiles and cores of a run, chips that they take, and what layers read of other chips. */
export interface Chips {
  readonly chips: number;
  readonly tiles: number;
  readonly cores: number;
  readonly crossings: ReadonlyMap<number, number>;
}

/** A matrix of a layer that stands in arrays of its own. */
export interface ArrayPlacement {
  readonly layer: WeightLayer;
  readonly use: 'forward' | 'backward' | 'gradient';
  readonly pass: ArrayPass;
  /** Images of a batch that have such arrays of their own (gradient). */
  readonly images: number;
  /** Physical arrays, all copies and images. */
  readonly arrays: number;
}

/** Turns of a run: which layer has the arrays when, and in how many copies. */
export interface Turns {
  /** The run with layers that do not fit alone cut into parts. */
  readonly run: LoadedRun;
  readonly count: number;
  /** By number of a layer. */
  readonly turnOf: ReadonlyMap<number, number>;
  readonly copiesOf: ReadonlyMap<number, number>;
  /** Physical arrays of the chip. */
  readonly arrays: number;
}

/** Lines of an array that are driven and sensed, and its converters. */
export interface ArrayLines {
  readonly driven: Value;
  readonly sensed: Value;
  readonly converters: Value;
}

/** The memory cells of a machine. */
export interface CellArrays {
  /** By layer: forward, backward where it has its own, gradient. */
  readonly placements: readonly ArrayPlacement[];
  /** Time between the slots of a read. */
  readonly slot: Count;
  /** Slots of an input value. */
  readonly slots: Count;
  /** Of an array that is read forward. */
  readonly lines: ArrayLines;
}

/** What a stage of a layer stands on, for the instances of what belongs to it. */
export interface StageHardware extends ArrayLines {
  /** Physical arrays, all copies and images; 0 where it has none. */
  readonly arrays: number;
  /** The arrays are those of another stage (read transposed). */
  readonly borrowed: boolean;
  readonly replication: number;
  /** Components that come with the arrays, whether or not they act. */
  readonly always: readonly ComponentName[];
}

/** Utilization of a layer or of the whole, as parts of one. */
export interface Shares {
  /** Cells that hold weights / cells allocated. */
  spatial: number;
  /** Cells that hold magnitude / cells allocated. */
  informative: number;
  /** Busy time of an array / makespan. */
  temporal: number;
  /** informative x temporal. */
  effective: number;
}

/** Shares of the whole and of each layer. */
export type Utilization = Shares & { byLayer: ({ name: string } & Shares)[] };

/** Chains of the passes of the layers that a part serves, by the layer's number. */
export interface LayerChains {
  forward(layer: number): PassChain;
  /** @param producers weight layers that made the layer's input. */
  backward(layer: number, producers: readonly WeightLayer[]): PassChain;
  gradient(layer: number): PassChain;
  /** Weights are written into the arrays, once a batch, where layers take turns on them. */
  load(layer: number): PassChain;
  /** The weight update of all layers of the part. */
  update(): PassChain;
}

/** An action that a unit does again and again, and the time between. */
export interface UnitBeat {
  readonly action: ActionName;
  readonly ticks: Count;
}

/**
 * Hardware of one kind with the layers that it serves: all that a machine asks of a kind. A machine may have several
 * parts; the first holds the weights.
 */
export interface Part {
  readonly kind: KindName;
  /** The layers that it serves, mapped onto it. */
  readonly plans: readonly LayerPlan[];
  /** Its memory cells; null where weights stand elsewhere. */
  readonly cells: CellArrays | null;
  chains(met: ChainMeets): LayerChains;
  /** What a stage of one of its layers stands on. */
  hardware(stage: StageId): StageHardware;
  /** Instances that the whole part has of a component of a scope; null for scopes that do not belong to its kind. */
  whole(per: InstanceScope): number | null;
  /** What a unit of a component does in every interval if it never rests; null for what works slot by slot, or not. */
  beat(component: ComponentName): UnitBeat | null;
  /**
   * The figure of a result that a word of the layer's placement is (`vectors`, `rowTiles`); null where there is none.
   */
  keyOf(layer: number, word: string, use: ArrayPlacement['use']): string | null;
  /** How well it was used in a run. `stages` are the machine's, in the order of `flow`. */
  utilization(stages: readonly MachineStage[], flow: FlowResult): Utilization;
}

/** A machine ready to run; nothing of it changes after it was built. */
export interface Machine {
  readonly run: LoadedRun;
  readonly constants: Constants;
  readonly parts: readonly Part[];
  /** The part that serves a layer; undefined for 0, the network as a whole. */
  readonly partOf: (layer: number) => Part | undefined;
  /** All weight layers, in the network's order. */
  readonly plans: readonly LayerPlan[];
  readonly stages: readonly MachineStage[];
  readonly buffers: readonly MachineBuffer[];
  readonly flow: Flow;
  readonly chips: Chips;
  /** The memory cells that hold weights; null for designs without crossbars. */
  readonly cells: CellArrays | null;
  /** Turns that layers take on the arrays, and how many arrays there are; null where each has its own. */
  readonly turns: Turns | null;
  readonly instances: readonly Instances[];
}
