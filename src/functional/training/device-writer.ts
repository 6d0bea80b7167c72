// Updates of weights written as pulses into devices: one device a weight, or a pair whose difference is the weight.

import type { Numbers, Values } from '../operators/values.js';
import { lazyStreamOf, normalOf, streamOf, type Stream } from '../streams.js';
import { PulsedArray, type UpdateDevice } from './device-update.js';
import type { WeightWriter } from './trainer.js';

/** How weights stand on devices. */
export interface DeviceWriterOptions {
  readonly device: UpdateDevice;
  /** `single`: the middle of the range is 0; `pair`: two devices, their difference is the weight. */
  readonly scheme: 'single' | 'pair';
  /** Pulses of a change: the nearest whole number, or up or down by chance so that the mean is right. */
  readonly rounding: 'nearest' | 'stochastic';
  /**
   * Changes add up in digital memory and a pulse is given for each whole step (hidden weights); else what is less than
   * half a step is lost.
   */
  readonly hidden: boolean;
  /** Pulses go on until the weight is within half a step of where it should be, this many at most; 0: no verifying. */
  readonly verify: number;
  /** Pulses after which a device moves no more. */
  readonly endurance: number;
  /** Largest weight, in units of the largest starting weight of its array. */
  readonly headroom: number;
  readonly seed: number;
  /** Arrays that stand on devices (others are digital: biases). */
  readonly onDevices: (key: string, values: Values) => boolean;
}

/** Devices of one array of weights. */
interface Written {
  /** Devices that raise the weight, and with pairs those that lower it. */
  up: PulsedArray;
  down: PulsedArray | null;
  /** Largest weight. */
  most: number;
  /** Changes not given yet (hidden weights). */
  pending: Float64Array;
  /** The weights that the network has are not yet those of the devices. */
  stale: boolean;
}

/** What a device's writes add up to over all arrays. */
export interface WriteStatistics {
  /** Devices; pulses in all; most of any device; devices that move no more. */
  devices: number;
  pulses: number;
  mostPulses: number;
  dead: number;
}

/**
 * Writes changes of weights through devices. The weights that the network computes with are what the devices hold.
 */
export class DeviceWriter implements WeightWriter {
  readonly #options: DeviceWriterOptions;
  readonly #arrays = new Map<string, Written>();
  #writes = 0;

  constructor(options: DeviceWriterOptions) {
    this.#options = options;
  }

