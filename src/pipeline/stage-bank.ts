// The stages of a flow at work: services, waves and tokens on the kernel's servers and buffers.

import {
  Buffers,
  InvariantError,
  Servers,
  Simulator,
  chainService,
  mapped,
  type Observer,
  type Unit,
} from '../kernel/index.js';
import type { Flow, FlowResult, FlowStage } from './flow.js';
import { CAUSE, FlowSums, NO_CAUSE } from './flow-sums.js';
import { placeStops, type Stops } from './stops.js';

/**
 * Event codes: a wave reaches a unit (argument: unit), a stage ends a service (argument: stage), other uses of the
 * runners.
 */
export const ARRIVE = 0;
export const FINISH = 1;
export const ISSUE = 2;

/** Services end before requests of the same tick are granted; requests of one tick are granted in stage order. */
export const PRIORITY_FINISH = 0;
export const priorityOf = (stage: number): number => 1 + stage;

/** Ticks after which sums and clock are moved into exact totals; below 2^53 even times a hundred thousand entries. */
const SETTLE_TICKS = 2 ** 36;

export interface RunOptions {
  /** Event by event: no folding of chains, no cycle memo, no jumps. */
  exact?: boolean;
  observer?: (Observer & { rebase?(ticks: number): void }) | null;
  /** Called now and then with the share of images that have finished. */
  progress?: (share: number) => void;
  /** Ends the run early: asked with the logical cycles done (lockstep) or the images started. */
  until?: (progress: number) => boolean;
}

/**
 * State shared by the elastic, lockstep and row-granular runners. Indexes: stage, unit (flat over all chains), buffer.
 */
export class StageBank {
  /** The flow as it is still to be simulated: jumps take images off it. */
  readonly flow: Flow;
  readonly exact: boolean;
  readonly simulator: Simulator;
  readonly servers: Servers;
  readonly buffers: Buffers;
  readonly sums: FlowSums;
  readonly started: Float64Array;
  readonly finished: Float64Array;
  readonly busy: Uint8Array;
  readonly startedAt: Float64Array;
  /** True where no unit of the chain is shared, so that a service is one event. */
  readonly folded: Uint8Array;
  /** Where the waves of the other stages are simulated. */
  readonly stops: Stops;
  /** Columns of the stops that every event reads: going through `stops` costs 3 % of an event. */
  readonly #firstStop: Int32Array;
  readonly #nextStop: Int32Array;
  /** Ticks of a service on unshared units. */
  readonly service: Float64Array;
  /** Readers of each buffer and, for each stage, its neighbours in token flow (itself included), ascending. */
  readonly readers: number[][];
  readonly neighbours: number[][];
  readonly firstUnit: Int32Array;
  readonly lastUnit: Int32Array;
  readonly unitStage: Int32Array;
  readonly unitServer: Int32Array;
  readonly unitLatency: Float64Array;
  readonly unitInterval: Float64Array;
  /** False where the run is to end early. */
  readonly whole: boolean;
  readonly jumps: FlowResult['fastPath']['jumps'] = [];
  /** Ticks before the simulator's present origin of time. */
  base = 0n;
  /** Images that jumps have taken off the flow. */
  #skipped = 0;

  /** Ticks from the start of the run to the first image's end at the last image stage; null before it. */
  firstResult: bigint | null = null;

  /** Tick at which the wave that last entered a unit leaves it and the units behind it up to the next stop. */
  leavesAt = 0;

  readonly #observer: NonNullable<RunOptions['observer']> | null;
  readonly #progress: RunOptions['progress'];
  readonly #unitShared: Uint8Array;
  readonly #ownNext: Float64Array;
  readonly #serial: Uint8Array;
  /** Tick at which the run of units behind a stop can take its next wave. */
  readonly #runFree: Float64Array;
  readonly #toEnter: Int32Array;
  readonly #toLeave: Int32Array;
  readonly #released: Float64Array;
  /** Sum indexes: waves of the first unit, and for each unit its stage's waits for units. */
  readonly #firstWaves: number;
  readonly #unitWait: Int32Array;
  readonly #firstResultStage: number;

