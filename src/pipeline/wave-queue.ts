// Waves in WebAssembly (kernels/events): a queue that serves the arrivals of waves at units itself and hands
// out all other events, for runs of which every event is simulated and none is watched.

import { InvariantError, compiled, type Queue } from '../kernel/index.js';
import type { Chains } from './chains.js';
import { WAVES } from './generated/waves.js';
import type { WaveColumns } from './wave-columns.js';

/** What the module exports; places are addresses in its memory. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Lays out the columns and room for `most` events; negative where there is not enough memory. */
  readonly layout: (stages: number, units: number, servers: number, most: number) => number;
  readonly column: (which: number) => number;
  readonly push: (time: number, priority: number, code: number, argument: number) => void;
  readonly pop: () => number;
  readonly next: () => number;
  readonly size: () => number;
  readonly rewind: (time: number) => void;
}
const NAMES = ['memory', 'layout', 'column', 'push', 'pop', 'next', 'size', 'rewind'];
const hasExports = (exports: object): exports is Exports => NAMES.every((name) => name in exports);

/** The module's columns, in its order. */
const COLUMN = {
  freeAt: 0,
  latency: 1,
  interval: 2,
  ownNext: 3,
  waited: 4,
  entered: 5,
  unitServer: 6,
  unitStage: 7,
  nextStop: 8,
  kind: 9,
  toEnter: 10,
  toLeave: 11,
  firstStop: 12,
} as const;

/** What `kind` says of a unit, by bits: stages share its server, it is its chain's first, waves come one by one. */
const KIND = { shared: 1, first: 2, serial: 4 } as const;

/** States that `pop` and `next` return. */
const TAKEN = 1;
const PAUSED = 2;
const BEYOND = 3;

/** Events that memory is laid out for at most, of 24 bytes each; what no event needs is never touched. */
const MOST_EVENTS = 2 ** 24;

/**
 * A queue for the waves of these chains, all of whose units are stops; undefined where the engine has no WebAssembly or
 * there are more waves than it has room for.
 */
export function waveQueue(chains: Chains, servers: number, pulse: () => void): WaveQueue | undefined {
  // Of each stage the waves of one service, and the one that enters next or the end of the service.
  const events = chains.waves.reduce((sum, waves) => sum + waves + 1, 0);
  if (events > MOST_EVENTS) return undefined;
  const exports = compiled(WAVES);
  if (exports === undefined || !hasExports(exports)) return undefined;
  const { firstUnit, unitStage } = chains;
  if (exports.layout(firstUnit.length, unitStage.length, servers, events) < 0) return undefined;
  return new WaveQueue(exports, chains, servers, pulse);
}

/** The queue; `EventQueue` says what of. */
export class WaveQueue implements Queue {
  time = 0;
  code = 0;
  argument = 0;
  /** Columns in the module's memory. */
  readonly columns: WaveColumns;
  readonly #exports: Exports;
  readonly #pulse: () => void;
  /** Of the event that was taken last: tick; priority, code, argument. Then the arrivals served so far. */
  readonly #times: Float64Array;
  readonly #fields: Int32Array;

  /** @param pulse called every 2^20 events. */
  constructor(exports: Exports, chains: Chains, servers: number, pulse: () => void) {
    const { buffer } = exports.memory;
    const { unitStage, firstStop, serial, shared } = chains;
    const [units, stages] = [unitStage.length, firstStop.length];
    const doubles = (name: keyof typeof COLUMN, length: number): Float64Array =>
      new Float64Array(buffer, exports.column(COLUMN[name]), length);
    const integers = (name: keyof typeof COLUMN, length: number): Int32Array =>
      new Int32Array(buffer, exports.column(COLUMN[name]), length);
    for (const name of ['latency', 'interval'] as const) doubles(name, units).set(chains[name]);
    for (const name of ['unitServer', 'unitStage', 'nextStop'] as const) integers(name, units).set(chains[name]);
    integers('firstStop', stages).set(firstStop);
    integers('kind', units).set(
      unitStage.map(
        (stage, k) =>
          (shared[k] === 1 ? KIND.shared : 0) |
          (firstStop[stage] === k ? KIND.first : 0) |
          (serial[stage] === 1 ? KIND.serial : 0),
      ),
    );
    this.columns = {
      freeAt: doubles('freeAt', servers),
      ownNext: doubles('ownNext', units),
      waited: doubles('waited', units),
      entered: doubles('entered', units),
      toEnter: integers('toEnter', stages),
      toLeave: integers('toLeave', stages),
    };
    this.#exports = exports;
    this.#pulse = pulse;
    this.#times = new Float64Array(buffer, 0, 4);
    this.#fields = new Int32Array(buffer, 8, 3);
  }

  get size(): number {
    return this.#exports.size();
  }

  get served(): number {
    return this.#times[3]!;
  }

  push(time: number, priority: number, code: number, argument: number): void {
    this.#exports.push(time, priority, code, argument);
  }

  /** @throws InvariantError for a wave that would leave a unit beyond 2^52 ticks. */
  pop(): boolean {
    for (;;) {
      const state = this.#exports.next();
      if (state === BEYOND) throw new InvariantError('a wave would leave a unit beyond 2^52 ticks');
      if (state !== PAUSED) {
        this.#show();
        return state === TAKEN;
      }
      this.#pulse();
    }
  }

  shift(ticks: number): void {
    const events = this.#drain();
    this.time = Math.max(0, this.time - ticks);
    this.#exports.rewind(this.time);
    for (const [time, ...event] of events) this.#put([time! - ticks, ...event]);
  }

  clear(): void {
    while (this.#exports.pop() === TAKEN);
    this.#exports.rewind(this.time);
  }

  pending(): number[][] {
    const events = this.#drain();
    this.#exports.rewind(this.time);
    for (const event of events) this.#put(event);
    return events;
  }

  #put([time, priority, code, argument]: readonly number[]): void {
    this.#exports.push(time!, priority!, code!, argument!);
  }

  /** Takes all events, in their order. */
  #drain(): number[][] {
    const events: number[][] = [];
    while (this.#exports.pop() === TAKEN) events.push([this.#times[0]!, ...this.#fields]);
    return events;
  }

  #show(): void {
    this.time = this.#times[0]!;
    this.code = this.#fields[1]!;
    this.argument = this.#fields[2]!;
  }
}
