// Waves in the chains of the stages, where units are shared: who asks for a unit when, who waits, when a service ends.

import { Servers, type Observer, type Simulator } from '../kernel/index.js';
import type { Chains } from './chains.js';
import type { ClosedSteps } from './closed-steps.js';
import type { EndQueue } from './end-queue.js';
import { ARRIVE, FINISH, PRIORITY_ARRIVE, PRIORITY_FINISH } from './events.js';
import type { Flow } from './flow.js';
import { CAUSE, type FlowSums } from './flow-sums.js';
import type { WaveColumns } from './wave-columns.js';

/** What the chains share with the rest of the run. */
export interface ContentionParts {
  simulator: Simulator;
  sums: FlowSums;
  observer: Observer | null;
  exact: boolean;
  chains: Chains;
  columns: WaveColumns;
  /** Waves in closed steps, and the ends of services as the only events; null where waves are events. */
  closed: { steps: ClosedSteps; ends: EndQueue } | null;
}

/**
 * The chains of a flow at work. Waves are simulated at stops (docs/kernel.md): as events of the simulator, or (image by
 * image, not exact) in closed steps between the ends of services. A stage without stops is folded into one event.
 * Indexes: stage, unit (flat over all chains).
 */
export class Contention {
  readonly #chains: Chains;
  readonly #simulator: Simulator;
  readonly #sums: FlowSums;
  readonly #observer: Observer | null;
  readonly #exact: boolean;
  readonly #servers: Servers;
  /** Null where waves are events. */
  readonly #steps: ClosedSteps | null;
  readonly #closed: ContentionParts['closed'];
  /** Tick from which the stage itself would let a unit take its next wave. */
  readonly #ownNext: Float64Array;
  /** Tick at which the run of units behind a stop can take its next wave. */
  readonly #runFree: Float64Array;
  readonly #toEnter: Int32Array;
  readonly #toLeave: Int32Array;
  /** Of each unit since the last `settle`: waves that entered, ticks that they waited for other waves. */
  readonly #entered: Float64Array;
  readonly #waited: Float64Array;
  /** Columns of the chains that every event reads: going through `#chains` costs 3 % of an event. */
  readonly #unitStage: Int32Array;
  readonly #firstStop: Int32Array;
  readonly #nextStop: Int32Array;
  readonly #serial: Uint8Array;
  /** Tick at which the wave that last entered a unit leaves it and the units behind it up to the next stop. */
  #leavesAt = 0;

  constructor(flow: Flow, { simulator, sums, observer, exact, chains, columns, closed }: ContentionParts) {
    const { servers } = flow;
    this.#simulator = simulator;
    this.#sums = sums;
    this.#observer = observer;
    this.#exact = exact;
    this.#chains = chains;
    this.#unitStage = chains.unitStage;
    this.#firstStop = chains.firstStop;
    this.#nextStop = chains.nextStop;
    this.#serial = chains.serial;
    this.#servers = new Servers(servers.length, columns.freeAt);
    this.#runFree = new Float64Array(chains.unitStage.length);
    this.#ownNext = columns.ownNext;
    this.#toEnter = columns.toEnter;
    this.#toLeave = columns.toLeave;
    this.#entered = columns.entered;
    this.#waited = columns.waited;
    this.#closed = closed;
    this.#steps = closed?.steps ?? null;
  }

  folded(stage: number): boolean {
    return this.#chains.folded[stage] === 1;
  }

  /** Ticks of a service of a folded stage. */
  service(stage: number): number {
    return this.#chains.service[stage]!;
  }

  /** Stages whose waves are not simulated, and units of others. */
  get foldedStages(): number {
    return this.#chains.folded.reduce((sum, folded) => sum + folded, 0);
  }

  get foldedUnits(): number {
    return this.#chains.countedAt.reduce((sum, at, k) => sum + (at === k ? 0 : 1), 0);
  }

  /** Arrivals of waves that were simulated in closed steps, one by one. */
  get steps(): number {
    return this.#steps?.steps ?? 0;
  }

  /** Waves that entered unit `u` of the stage's chain, when the run has settled. */
  wavesOf(stage: number, u: number): bigint {
    return this.#sums.total(this.#sums.waves(this.#chains.countedAt[this.#chains.firstUnit[stage]! + u]!));
  }

  /** Adds `waves` to the waves that entered every unit of the stage. */
  countWaves(stage: number, waves: number): void {
    const { firstUnit, lastUnit } = this.#chains;
    for (let k = firstUnit[stage]!; k <= lastUnit[stage]!; k++) this.#entered[k]! += waves;
  }

