// Contended waves between two ends of services, in WebAssembly (kernels/steps): simulated one by one until they repeat,
// then whole periods at once (docs/kernel.md).

import { InvariantError, compiled } from '../kernel/index.js';
import type { Chains } from './chains.js';
import type { EndQueue } from './end-queue.js';
import { FINISH, PRIORITY_FINISH } from './events.js';
import { STEPS } from './generated/steps.js';

/** What the module exports. Places are addresses of doubles in its memory. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly layout: (stages: number, stops: number, servers: number, comesOnce: number) => void;
  /** Where eight doubles are written for the four that follow (kernels/steps says what they are). */
  readonly record: () => number;
  readonly setStage: (s: number) => void;
  readonly setStop: (k: number) => void;
  readonly begin: (s: number) => void;
  readonly run: () => number;
  readonly expected: () => number;
  readonly nextArrival: () => number;
  readonly simulated: () => number;
  readonly foundEnds: () => number;
  readonly takeCounts: () => number;
  readonly toEnter: (s: number) => number;
  readonly toLeave: (s: number) => number;
  readonly lengths: () => number;
  readonly times: (now: number) => number;
  readonly queues: (now: number) => number;
  readonly rebase: (ticks: number) => void;
}
const NAMES = (
  'memory layout record setStage setStop begin run expected nextArrival simulated foundEnds takeCounts ' +
  'toEnter toLeave lengths times queues rebase'
).split(' ');
const hasExports = (exports: object): exports is Exports => NAMES.every((name) => name in exports);

/** Beyond this doubles would no longer be exact once a latency is added. */
const LAST_TICK = 2 ** 52;

/** Modules whose runs are over: the next run takes one, since a module of its own costs more than a short run. */
const SPARE: Exports[] = [];

function newExports(): Exports | undefined {
  const exports = compiled(STEPS);
  return exports !== undefined && hasExports(exports) ? exports : undefined;
}

/** Closed steps for the waves of these chains; undefined where the engine has no WebAssembly. */
export function closedSteps(chains: Chains, servers: number): ClosedSteps | undefined {
  const exports = typeof WebAssembly === 'undefined' ? undefined : (SPARE.pop() ?? newExports());
  return exports === undefined ? undefined : new ClosedSteps(exports, chains, servers);
}

/**
 * Waves at the stops of all chains. The earliest arrival of all (of equals, the first in order of stages and chains) is
 * taken, as the event queue would. Every arrival is noted in a log; where the log repeats, periods are added instead.
 */
export class ClosedSteps {
  readonly #exports: Exports;
  readonly #servers: number;
  /** Units that are stops, in order. */
  readonly #stops: readonly number[];
  /** The module's memory as doubles; of none where memory has grown since. */
  #doubles: Float64Array;
  /** The double that tells the module a tick. */
  readonly #told: number;

