// Waves in the chains of the stages, where units are shared: who asks for a unit when, who waits, when a service ends.

import { InvariantError, Servers, chainService, type Observer, type Simulator, type Unit } from '../kernel/index.js';
import { ARRIVE, FINISH, PRIORITY_FINISH, priorityOf } from './events.js';
import type { Flow, FlowStage } from './flow.js';
import { CAUSE, type FlowSums } from './flow-sums.js';
import { placeStops, type Stops } from './stops.js';

/**
 * The chains of a flow on the kernel's servers. Waves are simulated at stops (docs/kernel.md); a stage that has none is
 * folded into one event. Indexes: stage, unit (flat over all chains).
 */
export class Contention {
  readonly #simulator: Simulator;
  readonly #servers: Servers;
  readonly #sums: FlowSums;
  readonly #observer: Observer | null;
  readonly #exact: boolean;
  readonly #stages: readonly FlowStage[];
  /** Ticks of a service on unshared units. */
  readonly #service: Float64Array;
  /** 1 where no unit of the chain is shared, so that a service is one event. */
  readonly #folded: Uint8Array;
  readonly #stops: Stops;
  /** Columns of the stops that every event reads: going through `#stops` costs 3 % of an event. */
  readonly #firstStop: Int32Array;
  readonly #nextStop: Int32Array;
  readonly #firstUnit: Int32Array;
  readonly #lastUnit: Int32Array;
  readonly #unitStage: Int32Array;
  readonly #unitServer: Int32Array;
  readonly #unitLatency: Float64Array;
  readonly #unitInterval: Float64Array;
  readonly #unitShared: Uint8Array;
  /** Tick from which the stage itself would let a unit take its next wave. */
  readonly #ownNext: Float64Array;
  /** Tick at which the run of units behind a stop can take its next wave. */
  readonly #runFree: Float64Array;
  readonly #serial: Uint8Array;
  readonly #toEnter: Int32Array;
  readonly #toLeave: Int32Array;
  /** Of each unit since the last `settle`: waves that entered, ticks that they waited for other stages. */
  readonly #entered: Float64Array;
  readonly #waited: Float64Array;
  /** Tick at which the wave that last entered a unit leaves it and the units behind it up to the next stop. */
  #leavesAt = 0;

