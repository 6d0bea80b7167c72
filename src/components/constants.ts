// The constants of a machine in the simulator's units: ticks (ps), joules, mm2, watts; faults name the missing key.

import type { Sourced } from '../config/index.js';
import { COMPONENTS, type ComponentName } from './components.js';
import type { InstanceScope } from './declare.js';
import type { Duration } from './quantities.js';
import type { ComponentParameters, ComponentsConfig, DeviceConfig } from './schema.js';

const PICOSECOND = 1e-12;
/** Share of a cycle by which a time may pass an edge: what the binary fractions of both leave. */
const EDGE = 1e-9;
/** Share of a time that rounding to a tick may change. */
const MOST_ROUNDING = 0.01;

export interface ConstantsInput {
  components: ComponentsConfig;
  device: DeviceConfig;
  /** Hz; undefined when nothing is clocked. */
  clock: number | undefined;
  /** Reports a fault of the config at a key. */
  fail: (path: string[], message: string) => never;
}

/** Looks constants up; energies of crossbar reads and writes, and times of the cells, are the device's. */
export class Constants {
  readonly device: DeviceConfig;
  /** Ticks of a clock cycle, exact (a cycle of 3 GHz is 333 1/3 ticks); null without a clock. */
  readonly cycleTicks: number | null;
  /** Keys of the constants that were looked up, with what stands behind them. */
  readonly used = new Map<string, Sourced<unknown>>();
  /** The same constants by themselves; each stands at one key. */
  readonly #seen = new Set<Sourced<unknown>>();
  readonly #components: ComponentsConfig;
  readonly #fail: ConstantsInput['fail'];

  constructor({ components, device, clock, fail }: ConstantsInput) {
    this.#components = components;
    this.device = device;
    this.cycleTicks = clock === undefined ? null : 1 / PICOSECOND / clock;
    this.#fail = fail;
    if (clock !== undefined && clock > 1 / PICOSECOND)
      fail(['chip', 'clock'], 'is faster than the tick of 1 ps, expected at most 1 THz');
  }

  /**
   * Ticks of a duration. With a clock they are whole cycles, seconds rounded up to the next edge, and exact fractions:
   * `settle` rounds them at the end of each step of a chain.
   */
  ticks(duration: Duration, path: string[]): number {
    if ('cycles' in duration) {
      if (this.cycleTicks === null) return this.#fail(path, 'is in cycles, but chip.clock is not set');
      return duration.cycles * this.cycleTicks;
    }
    return this.secondsToTicks(duration.seconds, path);
  }

  /** Ticks of a time: on a clock edge where there is a clock, else whole. Faults are reported at `path`. */
  secondsToTicks(seconds: number, path: string[]): number {
    const exact = seconds / PICOSECOND;
    if (this.cycleTicks !== null) return Math.ceil(exact / this.cycleTicks - EDGE) * this.cycleTicks;
    const ticks = Math.round(exact);
    if (Math.abs(ticks - exact) > MOST_ROUNDING * exact)
      return this.#fail(path, `takes ${Number(exact.toPrecision(6))} ps, which ticks of 1 ps do not hold to 1 %`);
    return ticks;
  }