  prepare(key: string, values: Values): void {
    if (!this.#options.onDevices(key, values)) return;
    const { device, endurance, headroom, seed, scheme } = this.#options;
    const { data } = values;
    let largest = 0;
    for (const weight of data) largest = Math.max(largest, Math.abs(weight));
    const most = largest === 0 ? 1 : largest * headroom;
    const normal = normalOf(streamOf(seed, `devices ${key}`));
    const made = (): PulsedArray => new PulsedArray(device, data.length, endurance, normal);
    const written: Written = {
      up: made(),
      down: scheme === 'pair' ? made() : null,
      most,
      pending: new Float64Array(data.length),
      stale: false,
    };
    // The first weights are programmed with care: each stands where its conductance says.
    for (let i = 0; i < data.length; i++) this.#place(written, i, data[i]!);
    this.#arrays.set(key, written);
    this.#read(written, data);
  }

  write(key: string, { data }: Values, change: Numbers): void {
    const written = this.#arrays.get(key);
    if (written === undefined) {
      for (let i = 0; i < data.length; i++) data[i]! += change[i]!;
      return;
    }
    const draw = lazyStreamOf(this.#options.seed, `update ${this.#writes++} ${key}`);
    const normal = normalOf(draw);
    const step = this.#stepOf(written);
    const { hidden, rounding, verify } = this.#options;
    // Most changes are far below half a step, and lost.
    const lost = hidden ? 0 : rounding === 'stochastic' ? -1 : 0.499 * step;
    for (let i = 0; i < data.length; i++) {
      const wanted = hidden ? change[i]! + written.pending[i]! : change[i]!;
      if (wanted <= lost && wanted >= -lost) continue;
      const pulses = this.#pulses(wanted / step, draw);
      if (hidden) written.pending[i] = wanted - pulses * step;
      if (pulses === 0) continue;
      this.#pulse(written, i, pulses, normal);
      if (verify > 0) this.#verify(written, i, { target: data[i]! + pulses * step, step }, normal);
      data[i] = this.#weight(written, i);
    }
    if (written.stale) this.#read(written, data);
    written.stale = false;
  }

  /** Largest weight that an array's devices hold; undefined: it is not on devices. */
  largestOf(key: string): number | undefined {
    return this.#arrays.get(key)?.most;
  }

  /** What all devices took so far. */
  statistics(): WriteStatistics {
    const total: WriteStatistics = { devices: 0, pulses: 0, mostPulses: 0, dead: 0 };
    for (const { up, down } of this.#arrays.values())
      for (const { writes } of down === null ? [up] : [up, down]) {
        total.devices += writes.length;
        for (const count of writes) {
          total.pulses += count;
          total.mostPulses = Math.max(total.mostPulses, count);
          if (count >= this.#options.endurance) total.dead++;
        }
      }
    return total;
  }

  /** State of every device, for a checkpoint. */
  state(): Map<string, Float64Array> {
    const all = new Map<string, Float64Array>([['writes done', Float64Array.of(this.#writes)]]);
    for (const [key, { up, down, pending }] of this.#arrays) {
      all.set(`${key}.pending`, pending);
      for (const [side, array] of [['up', up] as const, ...(down === null ? [] : [['down', down] as const])]) {
        all.set(`${key}.${side}.conductances`, array.conductances);
        all.set(`${key}.${side}.writes`, array.writes);
      }
    }
    return all;
  }

  /** Takes a checkpoint's state up: arrays are prepared before. */
  restore(state: ReadonlyMap<string, Numbers>): void {
    for (const [key, array] of this.state()) {
      const from = state.get(key);
      if (from !== undefined) array.set(from);
    }
    for (const written of this.#arrays.values()) written.stale = true;
    this.#writes = state.get('writes done')?.[0] ?? 0;
  }

  /** Weight of one pulse on a straight line. */
  #stepOf({ most }: Written): number {
    const { device, scheme } = this.#options;
    return (scheme === 'pair' ? most : 2 * most) / device.pulses;
  }

  #pulses(steps: number, draw: Stream): number {
    if (this.#options.hidden) return Math.trunc(steps);
    if (this.#options.rounding === 'nearest') return Math.sign(steps) * Math.round(Math.abs(steps));
    const whole = Math.floor(steps);
    return whole + (draw() < steps - whole ? 1 : 0);
  }

  /** A change of n pulses: with pairs one side rises for more, the other for less. */
  #pulse({ up, down }: Written, index: number, pulses: number, normal: Stream): void {
    if (down === null || pulses > 0) up.pulse(index, pulses, normal);
    else down.pulse(index, -pulses, normal);
    if (down !== null) this.#refresh(up, down, index, normal);
  }

  /** A pair of which one side is full is brought back: both give way by what the smaller holds. */
  #refresh(up: PulsedArray, down: PulsedArray, index: number, normal: Stream): void {
    const { min, max, pulses } = this.#options.device;
    const [a, b] = [up.conductances[index]!, down.conductances[index]!];
    const full = max - (max - min) / pulses;
    if (a < full && b < full) return;
    const back = Math.round(((Math.min(a, b) - min) / (max - min)) * pulses);
    if (back === 0) return;
    up.pulse(index, -back, normal);
    down.pulse(index, -back, normal);
  }

  #verify(
    written: Written,
    index: number,
    { target, step }: { readonly target: number; readonly step: number },
    normal: Stream,
  ): void {
    const goal = Math.min(written.most, Math.max(-written.most, target));
    for (let tries = 0; tries < this.#options.verify; tries++) {
      const off = goal - this.#weight(written, index);
      if (Math.abs(off) <= step / 2) return;
      this.#pulse(written, index, Math.sign(off), normal);
    }
  }

  #place({ up, down, most }: Written, index: number, weight: number): void {
    const { min, max } = this.#options.device;
    const share = Math.min(1, Math.max(-1, weight / most));
    if (down === null) up.conductances[index] = min + ((share + 1) / 2) * (max - min);
    else {
      up.conductances[index] = min + Math.max(0, share) * (max - min);
      down.conductances[index] = min + Math.max(0, -share) * (max - min);
    }
  }

  #weight({ up, down, most }: Written, index: number): number {
    const { min, max } = this.#options.device;
    const range = max - min;
    if (down === null) return ((2 * (up.conductances[index]! - min)) / range - 1) * most;
    return ((up.conductances[index]! - down.conductances[index]!) / range) * most;
  }

  #read(written: Written, data: Numbers): void {
    for (let i = 0; i < data.length; i++) data[i] = this.#weight(written, i);
  }
}
