// The chains of a flow as columns of numbers, and which of their units see their waves one by one.

import { InvariantError, chainService, type Unit } from '../kernel/index.js';
import type { Flow, FlowStage } from './flow.js';

/**
 * Chains and stops, fixed for a run. Stops are the units at which waves are simulated. Units that nobody else uses need
 * not be: waves keep their order, so a run of such units acts as one unit with the sum of their latencies and the
 * longest of their intervals (docs/kernel.md). Indexes: stage, unit (flat over all chains).
 */
export class Chains {
  readonly firstUnit: Int32Array;
  readonly lastUnit: Int32Array;
  readonly waves: Float64Array;
  readonly serial: Uint8Array;
  /** Ticks of a service on unshared units. */
  readonly service: Float64Array;
  /** 1 where no unit of the chain is a stop, so that a service is one event. */
  readonly folded: Uint8Array;
  readonly unitStage: Int32Array;
  readonly unitServer: Int32Array;
  readonly latency: Float64Array;
  readonly interval: Float64Array;
  readonly shared: Uint8Array;
  /** First stop of the stage, and ticks from the chain's start to it; negative where the chain is folded. */
  readonly firstStop: Int32Array;
  readonly lead: Float64Array;
  /**
   * Ticks between waves at the first stop, set by the units before it; negative where the stop is the first unit and
   * sets them itself.
   */
  readonly leadInterval: Float64Array;
  /** The stop behind each stop, and before it; negative where there is none. */
  readonly nextStop: Int32Array;
  readonly previousStop: Int32Array;
  /** The run of units between a stop and the next: latency (negative where there is none) and interval. */
  readonly runLatency: Float64Array;
  readonly runInterval: Float64Array;
  /** The unit whose count of waves is also each unit's. */
  readonly countedAt: Int32Array;

  /**
   * All units are stops when `exact`, else the shared ones, and where there are any also a last unit that takes no
   * time: a service that it ends, ends in the order of the requests of that tick.
   * @throws InvariantError for a chain without waves or units, or a unit that takes waves faster than it ends them.
   */
  constructor({ stages, servers }: Flow, exact: boolean) {
    for (const stage of stages) checkChain(stage);
    const units = stages.flatMap((stage) => stage.units);
    const users = new Int32Array(servers.length);
    for (const { server } of units) users[server]!++;
    this.waves = Float64Array.from(stages, ({ waves }) => waves);
    this.serial = Uint8Array.from(stages, ({ serial }) => (serial ? 1 : 0));
    this.service = Float64Array.from(stages, (stage) => stageService(stage));
    this.unitServer = Int32Array.from(units, ({ server }) => server);
    this.latency = Float64Array.from(units, ({ latency }) => latency);
    this.interval = Float64Array.from(units, ({ interval }) => interval);
    this.shared = Uint8Array.from(units, ({ server }) => (users[server]! > 1 ? 1 : 0));
    this.firstUnit = new Int32Array(stages.length);
    this.lastUnit = new Int32Array(stages.length);
    this.unitStage = new Int32Array(units.length);
    this.folded = new Uint8Array(stages.length);
    this.firstStop = new Int32Array(stages.length).fill(-1);
    this.lead = new Float64Array(stages.length);
    this.leadInterval = new Float64Array(stages.length).fill(-1);
    this.nextStop = new Int32Array(units.length).fill(-1);
    this.previousStop = new Int32Array(units.length).fill(-1);
    this.runLatency = new Float64Array(units.length).fill(-1);
    this.runInterval = new Float64Array(units.length);
    this.countedAt = Int32Array.from(units, (_, k) => k);
    const contended = this.shared.includes(1);
    let unit = 0;
    stages.forEach((stage, s) => {
      this.firstUnit[s] = unit;
      this.unitStage.fill(s, unit, unit + stage.units.length);
      unit += stage.units.length;
      this.lastUnit[s] = unit - 1;
      this.#placeStops(s, exact, contended);
    });
  }

  #placeStops(s: number, exact: boolean, contended: boolean): void {
    const first = this.firstUnit[s]!;
    const last = this.lastUnit[s]!;
    let stop = -1;
    for (let k = first; k <= last; k++) {
      const latency = this.latency[k]!;
      const interval = this.interval[k]!;
      if (exact || this.shared[k] === 1 || (contended && k === last && latency === 0)) {
        if (stop < 0) {
          this.firstStop[s] = k;
          this.countedAt.fill(k, first, k);
        } else {
          this.nextStop[stop] = k;
          this.previousStop[k] = stop;
        }
        stop = k;
      } else if (stop < 0) {
        this.lead[s]! += latency;
        this.leadInterval[s] = Math.max(this.leadInterval[s]!, interval);
      } else {
        this.runLatency[stop] = Math.max(0, this.runLatency[stop]!) + latency;
        this.runInterval[stop] = Math.max(this.runInterval[stop]!, interval);
        this.countedAt[k] = stop;
      }
    }
    if (stop < 0) this.folded[s] = 1;
  }
}

/** Ticks of one service of a stage whose units nobody else uses. */
export function stageService(stage: Pick<FlowStage, 'waves' | 'serial'> & { units: readonly Unit[] }): number {
  return stage.serial ? stage.waves * chainService(stage.units, 1) : chainService(stage.units, stage.waves);
}

function checkChain({ name, waves, units }: FlowStage): void {
  if (waves < 1 || units.length < 1) throw new InvariantError(`stage ${name} has no waves or no units`);
  for (const { latency, interval } of units)
    if (!(interval <= latency))
      throw new InvariantError(`stage ${name}: a unit's interval ${interval} exceeds its latency ${latency}`);
}