  /** @throws InvariantError for a chain without waves or units, or a unit that takes waves faster than it ends them. */
  constructor({ stages, servers }: Flow, { simulator, sums, observer, exact }: ContentionParts) {
    this.#stages = stages;
    this.#simulator = simulator;
    this.#sums = sums;
    this.#observer = observer;
    this.#exact = exact;
    this.#servers = new Servers(servers.length);
    const units = stages.flatMap((stage) => stage.units);
    const users = new Int32Array(servers.length);
    for (const { server } of units) users[server]!++;
    this.#service = Float64Array.from(stages, (stage) => stageService(stage));
    this.#firstUnit = new Int32Array(stages.length);
    this.#lastUnit = new Int32Array(stages.length);
    this.#unitStage = new Int32Array(units.length);
    this.#unitServer = Int32Array.from(units, (unit) => unit.server);
    this.#unitLatency = Float64Array.from(units, (unit) => unit.latency);
    this.#unitInterval = Float64Array.from(units, (unit) => unit.interval);
    this.#unitShared = Uint8Array.from(units, (unit) => (users[unit.server]! > 1 ? 1 : 0));
    this.#folded = Uint8Array.from(stages, (stage) =>
      !exact && stage.units.every((unit) => users[unit.server] === 1) ? 1 : 0,
    );
    this.#stops = placeStops(stages, this.#unitShared, exact);
    this.#firstStop = this.#stops.first;
    this.#nextStop = this.#stops.next;
    this.#ownNext = new Float64Array(units.length);
    this.#runFree = new Float64Array(units.length);
    this.#serial = Uint8Array.from(stages, (stage) => (stage.serial ? 1 : 0));
    this.#toEnter = new Int32Array(stages.length);
    this.#toLeave = new Int32Array(stages.length);
    let unit = 0;
    stages.forEach((stage, s) => {
      checkChain(stage);
      this.#firstUnit[s] = unit;
      this.#unitStage.fill(s, unit, unit + stage.units.length);
      unit += stage.units.length;
      this.#lastUnit[s] = unit - 1;
    });
    this.#entered = new Float64Array(units.length);
    this.#waited = new Float64Array(units.length);
  }

  folded(stage: number): boolean {
    return this.#folded[stage] === 1;
  }

  /** Stages and units of others whose waves are not simulated one by one. */
  get foldedStages(): number {
    return this.#folded.reduce((sum, folded) => sum + folded, 0);
  }

  get foldedUnits(): number {
    return this.#stops.countedAt.reduce((sum, at, k) => sum + (at === k ? 0 : 1), 0);
  }

  /** Waves that entered unit `u` of the stage's chain, when the run has settled. */
  wavesOf(stage: number, u: number): bigint {
    return this.#sums.total(this.#sums.waves(this.#stops.countedAt[this.#firstUnit[stage]! + u]!));
  }

  /** Adds `waves` to the waves that entered every unit of the stage. */
  countWaves(stage: number, waves: number): void {
    for (let k = this.#firstUnit[stage]!; k <= this.#lastUnit[stage]!; k++) this.#entered[k]! += waves;
  }

  /** Ticks that the stage's waves waited for other stages since the last `settle`. */
  waited(stage: number): number {
    let ticks = 0;
    for (let k = this.#firstUnit[stage]!; k <= this.#lastUnit[stage]!; k++) ticks += this.#waited[k]!;
    return ticks;
  }

  /** Adds what was counted to the sums of the run. */
  settle(): void {
    const sums = this.#sums;
    for (let k = 0; k < this.#entered.length; k++) {
      sums.add(sums.waves(k), this.#entered[k]!);
      sums.add(sums.stall(this.#unitStage[k]!, CAUSE.unit), this.#waited[k]!);
      this.#entered[k] = 0;
      this.#waited[k] = 0;
    }
  }

  /** Starts a service now: its first wave enters, and FINISH follows when its last one leaves. */
  serve(stage: number): void {
    const { waves } = this.#stages[stage]!;
    if (this.#folded[stage] === 1) {
      this.countWaves(stage, waves);
      this.#simulator.schedule(this.#service[stage]!, PRIORITY_FINISH, FINISH, stage);
    } else {
      this.#toEnter[stage] = waves;
      this.#toLeave[stage] = waves;
      this.startWave(stage);
    }
  }

  /** A wave enters the stage's chain now. */
  startWave(stage: number): void {
    this.#simulator.schedule(this.#stops.lead[stage]!, priorityOf(stage), ARRIVE, this.#stops.first[stage]!);
  }

  /** Event ARRIVE: a wave of the present service reaches unit `k`, a stop; its next step is scheduled. */
  arrive(k: number): void {
    const simulator = this.#simulator;
    const stage = this.#unitStage[k]!;
    const priority = 1 + stage;
    const next = this.#enter(k);
    const serial = this.#serial[stage] === 1;
    if (k === this.#firstStop[stage] && --this.#toEnter[stage]! > 0 && !serial)
      simulator.scheduleAt(this.#exact ? next : this.#followsAt(stage, next), priority, ARRIVE, k);
    let stop = this.#nextStop[k]!;
    let at = this.#leavesAt;
    if (stop < 0) {
      if (--this.#toLeave[stage]! === 0) {
        simulator.scheduleAt(at, PRIORITY_FINISH, FINISH, stage);
        return;
      }
      if (!serial) return;
      at += this.#stops.lead[stage]!;
      stop = this.#firstStop[stage]!;
    }
    simulator.scheduleAt(at, priority, ARRIVE, stop);
  }

  /** Event ARRIVE by rows: a wave reaches unit `k`, and FINISH follows when it leaves the chain. */
  arriveAlone(k: number): void {
    const stage = this.#unitStage[k]!;
    this.#enter(k);
    const stop = this.#nextStop[k]!;
    if (stop < 0) this.#simulator.scheduleAt(this.#leavesAt, PRIORITY_FINISH, FINISH, stage);
    else this.#simulator.scheduleAt(this.#leavesAt, priorityOf(stage), ARRIVE, stop);
  }

  /** Everything here that decides the future, relative to now. `busy`: the stage is in a service. */
  state(busy: (stage: number) => boolean, state: number[]): void {
    const { now } = this.#simulator;
    for (let s = 0; s < this.#stages.length; s++) if (busy(s)) state.push(this.#toEnter[s]!, this.#toLeave[s]!);
    for (let server = 0; server < this.#servers.count; server++) state.push(this.#servers.busyFor(server, now));
    for (const next of this.#ownNext) state.push(next > now ? next - now : 0);
    for (const free of this.#runFree) state.push(free > now ? free - now : 0);
  }

  /** Follows a rebase of the clock by `ticks`. */
  shift(ticks: number): void {
    this.#servers.shift(ticks);
    for (const times of [this.#ownNext, this.#runFree])
      for (let k = 0; k < times.length; k++) times[k] = Math.max(0, times[k]! - ticks);
  }

  /**
   * A wave asks for unit `k` now; returns the tick at which the unit's next client of this stage may come. Its result
   * is there at `#leavesAt`.
   */
  #enter(k: number): number {
    const { now } = this.#simulator;
    const interval = this.#unitInterval[k]!;
    const start = this.#servers.request(this.#unitServer[k]!, now, interval);
    const result = start + this.#unitLatency[k]!;
    this.#leavesAt = this.#exact ? result : this.#throughRun(k, result);
    if (this.#unitShared[k] === 1) {
      const own = this.#ownNext[k]!;
      this.#waited[k]! += start - (own > now ? own : now);
      this.#ownNext[k] = start + interval;
    }
    this.#entered[k]!++;
    if (this.#observer !== null)
      this.#observer.service(this.#unitServer[k]!, this.#unitStage[k]!, start, start + interval, result);
    return start + interval;
  }

  /** A wave reaches the units between stop `k` and the next at tick `at`; returns the tick at which it leaves them. */
  #throughRun(k: number, at: number): number {
    const { runLatency, runInterval } = this.#stops;
    const latency = runLatency[k]!;
    if (latency < 0) return at;
    const free = this.#runFree[k]!;
    const enters = free > at ? free : at;
    this.#runFree[k] = enters + runInterval[k]!;
    return enters + latency;
  }

  /**
   * Tick at which the stage's next wave reaches its first stop, where one arrives now and the stop takes another at
   * `next`.
   */
  #followsAt(stage: number, next: number): number {
    const interval = this.#stops.leadInterval[stage]!;
    return interval < 0 ? next : this.#simulator.now + interval;
  }
}

/** What the chains share with the rest of the run. */
export interface ContentionParts {
  simulator: Simulator;
  sums: FlowSums;
  observer: Observer | null;
  exact: boolean;
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