  /**
   * Ticks that the waves of these stages have waited for other waves; a jump over whole periods does not add to them at
   * once. Sums are settled once, and where no stage waits for others not at all: their number grows with the stages'.
   */
  waited(stages: readonly number[]): bigint[] {
    if (!stages.every((stage) => this.folded(stage))) this.settle();
    return stages.map((stage) => this.#sums.total(this.#sums.stall(stage, CAUSE.unit)));
  }

  /** The run is over and its sums are settled: no wave is asked for any more. */
  release(): void {
    this.#steps?.release();
  }

  /** Adds what was counted to the sums of the run. */
  settle(): void {
    const sums = this.#sums;
    this.#steps?.settle((k, entered, waited) => {
      sums.addExact(sums.waves(k), BigInt(entered));
      sums.addExact(sums.stall(this.#unitStage[k]!, CAUSE.unit), waited);
    });
    for (let k = 0; k < this.#entered.length; k++) {
      sums.add(sums.waves(k), this.#entered[k]!);
      sums.add(sums.stall(this.#unitStage[k]!, CAUSE.unit), this.#waited[k]!);
      this.#entered[k] = 0;
      this.#waited[k] = 0;
    }
  }

  /** Starts a service now: its first wave enters, and FINISH follows when its last one leaves. */
  serve(stage: number): void {
    const { now } = this.#simulator;
    const waves = this.#chains.waves[stage]!;
    if (this.#chains.folded[stage] === 1) {
      const service = this.#chains.service[stage]!;
      this.countWaves(stage, waves);
      this.#simulator.scheduleAt(now + service, PRIORITY_FINISH, FINISH, stage);
    } else if (this.#steps !== null) {
      this.#steps.begin(stage, now);
    } else {
      this.#toEnter[stage] = waves;
      this.#toLeave[stage] = waves;
      this.startWave(stage);
    }
  }

  /** In closed steps: simulates waves up to the next end of a service, as nothing else can come before it. */
  catchUp(): void {
    this.#closed?.steps.run(this.#closed.ends);
  }

  /** A wave enters the stage's chain now. */
  startWave(stage: number): void {
    const first = this.#firstStop[stage]!;
    this.#simulator.schedule(this.#chains.lead[stage]!, PRIORITY_ARRIVE + first, ARRIVE, first);
  }

  /** Event ARRIVE: a wave of the present service reaches unit `k`, a stop; its next step is scheduled. */
  arrive(k: number): void {
    const simulator = this.#simulator;
    const stage = this.#unitStage[k]!;
    const next = this.#enter(k);
    const serial = this.#serial[stage] === 1;
    if (k === this.#firstStop[stage] && --this.#toEnter[stage]! > 0 && !serial)
      simulator.scheduleAt(this.#exact ? next : this.#followsAt(stage, next), PRIORITY_ARRIVE + k, ARRIVE, k);
    let stop = this.#nextStop[k]!;
    let at = this.#leavesAt;
    if (stop < 0) {
      if (--this.#toLeave[stage]! === 0) {
        simulator.scheduleAt(at, PRIORITY_FINISH, FINISH, stage);
        return;
      }
      if (!serial) return;
      at += this.#chains.lead[stage]!;
      stop = this.#firstStop[stage]!;
    }
    simulator.scheduleAt(at, PRIORITY_ARRIVE + stop, ARRIVE, stop);
  }

  /** Event ARRIVE by rows: a wave reaches unit `k`, and FINISH follows when it leaves the chain. */
  arriveAlone(k: number): void {
    this.#enter(k);
    const stop = this.#nextStop[k]!;
    if (stop < 0) this.#simulator.scheduleAt(this.#leavesAt, PRIORITY_FINISH, FINISH, this.#unitStage[k]!);
    else this.#simulator.scheduleAt(this.#leavesAt, PRIORITY_ARRIVE + stop, ARRIVE, stop);
  }

  /** The counters here that decide the future. `busy`: the stage is in a service. */
  counts(busy: (stage: number) => boolean, counts: number[]): void {
    if (this.#steps !== null) this.#steps.counts(busy, this.#toEnter.length, counts);
    else for (let s = 0; s < this.#toEnter.length; s++) if (busy(s)) counts.push(this.#toEnter[s]!, this.#toLeave[s]!);
  }

  /** The times here that decide the future, relative to now. */
  times(times: number[]): void {
    const { now } = this.#simulator;
    if (this.#steps !== null) {
      this.#steps.times(now, times);
      return;
    }
    for (let server = 0; server < this.#servers.count; server++) times.push(this.#servers.busyFor(server, now));
    for (const next of this.#ownNext) times.push(next > now ? next - now : 0);
    for (const free of this.#runFree) times.push(free > now ? free - now : 0);
  }

  /** Times that are many, and no others: compared last. */
  queues(): Float64Array {
    return this.#steps?.queues(this.#simulator.now) ?? new Float64Array();
  }

  /** Follows a rebase of the clock by `ticks`. */
  shift(ticks: number): void {
    this.#steps?.shift(ticks);
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
    const { unitServer, latency, interval, shared } = this.#chains;
    const start = this.#servers.request(unitServer[k]!, now, interval[k]!);
    const next = start + interval[k]!;
    const result = start + latency[k]!;
    this.#leavesAt = this.#exact ? result : this.#throughRun(k, result);
    if (shared[k] === 1) {
      const own = this.#ownNext[k]!;
      this.#waited[k]! += start - (own > now ? own : now);
      this.#ownNext[k] = next;
    }
    this.#entered[k]!++;
    if (this.#observer !== null) {
      const stage = this.#unitStage[k]!;
      const step = k - this.#chains.firstUnit[stage]!;
      this.#observer.service(unitServer[k]!, stage, { start, release: next, finish: result, step });
    }
    return next;
  }

  /** A wave reaches the units between stop `k` and the next at tick `at`; returns the tick at which it leaves them. */
  #throughRun(k: number, at: number): number {
    const { runLatency, runInterval } = this.#chains;
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
    const interval = this.#chains.leadInterval[stage]!;
    return interval < 0 ? next : this.#simulator.now + interval;
  }
}
