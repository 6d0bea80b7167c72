// How a hardware component is declared: once, for schema, documentation, counting and roll-up.

import type { Count, Parts } from './count.js';

/** What one instance of a component may serve, with what that is; the config's `instances` can change it. */
export const INSTANCE_SCOPES = {
  array: 'each physical crossbar array',
  wordline: 'each wordline of each physical array',
  bitline: 'each bitline of each physical array',
  converter: 'each converter: bitlines / columns per converter, for each physical array',
  copy: "each copy of a layer's arrays, in each pass",
  layer: 'each layer',
  bit: 'each bit of buffer capacity',
  core: "each core (arrays of `chip.arraysPerCore`: ISAAC's IMA, SPINDLE's core)",
  unit: 'each digital unit of `digital.units`',
  lane: 'each lane of the vector unit of a stage (of the chip where stages share it)',
  tile: 'each tile (chip.tiles, or as many as the arrays need)',
  chip: 'the chip',
} as const;

/** What one instance of a component serves. */
export type InstanceScope = keyof typeof INSTANCE_SCOPES;

/** An action of a component. */
export interface ActionDeclaration {
  description: string;
  /** What is counted as one action. */
  per: string;
}

/** Times of a unit for a wave, in ticks; without an interval the component's own, or the latency, holds. */
export interface Service {
  latency: Count;
  interval?: Count;
}

/** Inputs of a service of crossbars on their way from the buffer to the arrays: values times arrays that take them. */
export type Fetched = Parts;

/** Results of a service on their way from arrays or units to the activation. */
export interface Produced {
  vectors: number;
  /** Values that a vector reads and gives. */
  inputs: Count;
  outputs: Count;
  /** Results of the products of all vectors. */
  looked: Count;
}

/** What an array does in a slot in which it reads, on average: lines that are driven, carry a one, and are sensed. */
export interface SlotOfArray {
  driven: Count;
  ones: Count;
  sensed: Count;
  /** Reads, as the device counts them (`device.read.per`). */
  read: Count;
}

/** What is written into arrays in a service: cells, and rows of arrays, each of which is selected. */
export interface Written {
  cells: Count;
  rows: Count;
}

/** Additions that join row tiles, by where they are done. */
export interface PartialSums {
  inCore: Count;
  inTile: Count;
}

/** Places of a chain where a component that belongs to no unit of its own may count actions, and what it is told. */
export interface JoinPlaces {
  fetch: Fetched;
  result: Produced;
  /** Wordlines that a one drives; counted for each one among the bits that are applied. */
  drive: Parts;
  sense: { conversions: Count };
  write: Written;
  partials: PartialSums;
}

/** Places at which what stands beside the arrays counts: it is built with them, whether it acts in a run or not. */
export const PLACES_OF_ARRAYS = ['drive', 'sense', 'write'] as const satisfies readonly (keyof JoinPlaces)[];

/** All that is said of a component, in its file of `catalogue/`. */
export interface ComponentDeclaration {
  /** Its place in lists: components stand in the order in which a wave passes them. */
  order: number;
  description: string;
  actions: Record<string, ActionDeclaration>;
  scope: InstanceScope;
  /**
   * `unit`: a unit of a stage's chain, with latency and initiation interval; `paced`: with latency, at the pace of the
   * arrays' slots or of its own steps; `read-write`: a unit with a write latency as well; `none`: its times are in
   * others' (a crossbar's in the device). The config takes no time that nobody reads.
   */
  timing: 'none' | 'paced' | 'unit' | 'read-write';
  /** It senses lines where `sensing.kind` names it: its action a line and slot, and what acts beside it each time. */
  senses?: { kind: string; action: string; beside?: { component: string; action: string } };
  /** It drives lines where `driver.kind` names it: its action each line and slot, or each of them with a one. */
  drives?: { kind: string; action: string; counts: 'ones' | 'lines' };
  /** Actions of a service that it counts, by place of the chain, in designs that give its constants. */
  joins?: { [P in keyof JoinPlaces]?: Record<string, (work: JoinPlaces[P]) => Count> };
  /** What an array asks of it in a slot in which it reads, for peak power where no table gives it. */
  inSlot?: { action: string; count: (slot: SlotOfArray) => Count };
  /** How long a wave takes it, where that is more than its own latency; each has its own words. */
  service?: (of: never) => Service;
}

/** Keeps the literal names of actions and kinds as types. */
export const declareComponent = <const T extends ComponentDeclaration>(component: T): T => component;
