// The constants of a machine in the simulator's units: ticks (ps), joules, mm2, watts; faults name the missing key.

import type { Sourced } from '../config/index.js';
import { constant, less, plus, timeOf, times, type Count } from './count.js';
import { declarationOf, type ActionName, type ComponentName } from './components.js';
import type { InstanceScope } from './declare.js';
import type { Duration } from './quantities.js';
import type { ComponentParameters, ComponentsConfig, DeviceConfig } from './constant-trees.js';

const PICOSECOND = 1e-12;
/** Share of a cycle by which a time may pass an edge: what the binary fractions of both leave. */
const EDGE = 1e-9;
/** Share of a time that rounding to a tick may change. */
const MOST_ROUNDING = 0.01;

/** A write without `device.write.pulses`. */
const ONE_PULSE = times({ pulses: 1 });

const ONE_EACH = times({ each: 1 });

/** What constants are looked up in. */
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
  readonly #used = new Map<string, Sourced<number | Duration>>();
  readonly #times = new Map<string, Count>();
  readonly #energies = new Map<ComponentName, Map<ActionName, number>>();
  readonly #leakages = new Map<ComponentName, number>();
  readonly #components: ComponentsConfig;
  readonly #fail: ConstantsInput['fail'];

  constructor({ components, device, clock, fail }: ConstantsInput) {
    this.#components = components;
    this.device = device;
    this.cycleTicks = clock === undefined ? null : 1 / PICOSECOND / clock;
    this.#fail = fail;
    if (clock !== undefined && clock > 1 / PICOSECOND)
      fail(['chip', 'clock'], 'is faster than the tick of 1 ps, expected at most 1 THz');
    if (this.cycleTicks !== null) this.#whole(this.cycleTicks, ['chip', 'clock']);
  }

  /** Constants that were looked up, by their keys in order: when each was first asked for plays no part. */
  get used(): [key: string, constant: Sourced<number | Duration>][] {
    return [...this.#used].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Ticks of a time: on a clock edge where there is a clock, else whole. Faults are reported at `path`. */
  secondsToTicks(seconds: number, path: string[]): number {
    const exact = seconds / PICOSECOND;
    if (this.cycleTicks !== null) return Math.max(0, Math.ceil(exact / this.cycleTicks - EDGE)) * this.cycleTicks;
    return this.#whole(exact, path);
  }

  /** Ticks of a transfer: up to the next clock edge where there is a clock, else to the next tick. */
  transferTicks(seconds: number, path: string[]): number {
    return this.cycleTicks === null ? Math.ceil(seconds / PICOSECOND - EDGE) : this.secondsToTicks(seconds, path);
  }

  /** Whole ticks of a time, where they hold it to 1 %. */
  #whole(exact: number, path: string[]): number {
    const ticks = Math.round(exact);
    if (Math.abs(ticks - exact) > MOST_ROUNDING * exact)
      return this.#fail(path, `takes ${Number(exact.toPrecision(6))} ps, which ticks of 1 ps do not hold to 1 %`);
    return ticks;
  }

  /** Time of one read slot of the cells. */
  get readTime(): Count {
    return this.#time('device.read.latency', this.device.read.latency);
  }

  /** Time to write a row: the pulses of one cell after the other, each with its verifying reads. */
  get writeTime(): Count {
    const pulse = this.#time('device.write.latency', this.device.write.latency);
    const { verifyReads } = this;
    const verified =
      verifyReads === null ? pulse : plus({ pulse, verifying: times({ verifyReads, read: this.readTime }) });
    return times({ verified, pulses: this.pulses });
  }

  /** From start to result. */
  latency(component: ComponentName): Count {
    return this.#duration(component, 'latency');
  }

  /** From start to end of a write. */
  writeLatency(component: ComponentName): Count {
    return this.#duration(component, 'writeLatency');
  }

  /** Initiation interval; the latency where none is given, and never longer than it. */
  interval(component: ComponentName, latency: Count): Count {
    const given = this.parameters(component)?.interval;
    if (given === undefined) return latency;
    const interval = this.#time(`components.${component}.interval`, given);
    if (interval.value > latency.value)
      return this.#fail(['components', component, 'interval'], 'is longer than the latency');
    return interval;
  }

  /**
   * Time of `cycles` steps of a pipelined unit, an initiation interval apart, and of as many intervals; on a clock they
   * end on one of its edges, rounded once.
   */
  streamed(component: ComponentName, cycles: Count): { latency: Count; interval: Count } {
    const latency = this.latency(component);
    const between = this.interval(component, latency);
    const first = this.#exactTicks(component, 'latency', latency);
    const step = between === latency ? first : this.#exactTicks(component, 'interval', between);
    const ticks = (exact: number): number =>
      this.secondsToTicks(exact * PICOSECOND, ['components', component, 'latency']);
    const interval = timeOf(ticks(cycles.value * step.value), null, { cycles, cycle: step });
    if (step === first) return { latency: interval, interval };
    const further = times({ furtherCycles: less({ cycles, one: 1 }), cycle: step });
    return { latency: timeOf(ticks(first.value + further.value), null, { latency: first, further }), interval };
  }

  has(component: ComponentName, key: 'latency' | 'interval'): boolean {
    return this.parameters(component)?.[key] !== undefined;
  }

  /** Joules of one action. */
  energy(component: ComponentName, action: ActionName): number {
    let ofComponent = this.#energies.get(component);
    if (ofComponent === undefined) this.#energies.set(component, (ofComponent = new Map<ActionName, number>()));
    let energy = ofComponent.get(action);
    if (energy === undefined) ofComponent.set(action, (energy = this.#energyOf(component, action)));
    return energy;
  }

  #energyOf(component: ComponentName, action: ActionName): number {
    if (component === 'crossbar' && action === 'read') return this.#use('device.read.energy', this.device.read.energy);
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
      return this.#use('device.cellArea', this.device.cellArea) * cells;
    return this.#required(['components', component, 'area'], given, 'the area of one instance');
  }

  /** Watts of one instance that does nothing. */
  leakage(component: ComponentName): number {
    let leakage = this.#leakages.get(component);
    if (leakage === undefined) {
      const given = this.parameters(component)?.leakage;
      leakage = this.#required(['components', component, 'leakage'], given, 'the leakage of one instance');
      this.#leakages.set(component, leakage);
    }
    return leakage;
  }

  /** Watts of one instance that never rests; undefined where no table gives it. */
  power(component: ComponentName): number | undefined {
    const given = this.parameters(component)?.power;
    return given === undefined ? undefined : this.#use(`components.${component}.power`, given);
  }

  /** What one instance serves, and how many there are for each. */
  instances(component: ComponentName): { per: InstanceScope; count: Count } {
    const given = this.parameters(component)?.instances;
    const key = `components.${component}.instances.count`;
    const count = given?.count === undefined ? ONE_EACH : this.#constant(key, given.count);
    return { per: given?.per ?? declarationOf(component).scope, count };
  }

  parameters(component: ComponentName): ComponentParameters | undefined {
    return this.#components[component];
  }

  #duration(component: ComponentName, key: 'latency' | 'writeLatency'): Count {
    const given = this.parameters(component)?.[key];
    if (given === undefined)
      return this.#fail(['components', component, key], 'this key is missing, expected a time or a number of cycles');
    return this.#time(`components.${component}.${key}`, given);
  }

  /**
   * A duration in ticks. With a clock they are whole cycles, seconds rounded up to the next edge, and exact fractions:
   * `settle` rounds them at the end of each step of a chain.
   */
  #time(key: string, given: Sourced<Duration>): Count {
    let time = this.#times.get(key);
    if (time === undefined) {
      time = timeOf(this.#ticks(this.#use(key, given), key), key);
      this.#times.set(key, time);
    }
    return time;
  }

  /** A duration in ticks, off the edges of the clock. @param rounded the same on its edges */
  #exactTicks(component: ComponentName, key: 'latency' | 'interval', rounded: Count): Count {
    const given = this.parameters(component)?.[key]?.value;
    if (given === undefined || 'cycles' in given) return rounded;
    return timeOf(given.seconds / PICOSECOND, `components.${component}.${key}`);
  }

  #ticks(duration: Duration, key: string): number {
    if (!('cycles' in duration)) return this.secondsToTicks(duration.seconds, key.split('.'));
    if (this.cycleTicks === null) return this.#fail(key.split('.'), 'is in cycles, but chip.clock is not set');
    return duration.cycles * this.cycleTicks;
  }

  /** Pulses of one cell write: given, or sweeps x pulses of a sweep. */
  get pulses(): Count {
    const { pulses, sweep } = this.device.write;
    if (sweep === undefined) return pulses === undefined ? ONE_PULSE : this.#constant('device.write.pulses', pulses);
    if (pulses !== undefined)
      return this.#fail(
        ['device', 'write', 'pulses'],
        'stands beside a sweep, which gives the pulses; expected one of the two',
      );
    return times({
      sweeps: this.#use('device.write.sweep.cycles', sweep.cycles),
      pulsesPerSweep: this.#use('device.write.sweep.pulsesPerCycle', sweep.pulsesPerCycle),
    });
  }

  /** Writes that a cell survives; undefined without a rating. */
  get endurance(): number | undefined {
    const { endurance } = this.device;
    return endurance === undefined ? undefined : this.#use('device.endurance', endurance);
  }

  /** Reads after each pulse of a write; null without write-verify. */
  get verifyReads(): number | null {
    const { verifyReads } = this.device.write;
    return verifyReads === undefined ? null : this.#use('device.write.verifyReads', verifyReads);
  }

  /**
   * Pulses of a cell, each with its verifying reads; a read energy that covers more than a cell counts in full, since
   * one cell alone is read.
   */
  #writeEnergy(): number {
    const pulse = this.#use('device.write.energy', this.device.write.energy);
    const verify = this.verifyReads;
    return (pulse + (verify === null ? 0 : verify * this.energy('crossbar', 'read'))) * this.pulses.value;
  }

  #constant(key: string, given: Sourced<number>): Count {
    return constant(key, this.#use(key, given));
  }

  #required<T extends number | Duration>(path: string[], given: Sourced<T> | undefined, expected: string): T {
    return given === undefined
      ? this.#fail(path, `this key is missing, expected ${expected}`)
      : this.#use(path.join('.'), given);
  }

  #use<T extends number | Duration>(key: string, constant: Sourced<T>): T {
    this.#used.set(key, constant);
    return constant.value;
  }
}