  /** Ticks of one read slot of the cells. */
  get readTicks(): number {
    return this.ticks(this.#use(['device', 'read', 'latency'], this.device.read.latency), [
      'device',
      'read',
      'latency',
    ]);
  }

  /** Ticks to write a row: the pulses of one cell after the other, each with its verifying reads. */
  get writeTicks(): number {
    const pulse = this.ticks(this.#use(['device', 'write', 'latency'], this.device.write.latency), [
      'device',
      'write',
      'latency',
    ]);
    const verify = this.#verifyReads;
    return (pulse + (verify === 0 ? 0 : verify * this.readTicks)) * this.pulses;
  }

  latency(component: ComponentName): number {
    return this.#duration(component, 'latency');
  }

  writeLatency(component: ComponentName): number {
    return this.#duration(component, 'writeLatency');
  }

  /** Initiation interval; the latency where none is given, and never longer than it. */
  interval(component: ComponentName, latency: number): number {
    const given = this.parameters(component)?.interval;
    if (given === undefined) return latency;
    const path = ['components', component, 'interval'];
    const ticks = this.ticks(this.#use(path, given), path);
    if (ticks > latency) return this.#fail(path, 'is longer than the latency');
    return ticks;
  }

  has(component: ComponentName, key: 'latency' | 'interval'): boolean {
    return this.parameters(component)?.[key] !== undefined;
  }

  /** Joules of one action. */
  energy(component: ComponentName, action: string): number {
    if (component === 'crossbar' && action === 'read')
      return this.#use(['device', 'read', 'energy'], this.device.read.energy);
    if (component === 'crossbar' && action === 'write') return this.#writeEnergy();
    return this.#required(
      ['components', component, 'energy', action],
      this.parameters(component)?.energy?.[action],
      'an energy per action',
    );
  }

  /** mm2 of one instance; a crossbar's follows from the area of its cells where it is not given. */
  area(component: ComponentName, cells: number): number {
    const given = this.parameters(component)?.area;
    if (component === 'crossbar' && given === undefined && this.device.cellArea !== undefined)
      return this.#use(['device', 'cellArea'], this.device.cellArea) * cells;
    return this.#required(['components', component, 'area'], given, 'the area of one instance');
  }

  /** Watts of one instance that does nothing. */
  leakage(component: ComponentName): number {
    return this.#required(
      ['components', component, 'leakage'],
      this.parameters(component)?.leakage,
      'the leakage of one instance',
    );
  }

  /** Watts of one instance that never rests; undefined where no table gives it. */
  power(component: ComponentName): number | undefined {
    const given = this.parameters(component)?.power;
    return given === undefined ? undefined : this.#use(['components', component, 'power'], given);
  }

  /** What one instance serves, and how many there are for each. */
  instances(component: ComponentName): { per: InstanceScope; count: number } {
    const given = this.parameters(component)?.instances;
    const count =
      given?.count === undefined ? 1 : this.#use(['components', component, 'instances', 'count'], given.count);
    return { per: given?.per ?? COMPONENTS[component].scope, count };
  }

  parameters(component: ComponentName): ComponentParameters | undefined {
    return this.#components[component];
  }

  #duration(component: ComponentName, key: 'latency' | 'writeLatency'): number {
    const path = ['components', component, key];
    return this.ticks(this.#required(path, this.parameters(component)?.[key], 'a time or a number of cycles'), path);
  }

  /** Pulses of one cell write: given, or sweeps x pulses of a sweep. */
  get pulses(): number {
    const { pulses, sweep } = this.device.write;
    if (sweep !== undefined) {
      if (pulses !== undefined)
        return this.#fail(
          ['device', 'write', 'pulses'],
          'stands beside a sweep, which gives the pulses; expected one of the two',
        );
      return (
        this.#use(['device', 'write', 'sweep', 'cycles'], sweep.cycles) *
        this.#use(['device', 'write', 'sweep', 'pulsesPerCycle'], sweep.pulsesPerCycle)
      );
    }
    return pulses === undefined ? 1 : this.#use(['device', 'write', 'pulses'], pulses);
  }

  /** Writes that a cell survives; undefined without a rating. */
  get endurance(): number | undefined {
    const { endurance } = this.device;
    return endurance === undefined ? undefined : this.#use(['device', 'endurance'], endurance);
  }

  get #verifyReads(): number {
    const { verifyReads } = this.device.write;
    return verifyReads === undefined ? 0 : this.#use(['device', 'write', 'verifyReads'], verifyReads);
  }

  /**
   * Pulses of a cell, each with its verifying reads; a read energy that covers more than a cell counts in full, since
   * one cell alone is read.
   */
  #writeEnergy(): number {
    const pulse = this.#use(['device', 'write', 'energy'], this.device.write.energy);
    const verify = this.#verifyReads;
    return (pulse + (verify === 0 ? 0 : verify * this.energy('crossbar', 'read'))) * this.pulses;
  }

  #required<T>(path: string[], given: Sourced<T> | undefined, expected: string): T {
    return given === undefined ? this.#fail(path, `this key is missing, expected ${expected}`) : this.#use(path, given);
  }

  #use<T>(path: string[], constant: Sourced<T>): T {
    if (!this.#seen.has(constant)) {
      this.#seen.add(constant);
      this.used.set(path.join('.'), constant);
    }
    return constant.value;
  }
}