  constructor(exports: Exports, chains: Chains, servers: number) {
    const { unitStage, unitServer, firstStop, nextStop, previousStop } = chains;
    this.#exports = exports;
    this.#servers = servers;
    this.#stops = [...unitStage.keys()].filter((k) => previousStop[k]! >= 0 || firstStop[unitStage[k]!] === k);
    const place = new Map(this.#stops.map((k, i) => [k, i]));
    const places = new Set(this.#stops.map((k) => `${unitStage[k]!} ${unitServer[k]!}`));
    exports.layout(firstStop.length, this.#stops.length, servers, places.size === this.#stops.length ? 1 : 0);
    this.#doubles = new Float64Array(exports.memory.buffer);
    this.#told = exports.record() / 8;
    const { waves, serial, lead, leadInterval, latency, interval, runLatency, runInterval } = chains;
    firstStop.forEach((first, s) => {
      if (first < 0) return;
      this.#write([waves[s]!, serial[s]!, lead[s]!, leadInterval[s]!, place.get(first)!]);
      exports.setStage(s);
    });
    this.#stops.forEach((k, i) => {
      const own = [unitStage[k]!, unitServer[k]!, latency[k]!, interval[k]!];
      this.#write([...own, runLatency[k]!, runInterval[k]!, place.get(nextStop[k]!) ?? -1]);
      exports.setStop(i);
    });
  }

  /** Arrivals that were simulated one by one. */
  get steps(): number {
    return this.#exports.simulated();
  }

  /** A service begins: its first wave enters the chain at tick `now`. */
  begin(stage: number, now: number): void {
    this.#tell(now);
    this.#exports.begin(stage);
  }

  /**
   * Simulates all arrivals before the next end of a service: of those in `ends`, to which the ends are added that
   * become known.
   * @throws InvariantError for a wave beyond 2^52 ticks.
   */
  run(ends: EndQueue): void {
    const limit = ends.next;
    this.#tell(Math.min(limit, LAST_TICK + 1));
    const ended = this.#exports.run();
    if (ended > 0) {
      if (this.#doubles.length === 0) this.#doubles = new Float64Array(this.#exports.memory.buffer);
      const first = this.#exports.foundEnds() / 8;
      for (let i = first; i < first + 2 * ended; i += 2)
        ends.push(this.#doubles[i + 1]!, PRIORITY_FINISH, FINISH, this.#doubles[i]!);
    } else if (limit === Infinity && this.#exports.expected() > 0) {
      const at = this.#exports.nextArrival();
      throw new InvariantError(`a wave arrives at ${at}, expected at most ${LAST_TICK}`);
    }
  }

  /** The run is over: nothing here is asked for any more. */
  release(): void {
    SPARE.push(this.#exports);
  }

  /** Hands over what was counted since: waves that entered unit `k`, ticks that they waited. */
  settle(take: (k: number, entered: number, waited: bigint) => void): void {
    const counts = this.#read(this.#exports.takeCounts(), 2 * this.#stops.length);
    this.#stops.forEach((k, i) => {
      if (counts[2 * i] !== 0) take(k, counts[2 * i]!, BigInt(counts[2 * i + 1]!));
    });
  }

  /** The counters here that decide the future. `busy`: the stage is in a service. */
  counts(busy: (stage: number) => boolean, stages: number, counts: number[]): void {
    const exports = this.#exports;
    for (let s = 0; s < stages; s++) if (busy(s)) counts.push(exports.toEnter(s), exports.toLeave(s));
    for (const length of this.#read(exports.lengths(), this.#stops.length)) counts.push(length);
  }

  /** The times here that decide the future, relative to `now`. */
  times(now: number, times: number[]): void {
    const found = this.#exports.times(now);
    for (const time of this.#read(found, this.#servers + 3 * this.#stops.length)) times.push(time);
  }

  /** All arrivals that are known at stops behind the first, relative to `now`; there may be tens of thousands. */
  queues(now: number): Float64Array {
    const lengths = this.#read(this.#exports.lengths(), this.#stops.length);
    const count = lengths.reduce((sum, length) => sum + length, 0);
    return this.#read(this.#exports.queues(now), count).slice();
  }

  /** Follows a rebase of the clock to zero by `ticks`. */
  shift(ticks: number): void {
    this.#exports.rebase(ticks);
  }

  #write(record: readonly number[]): void {
    this.#read(this.#exports.record(), record.length).set(record);
  }

  /** Writes a tick for the module to read: as an argument it would be an object. */
  #tell(tick: number): void {
    if (this.#doubles.length === 0) this.#doubles = new Float64Array(this.#exports.memory.buffer);
    this.#doubles[this.#told] = tick;
  }

  /** Doubles in the module's memory, from an address on; they are there until the next call. */
  #read(address: number, count: number): Float64Array {
    if (this.#doubles.length === 0) this.#doubles = new Float64Array(this.#exports.memory.buffer);
    return this.#doubles.subarray(address / 8, address / 8 + count);
  }
}