  constructor(flow: Flow, options: RunOptions) {
    const { stages, buffers, servers } = flow;
    this.flow = { ...flow };
    this.exact = options.exact ?? false;
    this.#observer = options.observer ?? null;
    this.#progress = options.progress;
    this.whole = options.until === undefined;
    this.simulator = new Simulator(this.#observer);
    this.servers = new Servers(servers.length);
    this.buffers = new Buffers(
      mapped(buffers, (buffer) => buffer.capacity),
      this.#observer,
    );
    const units = stages.flatMap((stage) => stage.units);
    this.sums = new FlowSums(flow);
    this.started = new Float64Array(stages.length);
    this.finished = new Float64Array(stages.length);
    this.busy = new Uint8Array(stages.length);
    this.startedAt = new Float64Array(stages.length);
    this.service = Float64Array.from(stages, (stage) => stageService(stage));
    this.readers = mapped(buffers, (_, b) => stages.flatMap((stage, s) => (stage.inputs.includes(b) ? [s] : [])));
    this.neighbours = neighbours(flow, this.readers);

    const users = new Int32Array(servers.length);
    for (const { server } of units) users[server]!++;
    this.firstUnit = new Int32Array(stages.length);
    this.lastUnit = new Int32Array(stages.length);
    this.unitStage = new Int32Array(units.length);
    this.unitServer = Int32Array.from(units, (unit) => unit.server);
    this.unitLatency = Float64Array.from(units, (unit) => unit.latency);
    this.unitInterval = Float64Array.from(units, (unit) => unit.interval);
    this.#unitShared = Uint8Array.from(units, (unit) => (users[unit.server]! > 1 ? 1 : 0));
    this.folded = Uint8Array.from(stages, (stage) =>
      !this.exact && stage.units.every((unit) => users[unit.server] === 1) ? 1 : 0,
    );
    this.stops = placeStops(stages, this.#unitShared, this.exact);
    this.#firstStop = this.stops.first;
    this.#nextStop = this.stops.next;
    this.#runFree = new Float64Array(units.length);
    let unit = 0;
    stages.forEach((stage, s) => {
      if (stage.waves < 1 || stage.units.length < 1)
        throw new InvariantError(`stage ${stage.name} has no waves or no units`);
      this.firstUnit[s] = unit;
      for (const use of stage.units) {
        if (!(use.interval <= use.latency))
          throw new InvariantError(
            `stage ${stage.name}: a unit's interval ${use.interval} exceeds its latency ${use.latency}`,
          );
        this.unitStage[unit++] = s;
      }
      this.lastUnit[s] = unit - 1;
    });
    this.#ownNext = new Float64Array(units.length);
    this.#serial = Uint8Array.from(stages, (stage) => (stage.serial ? 1 : 0));
    this.#toEnter = new Int32Array(stages.length);
    this.#toLeave = new Int32Array(stages.length);
    this.#released = new Float64Array(buffers.length);
    this.#firstWaves = this.sums.waves(0);
    this.#unitWait = this.unitStage.map((stage) => this.sums.stall(stage, CAUSE.unit));
    this.#firstResultStage = stages.reduce((last, stage, s) => (stage.serves === 'image' ? s : last), 0);
  }

  addStall(stage: number, cause: number, ticks: number): void {
    if (cause !== NO_CAUSE) this.sums.local[this.sums.stall(stage, cause)]! += ticks;
  }

  /** Counts a logical cycle of `ticks` whose last stage to finish was `last`. */
  countCycle(last: number, ticks: number): void {
    const { sums } = this;
    sums.local[sums.cycles]!++;
    sums.local[sums.sets(last)]!++;
    sums.local[sums.sets(last) + 1]! += ticks;
  }

  /** Adds `waves` to the waves that entered every unit of the stage. */
  countWaves(stage: number, waves: number): void {
    for (let k = this.firstUnit[stage]!; k <= this.lastUnit[stage]!; k++) this.sums.local[this.sums.waves(k)]! += waves;
  }

  inputsReady(stage: number, image: number): boolean {
    const { inputs } = this.flow.stages[stage]!;
    for (const buffer of inputs) if (this.buffers.readable[buffer]! + this.#released[buffer]! <= image) return false;
    return true;
  }

  outputsFree(stage: number): boolean {
    for (const buffer of this.flow.stages[stage]!.outputs) if (!this.buffers.hasRoom(buffer)) return false;
    return true;
  }

  /** Starts the stage's next service now: its output entries are reserved and its first wave enters. */
  begin(stage: number): void {
    const { simulator } = this;
    this.#occupy(stage);
    if (this.folded[stage] === 1) {
      this.countWaves(stage, this.flow.stages[stage]!.waves);
      simulator.schedule(this.service[stage]!, PRIORITY_FINISH, FINISH, stage);
    } else {
      this.#toEnter[stage] = this.flow.stages[stage]!.waves;
      this.#toLeave[stage] = this.flow.stages[stage]!.waves;
      this.startWave(stage);
    }
  }

  /** A wave enters the stage's chain now. */
  startWave(stage: number): void {
    this.simulator.schedule(this.stops.lead[stage]!, priorityOf(stage), ARRIVE, this.stops.first[stage]!);
  }

  /** Starts a service whose waves are not simulated, because an equal cycle was. */
  beginKnown(stage: number): void {
    this.#occupy(stage);
    this.countWaves(stage, this.flow.stages[stage]!.waves);
  }

  #occupy(stage: number): void {
    for (const buffer of this.flow.stages[stage]!.outputs) this.buffers.reserve(buffer, this.simulator.now);
    this.started[stage]!++;
    this.busy[stage] = 1;
    this.startedAt[stage] = this.simulator.now;
  }

  /**
   * A wave asks for unit `k` now; returns the tick at which the unit's next client of this stage may come. Its result
   * is there at `leavesAt`.
   */
  enter(k: number): number {
    const { now } = this.simulator;
    const interval = this.unitInterval[k]!;
    const start = this.servers.request(this.unitServer[k]!, now, interval);
    const result = start + this.unitLatency[k]!;
    this.leavesAt = this.exact ? result : this.#throughRun(k, result);
    const { local } = this.sums;
    if (this.#unitShared[k] === 1) {
      const own = this.#ownNext[k]!;
      local[this.#unitWait[k]!]! += start - (own > now ? own : now);
      this.#ownNext[k] = start + interval;
    }
    local[this.#firstWaves + k]!++;
    if (this.#observer !== null)
      this.#observer.service(this.unitServer[k]!, this.unitStage[k]!, start, start + interval, result);
    return start + interval;
  }

  /** A wave reaches the units between stop `k` and the next at tick `at`; returns the tick at which it leaves them. */
  #throughRun(k: number, at: number): number {
    const { runLatency, runInterval } = this.stops;
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
    const interval = this.stops.leadInterval[stage]!;
    return interval < 0 ? next : this.simulator.now + interval;
  }

  /** Event ARRIVE: a wave of the present service reaches unit `k`, a stop; its next step is scheduled. */
  arrive(k: number): void {
    const { queue } = this.simulator;
    const stage = this.unitStage[k]!;
    const priority = 1 + stage;
    const next = this.enter(k);
    const serial = this.#serial[stage] === 1;
    if (k === this.#firstStop[stage] && --this.#toEnter[stage]! > 0 && !serial)
      queue.push(this.exact ? next : this.#followsAt(stage, next), priority, ARRIVE, k);
    const stop = this.#nextStop[k]!;
    if (stop >= 0) queue.push(this.leavesAt, priority, ARRIVE, stop);
    else if (--this.#toLeave[stage]! === 0) queue.push(this.leavesAt, PRIORITY_FINISH, FINISH, stage);
    else if (serial) queue.push(this.leavesAt + this.stops.lead[stage]!, priority, ARRIVE, this.#firstStop[stage]!);
  }

  /** Ends the stage's service as of tick `at`. Its tokens move with `publish` and `release`. */
  end(stage: number, at = this.simulator.now): void {
    this.finished[stage]!++;
    this.busy[stage] = 0;
    this.sums.local[this.sums.services(stage)]!++;
    this.sums.local[this.sums.busy(stage)]! += at - this.startedAt[stage]!;
  }

  publish(stage: number): void {
    for (const buffer of this.flow.stages[stage]!.outputs) this.buffers.publish(buffer, this.simulator.now);
    this.#noteResult(stage);
  }

  /** Row granularity: the stage has served the whole image; its entries moved wave by wave. */
  endImage(stage: number): void {
    this.finished[stage]!++;
    this.sums.local[this.sums.services(stage)]!++;
    this.#noteResult(stage);
  }

  #noteResult(stage: number): void {
    if (stage === this.#firstResultStage) this.firstResult ??= this.time;
  }

  /** Frees the entries of the stage's inputs that all their readers have finished; `freed` hears of each. */
  release(stage: number, freed?: (buffer: number) => void): void {
    for (const buffer of this.flow.stages[stage]!.inputs) {
      let done = Infinity;
      for (const reader of this.readers[buffer]!) done = Math.min(done, this.finished[reader]!);
      while (this.#released[buffer]! < done) {
        this.#released[buffer]!++;
        this.buffers.release(buffer, this.simulator.now);
        freed?.(buffer);
      }
    }
  }

  /** Moves long sums and the clock into exact totals when they have grown; call it between events. */
  settleIfLong(shift: (ticks: number) => void): void {
    if (this.simulator.now < SETTLE_TICKS) return;
    this.settle();
    const ticks = this.simulator.rebase();
    this.base += BigInt(ticks);
    this.servers.shift(ticks);
    this.buffers.shift(ticks);
    for (let s = 0; s < this.startedAt.length; s++) this.startedAt[s]! -= ticks;
    for (const times of [this.#ownNext, this.#runFree])
      for (let k = 0; k < times.length; k++) times[k] = Math.max(0, times[k]! - ticks);
    this.#observer?.rebase?.(ticks);
    shift(ticks);
    this.#progress?.((this.#skipped + this.finished[this.#firstResultStage]!) / (this.#skipped + this.flow.images));
  }

  /** Brings buffer occupancies up to now and all sums into the exact totals. */
  settle(): void {
    this.buffers.settle(this.simulator.now);
    for (let b = 0; b < this.buffers.count; b++) {
      this.sums.local[this.sums.area(b)]! += this.buffers.area[b]!;
      this.buffers.area[b] = 0;
    }
    this.sums.flush();
  }

  /** The image that the first stage starts next, jumps included. */
  get image(): number {
    return this.#skipped + this.started[0]!;
  }

  /** Ticks since the start of the run. */
  get time(): bigint {
    return this.base + BigInt(this.simulator.now);
  }

  /** The image that the stage which is furthest ahead starts next; not counting what was jumped over. */
  furthestImage(): number {
    let furthest = 0;
    for (let s = 0; s < this.started.length; s++)
      if (this.flow.stages[s]!.serves === 'image') furthest = Math.max(furthest, this.started[s]!);
    return furthest;
  }

  /** Everything that decides the future, relative to now and to the images started: equal states, equal futures. */
  state(extra: readonly number[]): number[] {
    const { now, queue } = this.simulator;
    const image = this.started[0]!;
    const state = [...extra];
    for (let s = 0; s < this.started.length; s++) {
      if (this.flow.stages[s]!.serves === 'batch') continue;
      const busy = this.busy[s]!;
      state.push(this.started[s]! - image, this.finished[s]! - image, busy);
      if (busy === 1) state.push(this.startedAt[s]! - now, this.#toEnter[s]!, this.#toLeave[s]!);
    }
    for (let b = 0; b < this.buffers.count; b++) state.push(this.buffers.reserved[b]!, this.buffers.readable[b]!);
    for (const free of this.servers.freeAt) state.push(free > now ? free - now : 0);
    for (const next of this.#ownNext) state.push(next > now ? next - now : 0);
    for (const free of this.#runFree) state.push(free > now ? free - now : 0);
    for (const [time, , code, argument] of queue.pending()) state.push(time! - now, code!, argument!);
    return state;
  }

  /** Takes images off what is still to be simulated (a jump). */
  skip(images: number, periods: number): void {
    this.jumps.push({ atImage: this.image, images, periods });
    this.#skipped += images;
    this.flow.images -= images;
  }
}

/** Ticks of one service of a stage whose units nobody else uses. */
export function stageService(stage: Pick<FlowStage, 'waves' | 'serial'> & { units: readonly Unit[] }): number {
  return stage.serial ? stage.waves * chainService(stage.units, 1) : chainService(stage.units, stage.waves);
}

function neighbours(flow: Flow, readers: readonly number[][]): number[][] {
  const writers = mapped(flow.buffers, (_, b) =>
    flow.stages.flatMap((stage, s) => (stage.outputs.includes(b) ? [s] : [])),
  );
  return mapped(flow.stages, (stage, s) => {
    const near = new Set<number>([s]);
    for (const buffer of stage.outputs) for (const reader of readers[buffer]!) near.add(reader);
    for (const buffer of stage.inputs) for (const writer of writers[buffer]!) near.add(writer);
    return [...near].sort((a, b) => a - b);
  });
}
