// What a result says of an operator of the network.

import type { ActionName, ComponentName } from '../components/index.js';
import type { Operator, Place } from '../workload/graph/index.js';
import type { EnergyPass } from './activity.js';

/** Where an operator is done that no unit does: at the host, folded into another, by addresses alone. */
export type NoUnit = 'addresses' | 'folded' | 'host';

/** An operator: what it is, where it is done, what it takes in all images of the run. */
export interface OperatorFigures {
  name: string;
  /** As the network's file calls it, and as the graph does. */
  type: string;
  kind: Operator['kind'];
  /** crossbar, dynamic, vector, move or folded (docs/operators.md). */
  place: Place;
  /** The component that does it; `addresses`, `folded` or `host` where none does. */
  on: ComponentName | NoUnit;
  /** The layer whose stage does it; null where nothing is done. */
  layer: string | null;
  macs: number;
  elements: number;
  windowPlaces: number;
  parameters: number;
  biases: number;
  /** Busy time of the units that do it, in all images. */
  timeS: number;
  energyJ: number;
  /** Cells and words of the buffer that are written for it. */
  cellWrites: number;
  wordWrites: number;
  actions: { component: ComponentName; action: ActionName; pass: EnergyPass; count: number }[];
}
