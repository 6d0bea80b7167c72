// What the rules of the verdict ask of a result: the busiest stage, its slowest unit, what is assumed.

import { formatQuantity } from '../config/index.js';
import type { LaterLists, PlainLists } from './result-lists.js';
import type { Result } from './result-types.js';
import { settingAt } from './settings.js';

/** A result that nobody has judged yet, its lists as plain as they come. */
export type Judged = Omit<Result, 'verdict' | 'notes' | keyof LaterLists> & PlainLists;
/** A stage of a result. */
export type Stage = Judged['stages'][number];
/** A unit of a stage of a result. */
export type Unit = Stage['units'][number];

/** What sets the pace of the steady state: a stage (or several alike), or a unit that stages share. */
export interface Pace {
  /** Seconds of the run in which it works. */
  busyS: number;
  /** The stages that tie, or those that share the unit; the busiest first. */
  stages: Stage[];
  shared: boolean;
  /** The unit whose initiation interval is the longest of the chain. */
  unit: Unit;
}

/** Facts of a result that several rules need. */
export interface Facts {
  result: Judged;
  pace: Pace;
  /** The busiest stage of those that do not tie; null where there is none. */
  runnerUp: Stage | null;
  /** Seconds in which the weights (or the perturbation) are updated, between batches. */
  updateS: number;
  /** Seconds that are neither: filling, draining, waiting. */
  lostS: number;
}

/** Busy times within this share of the largest tie. */
const TIE = 0.01;
/** Times within this share of each other are called equal. */
export const EQUAL = 0.01;
/** Stages that run between batches, when the pipeline is empty. */
const BETWEEN = new Set(['U', 'X']);

/**
 * Seconds that a stage works, without its waits for shared units; waits of several waves at once may exceed its time.
 */
export const ownBusyS = ({ busyS, stallsS }: Stage): number => Math.max(0, busyS - stallsS.unit);

/** The unit that holds a stage's waves up most. */
export function slowestUnit({ units, serial }: Stage): Unit {
  const hold = ({ latencyS, intervalS }: Unit): number => (serial ? latencyS : intervalS);
  return units.reduce((most, unit) => (hold(unit) > hold(most) ? unit : most));
}

/** Units that several stages use, where the result tells which: a layer's arrays, the units of a digital design. */
function sharedPaces(stages: readonly Stage[]): Pace[] {
  const groups = new Map<string, Pace>();
  for (const stage of stages)
    for (const unit of stage.units) {
      if (!unit.shared) continue;
      const key = unit.component === 'crossbar' ? `crossbar of ${stage.layer}` : unit.component;
      const group = groups.get(key) ?? { busyS: 0, stages: [], shared: true, unit };
      groups.set(key, group);
      group.busyS += stage.starts * stage.waves * unit.intervalS;
      if (!group.stages.includes(stage)) group.stages.push(stage);
      if (unit.intervalS > group.unit.intervalS) group.unit = unit;
    }
  for (const { stages: users } of groups.values()) users.sort((a, b) => b.busyS - a.busyS);
  return [...groups.values()];
}

/** @param result of a run, with its stages. */
export function factsOf(result: Judged): Facts {
  const { totalS } = result.time;
  const pipelined = result.stages.filter(({ pass }) => !BETWEEN.has(pass));
  const busiest = Math.max(...pipelined.map(ownBusyS));
  const tied = pipelined.filter((stage) => ownBusyS(stage) >= (1 - TIE) * busiest);
  tied.sort((a, b) => ownBusyS(b) - ownBusyS(a) || (b.setsS ?? 0) - (a.setsS ?? 0));
  // A sum over users of different servers would exceed the run; it is no bound then.
  const shared = sharedPaces(pipelined).filter(({ busyS }) => busyS > busiest && busyS <= totalS * (1 + 1e-9));
  const pace = shared.reduce<Pace>((most, group) => (group.busyS > most.busyS ? group : most), {
    busyS: busiest,
    stages: tied,
    shared: false,
    unit: slowestUnit(tied[0]!),
  });
  const others = pipelined.filter((stage) => !pace.stages.includes(stage));
  const updateS = result.stages.filter(({ pass }) => BETWEEN.has(pass)).reduce((sum, { busyS }) => sum + busyS, 0);
  return {
    result,
    pace,
    runnerUp: others.reduce<Stage | null>((most, s) => (most && ownBusyS(most) >= ownBusyS(s) ? most : s), null),
    updateS,
    lostS: Math.max(0, totalS - pace.busyS - updateS),
  };
}

/** A knob of the run; undefined where it is not set. */
export const knob = (result: Judged, key: string): unknown => settingAt(result.config, key);

/** A knob that is a number; undefined where it is not. */
export function numberAt(result: Judged, key: string): number | undefined {
  const value = knob(result, key);
  return typeof value === 'number' ? value : undefined;
}

/** Seconds of a read of the cells; undefined where the device gives none. */
export function readS(result: Judged): number | undefined {
  const value = result.constants.find(({ key }) => key === 'device.read.latency')?.value;
  const clock = numberAt(result, 'chip.clock');
  if (typeof value !== 'object') return numberAt(result, 'device.read.latency.value.seconds');
  return 'seconds' in value ? value.seconds : clock === undefined ? undefined : value.cycles / clock;
}

/** Seconds in which a converter works through the lines that share it; 0 where none is clocked. */
export function conversionsS(result: Judged): number {
  const rate = numberAt(result, 'sensing.rate');
  return rate === undefined ? 0 : (numberAt(result, 'sensing.columnsPerConverter') ?? 1) / rate;
}

/** True where a constant of the config is marked as an assumption. */
export function isAssumed(result: Judged, key: string): boolean {
  const listed = result.constants.find((constant) => constant.key === key);
  return listed?.placeholder ?? knob(result, `${key}.placeholder`) === true;
}

/** A share as people read it: `88 %`, `3.1 %`, `under 0.1 %`; `99.9 %` is not rounded up to all. */
export function shareText(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.1) return 'under 0.1 %';
  if (percent > 99 && percent < 100) return `${Math.min(99.9, Math.round(percent * 10) / 10)} %`;
  return `${Number(percent.toPrecision(2))} %`;
}

/** `G6 (conv4_2)`. */
export const stageText = ({ name, pass, layer }: Stage): string => (name === pass ? name : `${name} (${layer})`);

/** A time in engineering notation. */
export const timeText = (seconds: number): string => formatQuantity(Number(seconds.toPrecision(4)), 'time');
