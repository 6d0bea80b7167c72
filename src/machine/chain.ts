// What a stage's chain is made of: units with their times and actions, waves, what the drivers see (docs/model.md).

import { ceilOver, times, type ActionName, type ComponentName, type Count } from '../components/index.js';
import { mapped } from '../kernel/index.js';
import type { PassPlan } from '../mapping/index.js';
import type { WeightLayer } from '../workload/index.js';

/** How often a service performs an action. */
export interface ActionUse {
  readonly component: ComponentName;
  readonly action: ActionName;
  /** Times a service; for driven actions times each one among the bits that the drivers apply. */
  readonly count: Count;
  readonly driven: boolean;
  /** Name of the operator that it is done for; null for the product of the stage. */
  readonly operator: string | null;
  /** Index of the weight layer that it is done for; null for the stage's. */
  readonly layer: number | null;
}

/** A unit of a chain before servers are numbered; units with the same `shared` key are one server. */
export interface ChainUnit {
  readonly component: ComponentName;
  readonly role: string;
  /** Ticks from start to result. */
  readonly latency: Count;
  /** Ticks from one start to the next; the latency itself where a unit takes no wave before it is done. */
  readonly interval: Count;
  readonly actions: readonly ActionUse[];
  readonly shared: string | null;
}

/** A unit's times as the engine counts them, in ticks. */
export const ticksOf = ({ latency, interval }: ChainUnit): { latency: number; interval: number } => ({
  latency: latency.value,
  interval: interval.value,
});

/** What the drivers of a service see: vectors x rows values; `lines` is the rows with their factors. */
export interface Driven {
  readonly vectors: number;
  readonly rows: number;
  readonly columns: number;
  readonly lines: Count;
  /** Lines that a slot drives in an array, mean over the arrays of the pass; null where no array is driven. */
  readonly ofArray: number | null;
}

/** A pass of a layer as a chain of units, which each wave of a service passes in order. */
export interface PassChain {
  readonly waves: Count;
  readonly serial: boolean;
  readonly units: readonly ChainUnit[];
  /** Null for passes that drive no crossbar. */
  readonly driven: Driven | null;
}

/** All at once. */
export const ONE_WAVE = times({ one: 1 });

/** Waves of a pass: input vectors by those that go at once. */
export const wavesOf = ({ vectors, replication }: PassPlan): Count => ceilOver({ vectors, replication });

/** Actions of a service. @param operator the operator that they are done for, unless that is the stage's product. */
export const use = <C extends ComponentName>(
  component: C,
  action: ActionName<C> & ActionName,
  count: Count,
  operator: string | null = null,
): ActionUse => ({ component, action, count, driven: false, operator, layer: null });

/** Actions of each one among the bits that the drivers of a service apply. */
export const driven = <C extends ComponentName>(
  component: C,
  action: ActionName<C> & ActionName,
  count: Count,
): ActionUse => ({ component, action, count, driven: true, operator: null, layer: null });

/** Actions that a stage of the whole network performs for one of its layers. */
export const forLayer = ({ index }: WeightLayer, uses: readonly ActionUse[]): ActionUse[] =>
  mapped(uses, (one) => ({ ...one, layer: index }));
