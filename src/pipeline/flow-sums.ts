// Where each total of a run stands among its exact sums.

import { ExactSums } from '../kernel/index.js';
import { STALL_CAUSES, type Flow } from './flow.js';
import { recordOf } from '../config/typed.js';

/** Number of each cause of a stall among the sums. */
export const CAUSE = recordOf(STALL_CAUSES, (_, index) => index);
/** A stage that serves or has no image left waits for nothing. */
export const NO_CAUSE = -1;

/**
 * Sums of a stage: services, busy ticks, ticks waited for each cause, logical cycles that it was the last to finish,
 * their ticks.
 */
const PER_STAGE = 4 + STALL_CAUSES.length;

/** Sums as others read them: nothing is added through it. */
export type FlowTotals = Pick<
  FlowSums,
  'total' | 'snapshot' | 'services' | 'busy' | 'stall' | 'cycles' | 'sets' | 'waves' | 'area'
>;

/**
 * The sums of a flow: those of its stages, waves of each unit (flat over all chains), entries x ticks of each buffer,
 * logical cycles.
 */
export class FlowSums extends ExactSums {
  readonly #waves: number;
  readonly #areas: number;
  readonly cycles: number;

  constructor({ stages, buffers }: Flow) {
    const waves = stages.length * PER_STAGE;
    const areas = waves + stages.reduce((sum, { units }) => sum + units.length, 0);
    super(areas + buffers.length + 1);
    this.#waves = waves;
    this.#areas = areas;
    this.cycles = areas + buffers.length;
  }

  services(stage: number): number {
    return stage * PER_STAGE;
  }

  busy(stage: number): number {
    return stage * PER_STAGE + 1;
  }

  stall(stage: number, cause: number): number {
    return stage * PER_STAGE + 2 + cause;
  }

  /** Logical cycles that the stage was the last to finish; their ticks stand behind them. */
  sets(stage: number): number {
    return (stage + 1) * PER_STAGE - 2;
  }

  waves(unit: number): number {
    return this.#waves + unit;
  }

  area(buffer: number): number {
    return this.#areas + buffer;
  }
}
